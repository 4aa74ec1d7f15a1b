"""Marks the days that a change concerns, in the transaction of the change; those who follow take the marks.

Weeks follow merges, commits, how far was read and who belongs to the team; roll-ups follow every day that a changed row
counts on, and nothing else.

A mark is one more row, never a lock on one: writing waits for nobody who follows.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.models.touched import TouchedDays

Days = tuple[date, date]  # the last one included
ALWAYS: Final[Days] = (date.min, date.max)
Concern = TouchedDays.Concern


class Marks(NamedTuple):
    """Days of which weeks, and days of which roll-ups, may say something else now."""

    weeks: list[Days]
    rollups: list[Days]


def touch(instants: Iterable[datetime | None], concern: Concern = Concern.ALL) -> None:
    """Something at these instants is new, or another than before, or no more."""
    _mark(_runs({instant.astimezone(UTC).date() for instant in instants if instant is not None}), concern)


def touch_between(start: datetime | None, end: datetime) -> None:
    """What is known of a range changed; without a start of everything before its end."""
    _mark([(start.astimezone(UTC).date() if start else date.min, end.astimezone(UTC).date())], Concern.WEEKS)


def touch_days(spans: Iterable[Days]) -> None:
    _mark(list(spans), Concern.WEEKS)


def touch_all() -> None:
    """Something changed that has no day, such as who belongs to the team."""
    _mark([ALWAYS], Concern.WEEKS)


def take(team_id: int) -> Marks:
    """The marks of a team, which are gone when the caller's transaction is; what it reads afterwards is as new."""
    marks = TouchedDays.objects.filter(team_id=team_id).select_for_update(skip_locked=True)
    rows = list(marks.values_list("id", "concern", "first_day", "last_day"))
    if rows:
        TouchedDays.objects.filter(id__in=[row[0] for row in rows]).delete()
    return Marks(
        weeks=[(first, last) for _, concern, first, last in rows if concern != Concern.ROLLUPS],
        rollups=[(first, last) for _, concern, first, last in rows if concern != Concern.WEEKS],
    )


def joined(marks: Iterable[Days]) -> list[Days]:
    """The same days in as few spans as can be, in order."""
    found: list[Days] = []
    for first, last in sorted(marks):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _mark(spans: list[Days], concern: Concern) -> None:
    rows = [(concern, *span) for span in spans]
    bulk.insert(TouchedDays, current_team_id(), ("concern", "first_day", "last_day"), rows)


def _runs(days: set[date]) -> list[Days]:
    return list(_joined(sorted(days)))


def _joined(days: list[date]) -> Iterator[Days]:
    """Days that follow each other as one span."""
    for place, day in enumerate(days):
        if place == 0 or day - days[place - 1] > timedelta(days=1):
            first = day
        if place + 1 == len(days) or days[place + 1] - day > timedelta(days=1):
            yield first, day
