"""From queries to one ORM statement: keys for dimensions, columns for statistics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Count, DateField, F, Q, QuerySet, Value, When
from django.db.models.functions import Trunc

from tformance.measures.catalogue import MEASURES
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.narrow import Unanswerable, column, filtered, within
from tformance.measures.query import Filters, Period, Query
from tformance.measures.shape import Finish, Grain, Measure, Rows, Statistic
from tformance.measures.statistics import FRACTIONS, Percentiles, aggregate


def measure_of(query: Query) -> Measure:
    """The query's measure; raises Unanswerable where the query asks for what it does not have."""
    measure = MEASURES.get(query.measure)
    if measure is None:
        raise Unanswerable(f"there is no measure {query.measure!r}")
    if query.statistic not in measure.statistics:
        raise Unanswerable(f"{measure.id} has no {query.statistic}: {', '.join(measure.statistics)}")
    for dimension in query.by:
        if dimension not in DIMENSIONS or dimension not in measure.rows.columns:
            raise Unanswerable(f"{measure.id} cannot be cut by {dimension}")
    return measure


@dataclass(frozen=True, slots=True)
class Ask:
    """What one statement answers: the same rows, period, filters and cuts for any number of measures.

    `previous` is the period to compare with; the statement then tells rows of the two apart by a key of its own. Only
    the measures that are `compared`, by id, need percentiles of both.
    """

    rows: Rows
    period: Period
    filters: Filters
    by: tuple[str, ...]
    every: Grain | None
    previous: Period | None = None
    wanted: tuple[tuple[Measure, Statistic], ...] = ()
    finish: Finish | None = None
    compared: frozenset[str] = frozenset()

    @property
    def signature(self) -> str:
        """Says everything the answer depends on but the data."""
        wanted = [(measure.id, measure.version, statistic) for measure, statistic in self.wanted]
        compared = sorted(self.compared)
        return repr((self.rows.id, self.period, self.filters, self.by, self.every, self.previous, wanted, compared))


class Numbers(NamedTuple):
    """One group's raw numbers for a measure: rows with a value, all rows, and the statistic's aggregate."""

    n: int
    rows: int
    aggregate: float | None


class Group(NamedTuple):
    """A row of the statement: bucket and dimension keys, and the numbers of every measure and statistic wanted."""

    is_previous: bool
    day: Any
    keys: tuple[int | str | None, ...]
    numbers: dict[tuple[str, Statistic], Numbers]


def run(ask: Ask) -> list[Group]:
    """Execute the one statement of an Ask."""
    if ask.finish is None:
        return [_group(ask, row) for row in selection(ask)]
    return list(_finished(ask, ask.finish))


def _finished(ask: Ask, finish: Finish) -> Iterator[Group]:
    """One group for all lines that differ only in what the measure is finished from."""
    ((measure, statistic),) = ask.wanted
    lines: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for row in selection(ask):
        keys = (row.get("is_previous", False), row.get("day"), tuple(row[f"by_{name}"] for name in ask.by))
        lines.setdefault(keys, []).append(tuple(row[name] for name in finish.columns))
    for keys, found in lines.items():
        value, n = finish.number(found)
        yield Group(*keys, {(measure.id, statistic): Numbers(n=n, rows=n, aggregate=value)})


def selection(ask: Ask) -> QuerySet[Any, dict[str, Any]]:
    """The statement, grouped by all keys; it is lazy, so that it can also be explained."""
    rows = ask.rows
    spans = within(rows.anchor, ask.period.start, ask.period.end)
    keys: dict[str, Any] = {f"by_{name}": column(rows, name) for name in ask.by}
    if ask.every:
        keys["day"] = Trunc(rows.anchor, ask.every, output_field=DateField(), tzinfo=ask.period.zone)
    if ask.previous:
        spans = within(rows.anchor, ask.previous.start, ask.period.end)
        if ask.previous.end < ask.period.start:
            spans &= Q(**{f"{rows.anchor}__lt": ask.previous.end}) | Q(**{f"{rows.anchor}__gte": ask.period.start})
        earlier = When(**{f"{rows.anchor}__lt": ask.period.start}, then=Value(True))
        keys["is_previous"] = Case(earlier, default=Value(False), output_field=BooleanField())
    if ask.finish and ask.finish.per:
        keys["per"] = F(ask.finish.per)
    keys = keys or {"everything": Value(1)}
    matching = filtered(rows, ask.filters, ask.by).filter(spans)
    grouped: QuerySet[Any, dict[str, Any]] = matching.values(**keys).annotate(**_aggregates(ask)).order_by()
    return grouped


def _aggregates(ask: Ask) -> dict[str, Any]:
    if ask.finish:
        return dict(ask.finish.columns)
    columns: dict[str, Any] = {"rows": Count("*")}
    for measure, statistic in ask.wanted:
        if measure.value is not None:
            columns[f"n_{measure.id}"] = Count(measure.value)
        if statistic not in FRACTIONS:
            columns[f"{statistic}_{measure.id}"] = aggregate(statistic, measure.value)
    for measure, statistics in _percentiles(ask).items():
        fractions = [FRACTIONS[name] for name in statistics]
        columns[f"percentiles_{measure.id}"] = Percentiles(measure.value, fractions, filter=_sorted(ask, measure))
    return columns


def _sorted(ask: Ask, measure: Measure) -> Q | None:
    """Which rows have to be sorted, which is what a percentile costs."""
    is_whole = ask.previous is None or measure.id in ask.compared
    return None if is_whole else Q(**{f"{ask.rows.anchor}__gte": ask.period.start})


def _percentiles(ask: Ask) -> dict[Measure, list[Statistic]]:
    """Those wanted of each measure, in the order of its array."""
    found: dict[Measure, list[Statistic]] = {}
    for measure, statistic in ask.wanted:
        if statistic in FRACTIONS:
            found.setdefault(measure, []).append(statistic)
    return found


def _group(ask: Ask, row: dict[str, Any]) -> Group:
    numbers = {}
    values = {**row}
    for measure, statistics in _percentiles(ask).items():
        found = row[f"percentiles_{measure.id}"] or [None] * len(statistics)
        values |= {f"{name}_{measure.id}": value for name, value in zip(statistics, found, strict=True)}
    for measure, statistic in ask.wanted:
        n, value = row.get(f"n_{measure.id}", row["rows"]), values[f"{statistic}_{measure.id}"]
        numbers[measure.id, statistic] = Numbers(n=n, rows=row["rows"], aggregate=value)
    keys = tuple(row[f"by_{name}"] for name in ask.by)
    return Group(row.get("is_previous", False), row.get("day"), keys, numbers)
