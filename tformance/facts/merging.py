"""Which of several readings of the same children holds. Pure: the same readings in any order give the same children.

The newest complete reading is the ground. Parts of newer readings that are not yet complete lie on top of it, the
newest one uppermost; they add and change children but take none away. When the parts of one reading make it complete,
it becomes the ground.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

# Incomplete readings that are remembered: more arise only where a provider never lists all children.
MAX_PARTS: Final = 4


class Version(NamedTuple):
    """When the provider last changed it, then when it was asked."""

    updated_at: datetime
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """`totals` are the provider's counts (by thread for their comments), `keys` what was read, None for everything."""

    version: Version
    totals: Mapping[str, int]
    keys: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Children:
    """Children of one kind by key, with the readings they come from, oldest first; none means never asked for."""

    items: dict[str, Any] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()

    @property
    def is_complete(self) -> bool:
        return bool(self.readings) and self.readings[-1].keys is None


def as_json(children: Children, stored: int) -> dict[str, Any]:
    """What the column `child_sets` keeps of a kind, `stored` being the number of its rows."""
    newest = children.readings[-1]
    plain: dict[str, Any] = {"total": newest.totals.get("", 0), "stored": stored, **_version_as_json(newest.version)}
    if not children.is_complete:
        plain["readings"] = [
            {**_version_as_json(known.version), "totals": dict(known.totals), "keys": _sorted(known.keys)}
            for known in children.readings
        ]
    return plain


def readings_from_json(plain: Mapping[str, Any]) -> tuple[Reading, ...]:
    readings = plain.get("readings") or [{**plain, "totals": {"": plain["total"]}, "keys": None}]
    return tuple(
        Reading(_version_from_json(known), known["totals"], None if known["keys"] is None else frozenset(known["keys"]))
        for known in readings
    )


def _sorted(keys: frozenset[str] | None) -> list[str] | None:
    return None if keys is None else sorted(keys)


def _version_as_json(version: Version) -> dict[str, str]:
    return {"updated_at": version.updated_at.isoformat(), "fetched_at": version.fetched_at.isoformat()}


def _version_from_json(plain: Mapping[str, Any]) -> Version:
    updated, fetched = (datetime.fromisoformat(plain[name]).astimezone(UTC) for name in ("updated_at", "fetched_at"))
    return Version(updated, fetched)


def is_covered(children: Children, version: Version) -> bool:
    """Whether a reading of this version can tell nothing new."""
    return any(known.keys is None and known.version >= version for known in children.readings)


def merged(stored: Children, items: Mapping[str, Any], totals: Mapping[str, int], version: Version) -> Children:
    """`stored` with one more reading, complete or a part."""
    if is_covered(stored, version):
        return stored
    older = [known for known in stored.readings if known.version < version]
    newer = [known for known in stored.readings if known.version > version]
    keys = frozenset(items)
    for known in stored.readings:
        if known.version == version:
            keys, totals = keys | (known.keys or frozenset()), {**known.totals, **totals}
    above = frozenset[str]().union(*(known.keys or () for known in newer))
    result = {**stored.items, **{key: item for key, item in items.items() if key not in above}}
    if len(keys) < sum(totals.values()):
        return Children(result, _bounded((*older, Reading(version, totals, keys), *newer)))
    result = {key: item for key, item in result.items() if key in keys or key in above}
    return Children(result, (Reading(version, {"": totals.get("", 0)}, None), *newer))


def _bounded(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    ground = tuple(known for known in readings if known.keys is None)
    return ground + tuple(known for known in readings if known.keys is not None)[-MAX_PARTS:]
