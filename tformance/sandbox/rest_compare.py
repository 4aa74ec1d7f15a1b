"""REST: what one commit has that another has not, and a repository's releases."""

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.github import WEB
from tformance.sandbox.history import history
from tformance.sandbox.reply import Asked, Reply, listed, missing, paged
from tformance.sandbox.rest_shapes import API, Shape, account, commit, number_of

_UNPAGED = 250  # commits of an answer when no page was asked for


def get(data: Dataset, asked: Asked) -> Reply | None:
    match asked.pieces:
        case ["repos", owner, name, "compare", *names]:
            home = data.named(f"{owner}/{name}")
            base, dots, head = "/".join(names).partition("...")
            return _comparison(data, home, base, head, asked) if home and dots else missing()
        case ["repos", owner, name, "releases"]:
            return _releases(data, data.named(f"{owner}/{name}"), asked)
    return None


def _comparison(data: Dataset, home: Row, base: str, head: str, asked: Asked) -> Reply:
    graph = history(data, str(home["id"]))
    oids = graph.oid_of(base), graph.oid_of(head)
    if oids[0] is None or oids[1] is None:
        return missing()
    before, after = graph.contained(oids[0]), graph.contained(oids[1])
    has, has_not = set(before), set(after)
    ahead, behind = [oid for oid in after if oid not in has], len(has - has_not)
    common = [oid for oid in after if oid in has]
    usual = 30 if {"page", "per_page"} & asked.query.keys() else _UNPAGED
    chosen, headers = paged(ahead, asked, usual)
    name = home["name_with_owner"]
    own, web = f"{API}/repos/{name}/compare/{base}...{head}", f"{WEB}/{name}/compare/{base}...{head}"
    body = {
        "url": own,
        "html_url": web,
        "permalink_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": commit(data, name, graph.commit(oids[0])),
        "merge_base_commit": commit(data, name, graph.commit(common[-1])),
        "status": _status(len(ahead), behind),
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [commit(data, name, graph.commit(oid)) for oid in chosen],
    }
    return Reply(200, body, headers)


def _status(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else "behind" if behind else "identical"


def _releases(data: Dataset, home: Row | None, asked: Asked) -> Reply:
    if home is None:
        return missing()
    rows = data.of_repository("releases", str(home["id"]))[::-1]
    return listed(rows, asked, lambda row: release(data, home, row))


def release(data: Dataset, home: Row, row: Row) -> Shape:
    name, number = home["name_with_owner"], number_of(row)
    own = f"{API}/repos/{name}/releases/{number}"
    return {
        "id": number,
        "node_id": str(row["id"]),
        "tag_name": row["tag_name"],
        "target_commitish": row.get("commit_oid") or home.get("default_branch") or "main",
        "name": row.get("name"),
        "body": row.get("description"),
        "draft": bool(row.get("is_draft")),
        "prerelease": bool(row.get("is_prerelease")),
        "created_at": row["created_at"],
        "published_at": row.get("published_at"),
        "author": account(data.actor(row.get("author"))),
        "assets": [],
        "url": own,
        "html_url": f"{WEB}/{name}/releases/tag/{row['tag_name']}",
        "assets_url": f"{own}/assets",
        "upload_url": f"https://uploads.github.com/repos/{name}/releases/{number}/assets{{?name,label}}",
        "tarball_url": f"{API}/repos/{name}/tarball/{row['tag_name']}",
        "zipball_url": f"{API}/repos/{name}/zipball/{row['tag_name']}",
    }
