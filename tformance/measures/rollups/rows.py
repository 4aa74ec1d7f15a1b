"""Tallies from rows: the statement behind kept parts, and behind the stretches of a period that no kept part covers."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, DateField, Sum, Value

from tformance.measures.narrow import column, filtered, within
from tformance.measures.query import Filters
from tformance.measures.rollups.cover import Span
from tformance.measures.rollups.tally import Keys, Tally, of_row
from tformance.measures.shape import Measure, Rows


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of one key in one bucket, by measure."""

    is_previous: bool
    day: date | None
    keys: Keys
    tallies: dict[str, Tally]


@dataclass(frozen=True, slots=True)
class Counting:
    """What to count: measures of the same rows, cut by dimensions."""

    rows: Rows
    measures: Sequence[Measure]
    distributed: frozenset[str]  # measures of which the distribution is wanted
    cut: tuple[str, ...]

    def of(self, spans: Iterable[Span]) -> Iterator[Counted]:
        """One statement: every span is read by itself, as an index has its days side by side."""
        first, *others = [self._of(span) for span in spans]
        for row in first.union(*others, all=True) if others else first:
            keys = tuple(row[f"by_{name}"] for name in self.cut)
            tallies = {measure.id: of_row(measure, row) for measure in self.measures}
            yield Counted(row["is_previous"], row["day"], keys, tallies)

    def _of(self, span: Span) -> Any:
        keys: dict[str, Any] = {f"by_{name}": column(self.rows, name) for name in self.cut}
        keys["day"] = Value(span.day, output_field=DateField(null=True))
        keys["is_previous"] = Value(span.is_previous)
        matching = filtered(self.rows, Filters(), self.cut).filter(within(self.rows.anchor, span.start, span.end))
        return matching.values(**keys).annotate(**dict(self._aggregates())).order_by()

    def _aggregates(self) -> Iterator[tuple[str, Any]]:
        """Of a distribution all values, from which the rest follows: some take a while to work out."""
        yield "rows", Count("*")
        for measure in self.measures:
            if measure.id in self.distributed:
                yield f"values_of_{measure.id}", ArrayAgg(measure.value)
            elif measure.value is not None:
                differ = "distinct" in measure.statistics
                yield f"n_of_{measure.id}", Count(measure.value)
                yield f"total_of_{measure.id}", Count(measure.value, distinct=True) if differ else Sum(measure.value)
