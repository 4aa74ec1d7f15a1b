"""Keeps a team's weeks as its facts are: what was marked, what has no row yet, and what another version worked out.

A stretch of weeks at a time and the newest first, each in one transaction together with the marks it follows; the rest
is marked again. So every process may be killed at any instant, and an evening that was missed is made up for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, Min, OuterRef, Q, Subquery

from tformance.accounts.teams import present
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.facts import bulk
from tformance.facts.models.people import TeamMember
from tformance.facts.models.touched import TouchedDays
from tformance.facts.touched import ALWAYS, take, touch_days
from tformance.measures.coverage import BEGINNING, FRESH, Reach, reach
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.models.weekly import WeeklyMetrics, WeeklyRound
from tformance.measures.query import Filters, midnight
from tformance.measures.rollups.keeping import drop as drop_rollups
from tformance.measures.shape import Rows
from tformance.measures.weekly.calendar import WEEK, Weeks, as_days, monday, newest_stretch, stretches
from tformance.measures.weekly.columns import COMMITTED, MERGED, VERSION
from tformance.measures.weekly.compute import STORED, Key, Stretch, Values

ROWS: Final = 10_000  # of one transaction, about


@dataclass(frozen=True, slots=True)
class Step:
    """How many weeks were worked out, and how many are still to be."""

    done: int = 0
    left: int = 0


def waiting() -> list[int]:
    """Teams with something to follow, those that wait longest first."""
    now = clock.now()
    marks = TouchedDays.objects.filter(team=OuterRef("pk"))
    round_ = "weekly_round__"
    stale = ~Q(**{f"{round_}definition_version": VERSION}) | ~Q(**{f"{round_}zone": F("zone")})
    due = Q(weekly_round__isnull=True) | Q(**{f"{round_}due_at__lte": now}) | stale | Exists(marks)
    oldest = marks.values("team").annotate(oldest=Min("id")).values("oldest")
    found = present().filter(due).order_by(Subquery(oldest).asc(nulls_first=True), "pk")
    return list(found.values_list("pk", flat=True))


def follow(team_id: int, *, wait: bool = False) -> Step:
    """Work out the newest stretch of weeks of a team that is to be; unless told to `wait`, nothing where another is at it."""
    now = clock.now()
    with tenant(team_id), looking(EVERYBODY):
        mine = _locked(team_id, now, wait)
        if mine is None:
            return Step()
        zone = ZoneInfo(mine.team.zone)
        is_all = is_stale(mine)
        marks = take(team_id)
        drop_rollups([ALWAYS] if is_all else marks.rollups)
        step = _follow(team_id, [*marks.weeks, *([ALWAYS] if is_all else [])], zone, now)
        mine.due_at = midnight(monday(now, zone) + WEEK, zone)
        mine.definition_version, mine.zone = VERSION, mine.team.zone
        mine.save()
        return step


def is_stale(mine: WeeklyRound) -> bool:
    """All weeks are to be worked out again. The round comes with its team."""
    return mine.definition_version != VERSION or mine.zone != mine.team.zone


def _locked(team_id: int, now: datetime, wait: bool) -> WeeklyRound | None:
    mine = (
        WeeklyRound.objects.filter(team_id=team_id)
        .select_related("team")
        .select_for_update(skip_locked=not wait, of=("self",))
    )
    found = mine.first()
    if found is None:
        first = (now, 0, "")  # no version is 0: everything is new
        columns = ("due_at", "definition_version", "zone")
        bulk.insert(WeeklyRound, team_id, columns, [first], keep_existing=True)
        found = mine.first()
    return found


def _follow(team_id: int, marks: Iterable[tuple[date, date]], zone: ZoneInfo, now: datetime) -> Step:
    read = reach()
    known = known_weeks(read, zone, now)
    _drop_others(known)
    if known is None:
        return Step()
    members = list(TeamMember.objects.order_by("pk").values_list("pk", flat=True))
    wanted = {day for span in marks for day in known.touched_by(span, zone)} | missing_weeks(known)
    if not wanted:
        return Step()
    weeks = newest_stretch(wanted, max(ROWS // (len(members) + 1), 1))
    extent = read.of(Filters(), MERGED.stream)
    _store(team_id, weeks, Stretch(weeks, zone, extent, members, now).rows(), now)
    left = sorted(wanted - set(weeks.each()))
    touch_days(as_days(each) for each in stretches(left))
    return Step(len(weeks), len(left))


def known_weeks(reach: Reach, zone: ZoneInfo, now: datetime) -> Weeks | None:
    """The weeks of which something was read of some repository; read from the beginning, since the first fact."""
    read = [span.streams[MERGED.stream] for span in reach.spans if MERGED.stream in span.streams]
    ends = [end for _, end in read if end is not None]
    if not ends:
        return None
    start, end = min(start for start, _ in read), min(max(ends) + FRESH, now)
    if start == BEGINNING:
        start = min([*_first_facts(), end])
    return Weeks.between(start, end, zone) if start <= end else None


def _first_facts() -> list[datetime]:
    found = (_first(rows) for rows in (MERGED, COMMITTED))
    return [first for first in found if first is not None]


def _first(rows: Rows) -> datetime | None:
    instants = rows.model.objects.filter(rows.where).order_by(rows.anchor).values_list(rows.anchor, flat=True)
    first: datetime | None = instants.first()
    return first


def _drop_others(known: Weeks | None) -> None:
    """A week of which nothing was read, or is any more, has no rows."""
    rows = WeeklyMetrics.objects.all()
    if known is not None:
        rows = rows.filter(Q(week_start__lt=known.first) | Q(week_start__gt=known.last))
    rows.delete()


def missing_weeks(known: Weeks) -> set[date]:
    there = WeeklyMetrics.objects.filter(member__isnull=True).values_list("week_start", flat=True)
    return set(known.each()) - set(there)


def _store(team_id: int, weeks: Weeks, rows: dict[Key, Values], now: datetime) -> None:
    """Only what differs is written, so that `computed_at` says since when a row is what it is."""
    stored = _stored(weeks)
    new = [(*key, *values, now) for key, values in rows.items() if key not in stored]
    other = [
        (stored[key][0], *values, now) for key, values in rows.items() if key in stored and stored[key][1] != values
    ]
    bulk.insert(WeeklyMetrics, team_id, ("member_id", "week_start", *STORED, "computed_at"), new)
    bulk.update(WeeklyMetrics, (*STORED, "computed_at"), other)
    bulk.delete(WeeklyMetrics, [stored[key][0] for key in stored.keys() - rows.keys()])


def _stored(weeks: Weeks) -> dict[Key, tuple[int, Values]]:
    rows: Sequence[tuple[Any, ...]] = WeeklyMetrics.objects.filter(
        week_start__gte=weeks.first, week_start__lte=weeks.last
    ).values_list("pk", "member_id", "week_start", *STORED)
    return {(member, day): (key, tuple(values)) for key, member, day, *values in rows}
