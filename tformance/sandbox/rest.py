"""The REST paths the product reads: who am I, which repositories, one repository, limits."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.github import WEB, viewer

Body = dict[str, Any] | list[dict[str, Any]]
SCOPES = "repo, read:org"


@dataclass
class Reply:
    status: int
    body: Body
    headers: dict[str, str]


def get(data: Dataset, target: str, base: str) -> Reply:
    """Answer `target` (path and query); `base` is this server's address for links."""
    parts = urlsplit(target)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    match parts.path.strip("/").split("/"):
        case ["user"]:
            return Reply(200, account(viewer(data)), {"X-OAuth-Scopes": SCOPES})
        case ["meta"]:
            return Reply(200, {"verifiable_password_authentication": False}, {})
        case ["user", "repos"]:
            return listed(list(data.repositories.values()), parts.path, query, base)
        case ["orgs" | "users", owner, "repos"]:
            return _of_owner(data, owner, parts.path, query, base)
        case ["repos", owner, name]:
            return _by_name(data, f"{owner}/{name}", base)
        case ["repositories", number]:
            rows = data.repositories.values()
            return _found(next((r for r in rows if str(r.get("database_id")) == number), None))
    return missing()


def missing() -> Reply:
    return Reply(
        404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"}, {}
    )


def _of_owner(data: Dataset, owner: str, path: str, query: dict[str, str], base: str) -> Reply:
    rows = [r for r in data.repositories.values() if r["name_with_owner"].split("/")[0].lower() == owner.lower()]
    return listed(rows, path, query, base) if rows else missing()


def _by_name(data: Dataset, name: str, base: str) -> Reply:
    found = data.named(name)
    if found is None or found["name_with_owner"].lower() == name.lower():
        return _found(found)
    address = f"{base}/repositories/{found.get('database_id')}"
    return Reply(301, {"message": "Moved Permanently", "url": address}, {"Location": address})


def _found(row: Row | None) -> Reply:
    return Reply(200, repository(row), {}) if row else missing()


def listed(rows: list[Row], path: str, query: dict[str, str], base: str) -> Reply:
    """One page of repositories with GitHub's `Link` header."""
    size = max(1, min(100, int(query.get("per_page", "30"))))
    number = max(1, int(query.get("page", "1")))
    last = max(1, -(-len(rows) // size))
    pages = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    shown = {
        name: page
        for name, page in pages.items()
        if 1 <= page <= last and page != number and not (name in ("first", "prev") and number == 1)
    }
    links = [f'<{base}{path}?{urlencode(query | {"page": page})}>; rel="{name}"' for name, page in shown.items()]
    chosen = rows[(number - 1) * size : number * size]
    return Reply(200, [repository(row) for row in chosen], {"Link": ", ".join(links)} if links else {})


def account(row: Row) -> dict[str, Any]:
    login, kind = row["login"], row["__typename"]
    return {
        "login": f"{login.removesuffix('[bot]')}[bot]" if kind == "Bot" else login,
        "id": row.get("database_id"),
        "node_id": row.get("id"),
        "type": kind,
        "name": row.get("name"),
        "email": row.get("email"),
        "html_url": f"{WEB}/{login}",
        "site_admin": False,
    }


def repository(row: Row) -> dict[str, Any]:
    owner, name = row["name_with_owner"].split("/")
    return {
        "id": row.get("database_id"),
        "node_id": row["id"],
        "name": name,
        "full_name": row["name_with_owner"],
        "owner": {"login": owner, "type": "Organization"},
        "private": bool(row.get("is_private")),
        "visibility": "private" if row.get("is_private") else "public",
        "archived": bool(row.get("is_archived")),
        "disabled": False,
        "fork": bool(row.get("is_fork")),
        "description": row.get("description"),
        "language": row.get("primary_language"),
        "default_branch": row.get("default_branch") or "main",
        "html_url": f"{WEB}/{row['name_with_owner']}",
        "created_at": row.get("created_at"),
        "updated_at": row.get("updated_at"),
        "pushed_at": row.get("pushed_at"),
        "permissions": {"admin": False, "push": False, "pull": True},
    }
