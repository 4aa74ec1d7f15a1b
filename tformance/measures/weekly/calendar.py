"""Weeks of a team: Mondays in its zone. Plain Python."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from tformance.facts.touched import Days
from tformance.measures.query import Period, truncate

WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
MIDWEEK = timedelta(days=2)  # a UTC day in the middle of the week lies in it in every zone


@dataclass(frozen=True, slots=True)
class Weeks:
    """Mondays from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def between(cls, start: datetime, end: datetime, zone: ZoneInfo) -> Self:
        """Every week that has an instant of the range, its end included."""
        return cls(*(monday(instant, zone) for instant in (start, end)))

    def __len__(self) -> int:
        return (self.last - self.first) // WEEK + 1

    def each(self) -> list[date]:
        return [self.first + WEEK * number for number in range(len(self))]

    def period(self, zone: ZoneInfo) -> Period:
        return Period.of_dates(self.first, self.last + WEEK, zone)

    def touched_by(self, span: Days, zone: ZoneInfo) -> list[date]:
        """Those of these weeks that have an instant of UTC days; what is said in reverse is read in order."""
        first, last = max(min(span), self.first - WEEK), min(max(span), self.last + 2 * WEEK)
        if first > last:
            return []
        start = datetime.combine(first, time(), UTC)
        end = datetime.combine(last + timedelta(days=1), time(), UTC) - MOMENT
        return [day for day in Weeks.between(start, end, zone).each() if self.first <= day <= self.last]


def monday(instant: datetime, zone: ZoneInfo) -> date:
    """The first day of the week that an instant is in."""
    return truncate(instant.astimezone(zone).date(), "week")


def newest_stretch(weeks: Iterable[date], most: int) -> Weeks:
    """The newest weeks that follow each other without a gap, `most` at most; there has to be one."""
    newest, *older = sorted(set(weeks), reverse=True)
    first = newest
    for day in older[: most - 1]:
        if first - day != WEEK:
            break
        first = day
    return Weeks(first, newest)


def stretches(weeks: Sequence[date]) -> list[Weeks]:
    """Weeks as few stretches without gaps, newest first."""
    left, found = set(weeks), []
    while left:
        found.append(newest_stretch(left, len(left)))
        left -= set(found[-1].each())
    return found


def as_days(weeks: Weeks) -> Days:
    """UTC days that touch these weeks and no others, in any zone."""
    return weeks.first + MIDWEEK, weeks.last + MIDWEEK
