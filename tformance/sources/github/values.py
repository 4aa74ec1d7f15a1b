"""GitHub's plain values in our words: instants, ids, accounts and connections."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TypeVar

from tformance.facts.records import GHOST, ActorKind, ActorRecord, ChildSet
from tformance.sources.github.client import Json

T = TypeVar("T")

# An organisation acts only as what became of a person's account.
_KINDS: dict[str, ActorKind] = {"Bot": "bot", "Mannequin": "mannequin"}
_NUMBERED = frozenset({"User", "Organization", "Bot", "Mannequin"})
_NAMED = frozenset({"User", "Organization"})


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def instant_or_none(text: str | None) -> datetime | None:
    return instant(text) if text else None


def link(address: str) -> str:
    """An address that a page may lead to; empty for anything that would do something else, such as javascript:."""
    return address if address.startswith(("https://", "http://")) else ""


def number(provider_id: int | str | None, node_id: str) -> int:
    """The provider's number; without one a stable negative number, which no provider gives."""
    if provider_id is not None:
        return int(provider_id)
    return -1 - (int.from_bytes(blake2b(node_id.encode(), digest_size=8).digest()) >> 1)


def actor(account: Json | None) -> ActorRecord:
    """Who did it; accounts that were deleted are all the same ghost, whom GitHub shows as null or by that name."""
    if account is None or account["login"] == GHOST.login:
        return GHOST
    kind = account["__typename"]
    login = account["login"].removesuffix("[bot]")
    return ActorRecord(
        provider_id=number(account["databaseId"] if kind in _NUMBERED else None, account["id"] or login),
        login=login,
        kind=_KINDS.get(kind, "user"),
        node_id=account["id"],
        name=(account["name"] or "") if kind in _NAMED else "",
    )


def rest_actor(account: Json) -> ActorRecord:
    """An account as REST shows it."""
    kind: ActorKind = _KINDS.get(account["type"], "user")
    return ActorRecord(
        provider_id=number(account["id"], account["node_id"]),
        login=account["login"].removesuffix("[bot]"),
        kind=kind,
        node_id=account["node_id"],
        name=account.get("name") or "",
    )


def actor_or_none(account: Json | None) -> ActorRecord | None:
    return actor(account) if account else None


def children(connection: Json, read: Callable[[Json], T]) -> ChildSet[T]:
    """What was read of a connection; things the token may not see are counted in the total only."""
    return ChildSet(tuple([read(node) for node in connection["nodes"] if node]), connection["totalCount"])
