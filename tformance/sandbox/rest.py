"""The REST paths the product reads, by family: accounts and repositories here, the rest in modules of their own."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from tformance.sandbox import rest_commits, rest_compare, rest_organizations, rest_pulls
from tformance.sandbox.copilot import Reports
from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.github import viewer
from tformance.sandbox.reply import Asked, Reply, listed, missing
from tformance.sandbox.rest_shapes import addresses, own_account, repository
from tformance.sandbox.tokens import Grant

SCOPES = "repo, read:org"


def get(data: Dataset, target: str, base: str, reports: Reports) -> Reply:
    """Answer `target` (path and query); `base` is this server's address for links."""
    parts = urlsplit(target)
    asked = Asked(parts.path, {key: values[-1] for key, values in parse_qs(parts.query).items()}, base)
    found = (family(data, asked) for family in (*FAMILIES, reports.get))
    return next((reply for reply in found if reply is not None), missing())


def headers(grant: Grant) -> dict[str, str]:
    """What GitHub says of the token beside every answer."""
    found: dict[str, str] = {}
    if grant.kind in ("any", "classic"):
        found["X-OAuth-Scopes"] = ", ".join(grant.scopes) if grant.kind == "classic" else SCOPES
    if grant.kind in ("any", "classic", "fine_grained") and grant.expires_at:
        text = grant.expires_at.strftime("%Y-%m-%d %H:%M:%S UTC")
        found["GitHub-Authentication-Token-Expiration"] = text
    return found


def _accounts(data: Dataset, asked: Asked) -> Reply | None:
    match asked.pieces:
        case ["user"]:
            return Reply(200, own_account(viewer(data)))
        case ["user", "emails"]:
            return Reply(200, addresses(viewer(data)))
        case ["meta"]:
            return Reply(200, {"verifiable_password_authentication": False})
        case ["user", "repos"]:
            return _repositories(data, list(data.repositories.values()), asked)
        case ["orgs" | "users", owner, "repos"]:
            return _of_owner(data, owner, asked)
        case ["repos", owner, name]:
            return _by_name(data, f"{owner}/{name}", asked.base)
        case ["repositories", number]:
            rows = data.repositories.values()
            return _found(data, next((r for r in rows if str(r.get("database_id")) == number), None))
    return None


FAMILIES: tuple[Callable[[Dataset, Asked], Reply | None], ...] = (
    *(_accounts, rest_organizations.get, rest_compare.get, rest_commits.get, rest_pulls.get),
)


def _repositories(data: Dataset, rows: list[Row], asked: Asked) -> Reply:
    return listed(rows, asked, lambda row: repository(data, row))


def _of_owner(data: Dataset, owner: str, asked: Asked) -> Reply:
    rows = [r for r in data.repositories.values() if r["name_with_owner"].split("/")[0].lower() == owner.lower()]
    return _repositories(data, rows, asked) if rows else missing()


def _by_name(data: Dataset, name: str, base: str) -> Reply:
    found = data.named(name)
    if found is None or found["name_with_owner"].lower() == name.lower():
        return _found(data, found)
    address = f"{base}/repositories/{found.get('database_id')}"
    return Reply(301, {"message": "Moved Permanently", "url": address}, {"Location": address})


def _found(data: Dataset, row: Row | None) -> Reply:
    return Reply(200, repository(data, row)) if row else missing()
