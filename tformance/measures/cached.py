"""Answers kept until the team's data or a definition moves on, at most 300 seconds; see CACHE_URL."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Exists, OuterRef

from tformance.accounts.tenancy import current_team_id
from tformance.facts.models.repository import DataVersion
from tformance.facts.models.touched import TouchedDays
from tformance.facts.touched import Days, joined
from tformance.measures.models.rollup import Rollup

BOUND_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Version:
    """Of the team's data and definitions, whether anything of it is rolled up, and on which days it changed since."""

    name: str
    has_rollups: bool = False
    changed: tuple[Days, ...] = ()


def data_version() -> Version:
    """To be read before the data, so that nothing older than it can be kept under it."""
    marks = TouchedDays.objects.filter(team=OuterRef("team")).exclude(concern=TouchedDays.Concern.WEEKS).order_by("id")
    days = (ArraySubquery(marks.values(name)) for name in ("first_day", "last_day"))
    columns = ("version", "team__definition_version", Exists(Rollup.objects.all()), *days)
    found = DataVersion.objects.values_list(*columns).first()
    if found is None:
        return Version("empty")
    version, definitions, has_rollups, first, last = found
    return Version(f"{version}.{definitions}", has_rollups, tuple(joined(zip(first, last, strict=True))))


def remembered(wanted: Mapping[str, Callable[[], Any]], now: datetime) -> dict[str, Any]:
    """What each function gives, by its name; a name says everything the answer depends on but the team's data."""
    return remembered_together(wanted, lambda names: {name: wanted[name]() for name in names}, data_version(), now)


def remembered_together(
    names: Iterable[str], look_up: Callable[[list[str]], Mapping[str, Any]], version: Version, now: datetime
) -> dict[str, Any]:
    """As `remembered`; all that is not kept is looked up at once."""
    prefix = f"{current_team_id()}:{version.name}:{now:%Y%m%d%H}"
    address = {name: hashlib.sha256(f"{prefix}:{name}".encode()).hexdigest() for name in names}
    kept = cache.get_many(address.values())
    found = {name: kept[key] for name, key in address.items() if key in kept}
    unknown = [name for name in address if name not in found]
    if unknown:
        fresh = look_up(unknown)
        cache.set_many({address[name]: fresh[name] for name in unknown}, BOUND_SECONDS)
        found |= fresh
    return found
