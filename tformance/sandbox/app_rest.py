"""REST paths of Apps: as themselves by JWT, for an installation's tokens, and for people's tokens."""

from datetime import timedelta
from typing import Any

from tformance.sandbox.apps import App, Installation, stamp
from tformance.sandbox.hooks import Attempt
from tformance.sandbox.hub import Hub
from tformance.sandbox.reply import Reply, paged, refused
from tformance.sandbox.request import Request
from tformance.sandbox.tokens import Grant

SUSPENDED = "This installation has been suspended"
_CURSOR = "v1_"


def answer(hub: Hub, asked: Request) -> Reply | None:
    """None for paths that are not about Apps."""
    if asked.pieces[0] == "app-manifests" and asked.method == "POST":
        return _converted(hub, asked.pieces[1])
    if isinstance(asked.bearer, App):
        return _as_app(hub, asked, asked.bearer)
    if asked.pieces[0] == "app":
        return refused(401, "A JSON web token could not be decoded")
    if isinstance(asked.bearer, Grant):
        return _with_token(hub, asked, asked.bearer)
    return None


def _converted(hub: Hub, code: str) -> Reply:
    app = hub.apps.convert(code)
    if app is None:
        return refused(404, "Not Found")
    secrets = {"client_secret": app.client_secret, "webhook_secret": app.hook.secret or None, "pem": app.pem}
    return Reply(201, app.shape(hub.shapes) | secrets)


def _as_app(hub: Hub, asked: Request, app: App) -> Reply:
    match asked.method, asked.pieces:
        case "GET", ["app"]:
            return Reply(200, app.shape(hub.shapes) | {"installations_count": len(hub.apps.of(app))})
        case "GET", ["app", "installations"]:
            rows, headers = paged(hub.apps.of(app), asked)
            return Reply(200, [each.shape(hub.shapes) for each in rows], headers)
        case method, ["app", "installations", number, *rest]:
            found = hub.apps.installations.get(_number(number))
            return _installation(hub, asked, found, method, rest) if found and found.app is app else _gone()
        case "GET", ["repos", owner, name, "installation"]:
            row = hub.data.named(f"{owner}/{name}")
            return _shown(hub, next((each for each in hub.apps.of(app) if row and each.covers(row)), None))
        case "GET", ["orgs" | "users", login, "installation"]:
            return _shown(hub, next((e for e in hub.apps.of(app) if e.account.lower() == login.lower()), None))
        case method, ["app", "hook", *rest]:
            return _hook(hub, asked, app, method, rest)
    return _gone()


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _gone() -> Reply:
    return refused(404, "Not Found")


def _shown(hub: Hub, found: Installation | None) -> Reply:
    return Reply(200, found.shape(hub.shapes)) if found else _gone()


def _installation(hub: Hub, asked: Request, found: Installation, method: str, rest: list[str]) -> Reply:
    match method, rest:
        case "GET", []:
            return Reply(200, found.shape(hub.shapes))
        case "DELETE", []:
            hub.apps.uninstall(found.id)
            hub.tokens.revoke_of(found.id)
            hub.events.installation("deleted", found, found.by)
            return Reply(204, None)
        case "POST", ["access_tokens"]:
            return _token(hub, asked.json, found)
    return _gone()


def _token(hub: Hub, wanted: dict[str, Any], found: Installation) -> Reply:
    if found.suspended_at:
        return refused(403, SUSPENDED)
    asked_for = wanted.get("permissions") or found.permissions
    if any(name not in found.permissions for name in asked_for):
        return refused(422, "The permissions requested are not granted to this installation.")
    permissions = {"metadata": "read"} | asked_for
    chosen = _chosen(hub, wanted, found)
    if chosen is None:
        return refused(422, "There is at least one repository that does not exist or is not accessible.")
    grant = hub.tokens.mint(
        "ghs_", timedelta(seconds=hub.token_seconds), kind="installation", app=found.app.id, installation=found.id,
        permissions=permissions, repositories=chosen, login=f"{found.app.slug}[bot]",
    )  # fmt: skip
    assert grant.expires_at is not None
    selection = "selected" if found.repositories is not None or wanted.get("repository_ids") else "all"
    shown = {"token": grant.token, "expires_at": stamp(grant.expires_at), "permissions": permissions}
    return Reply(201, shown | {"repository_selection": selection})


def _chosen(hub: Hub, wanted: dict[str, Any], found: Installation) -> frozenset[str] | None:
    """Ids of the repositories a new token is for; None when it asks for one it may not have."""
    mine = {row["name_with_owner"].split("/")[1]: str(row["id"]) for row in found.rows(hub.shapes)}
    numbers = {str(row.get("database_id")): str(row["id"]) for row in found.rows(hub.shapes)}
    asked_for = [mine.get(name) for name in wanted.get("repositories") or ()]
    asked_for += [numbers.get(str(number)) for number in wanted.get("repository_ids") or ()]
    if None in asked_for:
        return None
    return frozenset(each for each in asked_for if each) or frozenset(mine.values())


def _hook(hub: Hub, asked: Request, app: App, method: str, rest: list[str]) -> Reply:
    match method, rest:
        case "GET", ["config"]:
            return Reply(200, dict(app.hook.config()))
        case "PATCH", ["config"]:
            for name in ("url", "secret", "content_type"):
                if name in asked.json:
                    setattr(app.hook, name, str(asked.json[name]))
            return Reply(200, dict(app.hook.config()))
        case "GET", ["deliveries"]:
            return _log(asked, hub.deliveries.of(app.hook), hub.base)
        case _, ["deliveries", number, *more]:
            found = next((each for each in hub.deliveries.of(app.hook) if str(each.id) == number), None)
            return _attempt(hub, found, method, more) if found else _gone()
    return _gone()


def _attempt(hub: Hub, found: Attempt, method: str, more: list[str]) -> Reply:
    if (method, more) == ("GET", []):
        return Reply(200, found.whole())
    if (method, more) == ("POST", ["attempts"]):
        hub.deliveries.again(found)
        return Reply(202, {})
    return _gone()


def _log(asked: Request, attempts: list[Attempt], base: str) -> Reply:
    """Newest first; `cursor` stands for the first line of a page."""
    query = asked.query
    size = max(1, min(100, int(query.get("per_page", "30"))))
    if query.get("status") in ("success", "failure"):
        attempts = [each for each in attempts if (200 <= each.code < 300) == (query["status"] == "success")]
    start = query.get("cursor", "").removeprefix(_CURSOR)
    if start:
        attempts = [each for each in attempts if each.id <= _number(start)]
    headers = {}
    if len(attempts) > size:
        status = f"&status={query['status']}" if query.get("status") else ""
        following = f"{base}{asked.path}?per_page={size}{status}&cursor={_CURSOR}{attempts[size].id}"
        headers["Link"] = f'<{following}>; rel="next"'
    return Reply(200, [each.line() for each in attempts[:size]], headers)


def _with_token(hub: Hub, asked: Request, grant: Grant) -> Reply | None:
    match asked.method, asked.pieces:
        case "GET", ["user"] if grant.kind == "installation":
            return refused(403, "Resource not accessible by integration")
        case "GET", ["installation", "repositories"]:
            if grant.kind != "installation":
                return refused(
                    403,
                    "You must authenticate with an installation access token in order to list repositories for an installation.",
                )
            return _repositories(hub, asked, grant.repositories or frozenset())
        case "DELETE", ["installation", "token"] if grant.kind == "installation":
            grant.revoked = True
            return Reply(204, None)
        case "GET", ["user", "installations", *rest]:
            return _of_user(hub, asked, grant, rest)
    return None


def _repositories(hub: Hub, asked: Request, keys: frozenset[str]) -> Reply:
    rows = [row for key, row in hub.data.repositories.items() if key in keys]
    shown, headers = paged(rows, asked)
    listed = [hub.shapes.repository(row) for row in shown]
    return Reply(200, {"total_count": len(rows), "repositories": listed}, headers)


def _of_user(hub: Hub, asked: Request, grant: Grant, rest: list[str]) -> Reply:
    """What a person sees of installations; only tokens that an App gave them say so."""
    if grant.kind != "user":
        return refused(
            403, "You must authenticate with an access token authorized to a GitHub App in order to list installations"
        )
    app = hub.apps.apps.get(grant.app or 0)
    mine = [each for each in hub.apps.of(app) if sees(hub, grant.login or "", each)] if app else []
    if not rest:
        shown, headers = paged(mine, asked)
        listed = [each.shape(hub.shapes) for each in shown]
        return Reply(200, {"total_count": len(mine), "installations": listed}, headers)
    found = next((each for each in mine if str(each.id) == rest[0]), None)
    if found is None or rest[1:] != ["repositories"]:
        return _gone()
    return _repositories(hub, asked, frozenset(str(row["id"]) for row in found.rows(hub.shapes)))


def sees(hub: Hub, login: str, installation: Installation) -> bool:
    """Every person of the dataset belongs to its organisations; others see what they installed."""
    known = hub.data.users.get("@" + login.lower())
    return installation.by == login or installation.account.lower() == login.lower() or known is not None
