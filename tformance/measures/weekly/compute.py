"""A stretch of weeks as rows: two statements a part, one by member and one of all, whatever the number of members."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, F
from django.db.models.functions import Trunc

from tformance.measures.coverage import Extent
from tformance.measures.narrow import filtered, within
from tformance.measures.query import Filters, midnight
from tformance.measures.statistics import aggregate
from tformance.measures.weekly.calendar import WEEK, Weeks
from tformance.measures.weekly.columns import NAMES, PARTS, VERSION, Column, Part

Key = tuple[int | None, date]  # member, Monday
Values = tuple[Any, ...]
STORED = (*NAMES, "definition_version", "final", "partial")


@dataclass(frozen=True, slots=True)
class Stretch:
    """What weeks are worked out from: the team's zone, how far all of its repositories were read, its members."""

    weeks: Weeks
    zone: ZoneInfo
    extent: Extent
    members: Sequence[int]
    now: datetime

    def rows(self) -> dict[Key, Values]:
        """A line for every member and the team in every week, in the order of STORED."""
        found = {part: _numbers(part, self.weeks, self.zone) for part in PARTS}
        return {
            (member, day): (*self._values(found, (member, day), is_known), VERSION, *state)
            for day, is_known, state in self._states()
            for member in (None, *self.members)
        }

    def _states(self) -> Iterator[tuple[date, bool, tuple[bool, bool]]]:
        """Of each week, whether nothing would be known to be nothing, and whether it is final and partial."""
        for day in self.weeks.each():
            start, end = midnight(day, self.zone), midnight(day + WEEK, self.zone)
            is_final = self.extent.end is not None and end <= min(self.extent.end, self.now)
            is_partial = not is_final or start < self.extent.start
            yield day, self.extent.covers(start, self.now), (is_final, is_partial)

    def _values(self, found: Mapping[Part, Mapping[Key, Any]], key: Key, is_known: bool) -> Iterator[Any]:
        for part in PARTS:
            numbers = found[part].get(key)
            for column in part.columns:
                if numbers is None:
                    yield 0 if column.zero and is_known else None
                else:
                    yield numbers[column.name]


def _numbers(part: Part, weeks: Weeks, zone: ZoneInfo) -> dict[Key, Any]:
    """By week and member, and of the team from its rows, so that outsiders count as well."""
    found: dict[Key, Any] = {}
    for by_member in (True, False):
        keys: dict[str, Any] = {"week": Trunc(part.rows.anchor, "week", output_field=DateField(), tzinfo=zone)}
        matching = _matching(part, weeks, zone)
        if by_member:
            keys["by_member"] = F(part.member)
            matching = matching.filter(**{f"{part.member}__isnull": False})
        for row in matching.values(**keys).annotate(**_aggregates(part.columns)).order_by():
            found[row.get("by_member"), row["week"]] = {column.name: _value(column, row) for column in part.columns}
    return found


def _matching(part: Part, weeks: Weeks, zone: ZoneInfo) -> Any:
    period = weeks.period(zone)
    return filtered(part.rows, Filters()).filter(within(part.rows.anchor, period.start, period.end))


def _aggregates(columns: Sequence[Column]) -> dict[str, Any]:
    counted = {f"n_{column.name}": Count(column.value) for column in columns if column.value is not None}
    return counted | {f"of_{column.name}": aggregate(column.statistic, column.value) for column in columns}


def _value(column: Column, row: Mapping[str, Any]) -> float | int | None:
    """What no row has a value of is absent."""
    if row.get(f"n_{column.name}") == 0:
        return None
    found: float | int | None = row[f"of_{column.name}"]
    return found
