"""REST: a pull request and its children."""

from collections.abc import Callable, Sequence
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.github import WEB
from tformance.sandbox.reply import Asked, Reply, listed, missing
from tformance.sandbox.rest_shapes import (
    API,
    Shape,
    account,
    account_or_none,
    commit,
    number_of,
    repository,
)

_CHANGES = {"DELETED": "removed", "ADDED": "added", "RENAMED": "renamed", "COPIED": "copied", "CHANGED": "changed"}
_LISTED = 250  # commits GitHub lists of a pull request by REST


def get(data: Dataset, asked: Asked) -> Reply | None:
    match asked.pieces:
        case ["repos", owner, name, "pulls" | "issues" as kind, number, *rest] if number.isdigit():
            home = data.named(f"{owner}/{name}")
            row = data.numbered(str(home["id"]), int(number)) if home else None
            make = _PARTS.get((kind, *rest))
            return make(data, row, asked) if row and make else missing()
    return None


def _whole(data: Dataset, row: Row, _asked: Asked) -> Reply:
    return Reply(200, pull_request(data, row))


def _home(data: Dataset, row: Row) -> Row:
    return data.repositories[str(row["repository_id"])]


def addresses(data: Dataset, row: Row) -> tuple[str, str]:
    """The address of a pull request for programs and for people."""
    name = _home(data, row)["name_with_owner"]
    return f"{API}/repos/{name}/pulls/{row['number']}", f"{WEB}/{name}/pull/{row['number']}"


def pull_request(data: Dataset, row: Row) -> Shape:
    merged = bool(row.get("merged_at"))
    stamps = {name: row.get(name) for name in ("created_at", "updated_at", "closed_at", "merged_at")}
    return {
        "id": number_of(row),
        "node_id": str(row["id"]),
        "number": row["number"],
        "state": "open" if row["state"] == "OPEN" else "closed",
        "locked": False,
        "title": row["title"],
        "body": row.get("body"),
        "user": account(data.actor(row.get("author"))),
        "draft": bool(row.get("is_draft")),
        "merged": merged,
        "mergeable": None,
        "mergeable_state": "unknown",
        "merged_by": account_or_none(data, row.get("merged_by")) if merged else None,
        "merge_commit_sha": row.get("merge_commit_oid") if merged else None,
        "maintainer_can_modify": False,
        "author_association": row.get("author_association") or "NONE",
        "milestone": None,
        "auto_merge": None,
        **stamps,
        **_people(data, row),
        **_numbers(data, row),
        **_ends(data, row),
        **_places(data, row),
    }


def _people(data: Dataset, row: Row) -> Shape:
    assignees = [account(data.actor(login)) for login in row.get("assignees") or ()]
    asked = [name for name in row.get("requested_reviewers") or () if not name.startswith("team:")]
    return {
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "requested_reviewers": [account(data.actor(login)) for login in asked],
        "requested_teams": [],
        "labels": [_label(data, row, name) for name in row.get("labels") or ()],
    }


def _label(data: Dataset, row: Row, name: str) -> Shape:
    key = f"LA_{name}"
    url = f"{API}/repos/{_home(data, row)['name_with_owner']}/labels/{name}"
    return {"id": number_of({"id": key}), "node_id": key, "url": url, "name": name} | {
        "description": None,
        "color": "ededed",
        "default": False,
    }


def _numbers(data: Dataset, row: Row) -> Shape:
    key = str(row["id"])
    comments = data.children("comments", key)
    below = [each for each in comments if each.get("thread_id") is None]
    return {
        "comments": len(below),
        "review_comments": len(comments) - len(below),
        "commits": max(row.get("commits_total") or 0, len(data.children("commits", key))),
        "changed_files": row.get("changed_files") or 0,
        "additions": row.get("additions") or 0,
        "deletions": row.get("deletions") or 0,
    }


def _ends(data: Dataset, row: Row) -> Shape:
    """`base` and `head`; GitHub's own schema has no null head repository, its answers do where the fork is gone."""
    home = _home(data, row)
    owner, whole = home["name_with_owner"].split("/")[0], repository(data, home)
    fork = bool(row.get("is_cross_repository"))
    writer = account(data.actor(row.get("author")))
    base: Shape = {"ref": row.get("base_ref_name") or "main", "sha": row.get("base_ref_oid") or "", "repo": whole}
    head: Shape = {"ref": row.get("head_ref_name") or "", "sha": row.get("head_ref_oid") or ""}
    head |= {"repo": None if fork else whole, "user": writer if fork else whole["owner"]}
    return {
        "base": base | {"label": f"{owner}:{base['ref']}", "user": whole["owner"]},
        "head": head | {"label": f"{writer['login'] if fork else owner}:{head['ref']}"},
    }


def _places(data: Dataset, row: Row) -> Shape:
    own, web = addresses(data, row)
    api = own.rpartition("/pulls/")[0]
    found = {
        "self": own,
        "html": web,
        "issue": f"{api}/issues/{row['number']}",
        "comments": f"{api}/issues/{row['number']}/comments",
        "review_comments": f"{own}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{own}/commits",
        "statuses": f"{api}/statuses/{row.get('head_ref_oid')}",
    }
    named = {f"{name}_url": found[name] for name in found if name != "self"}
    links = {name: {"href": address} for name, address in found.items()}
    return {"url": own, "diff_url": f"{web}.diff", "patch_url": f"{web}.patch", **named, "_links": links}


def _commits(data: Dataset, row: Row, asked: Asked) -> Reply:
    name = _home(data, row)["name_with_owner"]
    return listed(data.children("commits", str(row["id"]))[:_LISTED], asked, lambda each: commit(data, name, each))


def _files(data: Dataset, row: Row, asked: Asked) -> Reply:
    name, sha = _home(data, row)["name_with_owner"], row.get("head_ref_oid")

    def shape(each: Row) -> Shape:
        path, added, deleted = each["path"], each.get("additions") or 0, each.get("deletions") or 0
        return {
            "sha": sha,
            "filename": path,
            "status": _CHANGES.get(each.get("change_type") or "", "modified"),
            "additions": added,
            "deletions": deleted,
            "changes": added + deleted,
            "blob_url": f"{WEB}/{name}/blob/{sha}/{path}",
            "raw_url": f"{WEB}/{name}/raw/{sha}/{path}",
            "contents_url": f"{API}/repos/{name}/contents/{path}?ref={sha}",
        }

    return listed(data.children("files", str(row["id"])), asked, shape)


def _reviews(data: Dataset, row: Row, asked: Asked) -> Reply:
    return listed(data.children("reviews", str(row["id"])), asked, lambda each: review(data, row, each))


def review(data: Dataset, pull: Row, row: Row) -> Shape:
    own, web = addresses(data, pull)
    page = f"{web}#pullrequestreview-{number_of(row)}"
    submitted = {"submitted_at": row["submitted_at"]} if row.get("submitted_at") else {}
    return {
        "id": number_of(row),
        "node_id": str(row["id"]),
        "user": account_or_none(data, row.get("author")),
        "body": row.get("body") or "",
        "state": row["state"],
        "commit_id": row.get("commit_oid"),
        "author_association": row.get("author_association") or "NONE",
        "html_url": page,
        "pull_request_url": own,
        "_links": {"html": {"href": page}, "pull_request": {"href": own}},
        **submitted,
    }


def _remark(data: Dataset, pull: Row, row: Row, page: str) -> Shape:
    return {
        "id": number_of(row),
        "node_id": str(row["id"]),
        "user": account_or_none(data, row.get("author")),
        "body": row.get("body") or "",
        "created_at": row["created_at"],
        "updated_at": row.get("updated_at") or row["created_at"],
        "author_association": row.get("author_association") or "NONE",
        "html_url": page,
    }


def review_comment(data: Dataset, pull: Row, row: Row) -> Shape:
    own, web = addresses(data, pull)
    page, number = f"{web}#discussion_r{number_of(row)}", number_of(row)
    url = f"{own.rpartition('/')[0]}/comments/{number}"
    first = data.node(str(row["reply_to_id"])) if row.get("reply_to_id") is not None else None
    of = data.node(str(row["review_id"])) if row.get("review_id") is not None else None
    place = {"line": row["line"]} if row.get("line") else {}
    return {
        **_remark(data, pull, row, page),
        **place,
        **({"in_reply_to_id": number_of(first)} if first else {}),
        "pull_request_review_id": number_of(of) if of else None,
        "diff_hunk": "",
        "path": row.get("path") or "",
        "commit_id": row.get("commit_oid") or "",
        "original_commit_id": row.get("commit_oid") or "",
        "url": url,
        "pull_request_url": own,
        "_links": {"self": {"href": url}, "html": {"href": page}, "pull_request": {"href": own}},
    }


def issue_comment(data: Dataset, pull: Row, row: Row) -> Shape:
    own, web = addresses(data, pull)
    issues = own.replace("/pulls/", "/issues/")
    places = {"url": f"{issues.rpartition('/')[0]}/comments/{number_of(row)}", "issue_url": issues}
    return _remark(data, pull, row, f"{web}#issuecomment-{number_of(row)}") | places


def _comments(shape: Callable[[Dataset, Row, Row], Shape], *, in_threads: bool) -> Callable[..., Reply]:
    def make(data: Dataset, row: Row, asked: Asked) -> Reply:
        found: Sequence[Any] = data.children("comments", str(row["id"]))
        rows = [each for each in found if (each.get("thread_id") is not None) is in_threads]
        return listed(rows, asked, lambda each: shape(data, row, each))

    return make


_PARTS: dict[tuple[str, ...], Callable[[Dataset, Row, Asked], Reply]] = {
    ("pulls",): _whole,
    ("pulls", "commits"): _commits,
    ("pulls", "files"): _files,
    ("pulls", "reviews"): _reviews,
    ("pulls", "comments"): _comments(review_comment, in_threads=True),
    ("issues", "comments"): _comments(issue_comment, in_threads=False),
}
