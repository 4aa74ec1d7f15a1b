"""Accounts, repositories and commits as GitHub's REST shows them."""

from typing import Any
from zlib import crc32

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.github import WEB

Shape = dict[str, Any]

API = "https://api.github.com"
GHOST: Row = {
    "login": "ghost",
    "database_id": 10137,
    "id": "MDQ6VXNlcjEwMTM3",
    "__typename": "User",
    "name": "Deleted user",
}

_OF_ACCOUNT = (
    *("followers", "following{/other_user}", "gists{/gist_id}", "starred{/owner}{/repo}", "subscriptions"),
    *("events{/privacy}", "received_events"),
)
_OF_REPOSITORY = [
    "archive{/archive_format}{/ref}",
    "assignees{/user}",
    "blobs{/sha}",
    "branches{/branch}",
    "collaborators{/collaborator}",
    "comments{/number}",
    "commits{/sha}",
    "compare/{base}...{head}",
    "contents/{+path}",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "hooks",
    "issue_events{/number}",
    "issues{/number}",
    "keys{/key_id}",
    "labels{/name}",
    "languages",
    "merges",
    "milestones{/number}",
    "notifications{?since,all,participating}",
    "pulls{/number}",
    "releases{/id}",
    "stargazers",
    "statuses/{sha}",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees{/sha}",
    "git_commits{/sha}",
    "git_refs{/sha}",
    "git_tags{/sha}",
    "issue_comment{/number}",
]


def number_of(row: Row) -> int:
    """The number REST names a row by; a row without one has a number that stays the same."""
    given = row.get("database_id")
    return int(given) if given is not None else crc32(str(row.get("id") or row.get("login")).encode())


def _addresses(base: str, names: tuple[str, ...] | list[str]) -> dict[str, str]:
    """`followers` → `followers_url`; what GitHub lets the reader fill in stays in braces."""
    return {f"{name.split('{')[0].split('/')[0]}_url": f"{base}/{name}" for name in names}


def addresses(row: Row) -> list[Shape]:
    """A person's own e-mail addresses: `emails` maps each to whether it is verified, the first one is the primary."""
    known = row.get("emails") or ({row["email"]: True} if row.get("email") else {})
    return [
        {"email": email, "primary": place == 0, "verified": verified, "visibility": None}
        for place, (email, verified) in enumerate(known.items())
    ]


def account(row: Row | None) -> Shape:
    """A `simple-user`; deleted accounts are GitHub's ghost."""
    row = row or GHOST
    kind = row.get("__typename", "User")
    plain = row["login"].removesuffix("[bot]")
    login = f"{plain}[bot]" if kind == "Bot" else plain
    number = number_of(row)
    own = f"{API}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": str(row.get("id") or ""),
        "type": kind,
        "name": row.get("name"),
        "email": row.get("email"),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "gravatar_id": "",
        "url": own,
        "html_url": f"{WEB}/{plain}",
        "organizations_url": f"{own}/orgs",
        "repos_url": f"{own}/repos",
        "site_admin": False,
        **_addresses(own, _OF_ACCOUNT),
    }


def account_or_none(data: Dataset, login: str | None) -> Shape | None:
    return account(data.actor(login)) if login is not None else None


def own_account(row: Row) -> Shape:
    """What the owner of a token sees of their own account; the dataset knows no profile."""
    stamps = {name: row.get(name) or "2020-01-01T00:00:00Z" for name in ("created_at", "updated_at")}
    counts = dict.fromkeys(
        (
            *("followers", "following", "public_gists", "public_repos", "collaborators", "disk_usage"),
            *("owned_private_repos", "private_gists", "total_private_repos"),
        ),
        0,
    )
    profile: Shape = dict.fromkeys(("bio", "blog", "company", "hireable", "location"))
    return account(row) | profile | counts | stamps | {"two_factor_authentication": True}


def owner(data: Dataset, row: Row) -> Shape:
    login = row["name_with_owner"].split("/")[0]
    known = data.users.get("@" + login.lower())
    return account(known or {"login": login, "__typename": "Organization", "id": f"O_{login}"})


def repository(data: Dataset, row: Row) -> Shape:
    """One shape for `repository`, `minimal-repository` and `full-repository`."""
    name = row["name_with_owner"]
    own, web = f"{API}/repos/{name}", f"{WEB}/{name}"
    flags = ("has_issues", "has_projects", "has_wiki", "has_pages", "has_discussions", "has_downloads")
    counts = (
        *("forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers"),
        *("watchers_count", "network_count", "subscribers_count"),
    )
    return {
        "id": number_of(row),
        "node_id": str(row["id"]),
        "name": name.split("/")[1],
        "full_name": name,
        "owner": owner(data, row),
        "private": bool(row.get("is_private")),
        "visibility": "private" if row.get("is_private") else "public",
        "archived": bool(row.get("is_archived")),
        "disabled": bool(row.get("is_disabled")),
        "fork": bool(row.get("is_fork")),
        "description": row.get("description"),
        "language": row.get("primary_language"),
        "default_branch": row.get("default_branch") or "main",
        "url": own,
        "html_url": web,
        "clone_url": f"{web}.git",
        "git_url": f"git:{web.removeprefix('https:')}.git",
        "ssh_url": f"git@github.com:{name}.git",
        "svn_url": web,
        **dict.fromkeys(("mirror_url", "homepage", "license")),
        **{name: row.get(name) or row["created_at"] for name in ("created_at", "updated_at", "pushed_at")},
        "permissions": {"admin": False, "push": False, "pull": True},
        "topics": [],
        "allow_forking": True,
        **dict.fromkeys(("is_template", "web_commit_signoff_required"), False),
        **dict.fromkeys(flags, False),
        **dict.fromkeys(counts, 0),
        **_addresses(own, _OF_REPOSITORY),
        "git_commits_url": f"{own}/git/commits{{/sha}}",
    }


def commit(data: Dataset, name: str, row: Row) -> Shape:
    """A commit of the repository `name`; `author` is null where no account is known for the e-mail."""
    own, web, oid = f"{API}/repos/{name}/commits/{row['oid']}", f"{WEB}/{name}/commit", row["oid"]
    signed = {"verified": False, "reason": "unsigned", "payload": None, "signature": None, "verified_at": None}
    return {
        "sha": oid,
        "node_id": str(row.get("id") or f"C_{oid}"),
        "url": own,
        "html_url": f"{web}/{oid}",
        "comments_url": f"{own}/comments",
        "commit": {
            "url": f"{API}/repos/{name}/git/commits/{oid}",
            "author": _git_actor(row, "author", "authored_date"),
            "committer": _git_actor(row, "committer", "committed_date"),
            "message": row.get("message") or "",
            "comment_count": 0,
            "tree": {"sha": oid, "url": f"{API}/repos/{name}/git/trees/{oid}"},
            "verification": signed,
        },
        "author": account_or_none(data, row.get("author")),
        "committer": account_or_none(data, row.get("committer")),
        "parents": [
            {"sha": parent, "url": f"{API}/repos/{name}/commits/{parent}", "html_url": f"{web}/{parent}"}
            for parent in row.get("parents") or ()
        ],
    }


def _git_actor(row: Row, role: str, stamp: str) -> Shape:
    return {
        "name": row.get(f"{role}_name") or "",
        "email": row.get(f"{role}_email") or "",
        "date": row.get(stamp) or row.get("committed_date") or "1970-01-01T00:00:00Z",
    }
