"""Marks the days that a change concerns, in the transaction of the change; those who follow take the marks.

A mark is one more row, never a lock on one: writing waits for nobody who follows.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.models.touched import TouchedDays

Days = tuple[date, date]  # the last one included
ALWAYS: Final[Days] = (date.min, date.max)


def touch(instants: Iterable[datetime | None]) -> None:
    """Something at these instants is new, or another than before, or no more."""
    _mark(_runs({instant.astimezone(UTC).date() for instant in instants if instant is not None}))


def touch_between(start: datetime | None, end: datetime) -> None:
    """What is known of a range changed; without a start of everything before its end."""
    _mark([(start.astimezone(UTC).date() if start else date.min, end.astimezone(UTC).date())])


def touch_days(spans: Iterable[Days]) -> None:
    _mark(list(spans))


def touch_all() -> None:
    """Something changed that has no day, such as who belongs to the team."""
    _mark([ALWAYS])


def take(team_id: int) -> list[Days]:
    """The marks of a team, which are gone when the caller's transaction is; what it reads afterwards is as new."""
    marks = TouchedDays.objects.filter(team_id=team_id).select_for_update(skip_locked=True)
    rows = list(marks.values_list("id", "first_day", "last_day"))
    if rows:
        TouchedDays.objects.filter(id__in=[row[0] for row in rows]).delete()
    return [(first, last) for _, first, last in rows]


def _mark(spans: list[Days]) -> None:
    bulk.insert(TouchedDays, current_team_id(), ("first_day", "last_day"), spans)


def _runs(days: set[date]) -> list[Days]:
    return list(_joined(sorted(days)))


def _joined(days: list[date]) -> Iterator[Days]:
    """Days that follow each other as one span."""
    for place, day in enumerate(days):
        if place == 0 or day - days[place - 1] > timedelta(days=1):
            first = day
        if place + 1 == len(days) or days[place + 1] - day > timedelta(days=1):
            yield first, day
