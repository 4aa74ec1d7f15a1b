"""What happens to installations and tokens while the local GitHub runs."""

from collections.abc import Callable
from typing import Any

from tformance.core import clock
from tformance.sandbox.apps import Installation, stamp
from tformance.sandbox.dataset import Row
from tformance.sandbox.hub import Hub

Told = dict[str, Any]


class Impossible(Exception):
    """What was asked for cannot be played; the message says why."""


def _found(hub: Hub, asked: Told) -> Installation:
    """The named installation, or the only one."""
    known = hub.apps.installations
    if "installation" in asked:
        return known[int(asked["installation"])]
    if len(known) != 1:
        raise Impossible("Say which installation: its number is its id")
    return next(iter(known.values()))


def _answer(found: Installation, guid: str | None) -> Told:
    now = clock.now()
    return {
        "installation": found.id,
        "at": now.timestamp(),
        "instant": stamp(now),
        "deliveries": [guid] if guid else [],
    }


def _suspend(hub: Hub, asked: Told) -> Told:
    found = _found(hub, asked)
    found.suspended_at = found.updated_at = clock.now()
    return _answer(found, hub.events.installation("suspend", found, found.by))


def _unsuspend(hub: Hub, asked: Told) -> Told:
    found = _found(hub, asked)
    found.suspended_at, found.updated_at = None, clock.now()
    return _answer(found, hub.events.installation("unsuspend", found, found.by))


def _uninstall(hub: Hub, asked: Told) -> Told:
    found = _found(hub, asked)
    hub.apps.uninstall(found.id)
    hub.tokens.revoke_of(found.id)
    return _answer(found, hub.events.installation("deleted", found, found.by))


def _install(hub: Hub, asked: Told) -> Told:
    """`app` is a slug, `account` an owner; `repositories` are names, all without."""
    app = hub.apps.by_slug(str(asked["app"]))
    if app is None:
        raise Impossible(f"There is no App {asked['app']}")
    chosen = _chosen(hub, asked)
    made = hub.apps.install(app, str(asked["account"]), chosen, str(asked.get("as") or asked["account"]))
    return _answer(made, hub.events.installation("created", made, made.by))


def _chosen(hub: Hub, asked: Told) -> frozenset[str] | None:
    if asked.get("repositories") is None:
        return None
    rows = [hub.data.named(str(name)) for name in asked["repositories"]]
    return frozenset(str(row["id"]) for row in rows if row)


def _repositories(hub: Hub, asked: Told) -> Told:
    """The installation covers other repositories from now on; none named means all."""
    found = _found(hub, asked)
    guids = change_repositories(hub, found, _chosen(hub, asked), found.by)
    return _answer(found, None) | {"deliveries": guids}


def change_repositories(hub: Hub, found: Installation, chosen: frozenset[str] | None, login: str) -> list[str]:
    """Tells the App what was added and what was taken away; its living tokens follow."""
    before = {str(row["id"]): row for row in found.rows(hub.shapes)}
    found.repositories, found.updated_at = chosen, clock.now()
    after = {str(row["id"]): row for row in found.rows(hub.shapes)}
    added = [row for key, row in after.items() if key not in before]
    removed = [row for key, row in before.items() if key not in after]
    hub.tokens.cover(found.id, frozenset(after))
    told: list[tuple[list[Row], list[Row]]] = [(added, [])] if added else []
    told += [([], removed)] if removed else []
    guids = [hub.events.installation_repositories(found, *each, sender=login) for each in told]
    return [guid for guid in guids if guid]


def _permissions(hub: Hub, asked: Told) -> Told:
    """The installation has exactly these permissions from now on; its living tokens too."""
    found = _found(hub, asked)
    found.permissions = {"metadata": "read"} | dict(asked["permissions"])
    found.updated_at = clock.now()
    hub.tokens.limit(found.id, found.permissions)
    return _answer(found, hub.events.installation("new_permissions_accepted", found, found.by))


def _revoke(hub: Hub, asked: Told) -> Told:
    hub.tokens.revoke(str(asked["token"]))
    return {"at": clock.now().timestamp()}


def _expire(hub: Hub, asked: Told) -> Told:
    hub.tokens.expire(str(asked["token"]))
    return {"at": clock.now().timestamp()}


OF_INSTALLATIONS: dict[str, Callable[[Hub, Told], Told]] = {
    "suspend": _suspend,
    "unsuspend": _unsuspend,
    "uninstall": _uninstall,
    "install": _install,
    "change_repositories": _repositories,
    "change_permissions": _permissions,
    "revoke_token": _revoke,
    "expire_token": _expire,
}
