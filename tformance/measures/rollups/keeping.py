"""Keeps roll-ups of large teams: a part is dropped with the change that concerns it, and made anew when there is time.

Both happen under the lock of the team's weeks, so that no part is stored that knows less than the marks already taken.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings

from tformance.accounts.teams import present
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.facts import bulk
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.touched import Days, joined
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.models.rollup import Rollup
from tformance.measures.models.weekly import WeeklyRound
from tformance.measures.query import Bucket, Period
from tformance.measures.rollups.cover import Span
from tformance.measures.rollups.kept import GRAINS, Family, families, name_of
from tformance.measures.rollups.rows import Counting
from tformance.measures.rollups.tally import has_distribution, places_of, sums_of
from tformance.measures.shape import Grain

log = logging.getLogger(__name__)

TURN_SECONDS: Final = 20.0
PARTS_AT_ONCE: Final = 20  # in one transaction, which keeps others from following this team's weeks
COLUMNS: Final = (
    "measure",
    "version",
    "cut",
    "grain",
    "zone",
    "day",
    "first_day",
    "last_day",
    "rows",
    "sums",
    "places",
)
FILES: Final = 4  # of a pull request
MONTH: Final = timedelta(days=31)  # so that the first one is whole
MOMENT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Missing:
    """A week or month of a family that is not kept."""

    family: Family
    grain: Grain
    bucket: Bucket


def drop(marks: Iterable[Days]) -> None:
    """What a change concerns holds no more. Inside `tenant()`, in the transaction that takes the marks."""
    days = joined(marks)
    if not days:
        return
    kept = Rollup.objects.values_list("first_day", "last_day").distinct()
    concerned = [first for first, last in kept if any(start <= last and end >= first for start, end in days)]
    Rollup.objects.filter(first_day__in=concerned).delete()


def keep_all(seconds: float = TURN_SECONDS) -> int:
    """Make missing parts, newest first, team by team, until the time is over; returns how many were made."""
    done, ends_at = 0, time.monotonic() + seconds
    for team_id in list(present().order_by("pk").values_list("pk", flat=True)):
        while made := _tried(team_id):
            done += made
            if time.monotonic() >= ends_at:
                return done
    return done


def _tried(team_id: int) -> int:
    """One team that fails is written to the log and does not stop the others."""
    try:
        return keep(team_id)
    except Exception:
        log.exception("roll-ups of team %s could not be made", team_id)
        return 0


def keep(team_id: int) -> int:
    """Make some of a team's missing parts; returns how many, 0 once there are none."""
    with tenant(team_id), looking(EVERYBODY):
        mine = (
            WeeklyRound.objects.filter(team_id=team_id).select_related("team").select_for_update(of=("self",)).first()
        )
        if mine is None or mine.zone != mine.team.zone:
            return 0  # its weeks are made first, and everything of another zone is dropped with them
        missing = list(_missing(ZoneInfo(mine.zone)))[:PARTS_AT_ONCE]
        for each in missing:
            _drop_older(each)
            bulk.insert(Rollup, team_id, COLUMNS, list(_made(each, ZoneInfo(mine.zone))))
        return len(missing)


def _missing(zone: ZoneInfo) -> Iterator[Missing]:
    """Newest first."""
    opened = PullRequest.objects.filter(pr_created_at__isnull=False)
    if opened[: _few() + 1].count() <= _few():
        return
    first = opened.order_by("pr_created_at").values_list("pr_created_at", flat=True)[0]
    stored = set(Rollup.objects.values_list("measure", "version", "cut", "grain", "day"))
    period = Period(first - MONTH, clock.now(), zone)
    for grain in GRAINS:
        for bucket in reversed(list(period.buckets(grain))):
            if not bucket.partial:
                yield from (
                    Missing(family, grain, bucket) for family in families() if _lacks(stored, family, grain, bucket.day)
                )


def _few() -> int:
    """So many pull requests need no roll-ups: with their files they are about as many rows as are sorted."""
    return int(settings.EXACT_ROWS) // FILES


def _lacks(stored: set[tuple[str, int, str, str, date]], family: Family, grain: Grain, day: date) -> bool:
    return any(
        (measure.id, measure.version, name_of(family.cut), grain, day) not in stored for measure in family.measures
    )


def _drop_older(missing: Missing) -> None:
    """What is there of it follows an older definition."""
    family = missing.family
    names = [measure.id for measure in family.measures]
    there = Rollup.objects.filter(measure__in=names, cut=name_of(family.cut))
    there.filter(grain=missing.grain, day=missing.bucket.day).delete()


def _made(missing: Missing, zone: ZoneInfo) -> Iterator[bulk.Row]:
    family, bucket = missing.family, missing.bucket
    distributed = frozenset(measure.id for measure in family.measures if has_distribution(measure))
    counting = Counting(family.rows, family.measures, distributed, family.cut)
    counted = list(counting.of([Span(bucket.start, bucket.end)]))
    days = (_utc_day(bucket.start), _utc_day(bucket.end - MOMENT))
    for measure in family.measures:
        parts = [(each.keys, each.tallies[measure.id]) for each in counted]
        where = (name_of(family.cut), missing.grain, str(zone), bucket.day, *days)
        places = places_of(parts) if measure.id in distributed else None
        yield (measure.id, measure.version, *where, sum(tally.rows for _, tally in parts), sums_of(parts), places)


def _utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
