"""Parts of a number that add up: of a stretch of time, of a key, of a bucket. From rows, as JSON, and back."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, Self

from tformance.measures.compile import Numbers
from tformance.measures.rollups import histogram
from tformance.measures.shape import Measure, Statistic
from tformance.measures.statistics import FRACTIONS

Keys = tuple[int | str | None, ...]


@dataclass(slots=True)
class Tally:
    """All rows, those with a value, the sum of the values (how many differ, where a measure says that), and their histogram."""

    rows: int = 0
    n: int = 0
    total: float = 0
    places: Counter[int] = field(default_factory=Counter)

    def add(self, other: Self) -> None:
        self.rows += other.rows
        self.n += other.n
        self.total += other.total
        for place, count in other.places.items():
            self.places[place] += count

    def numbers(self, measure: Measure, statistic: Statistic) -> Numbers:
        return Numbers(n=self.n, rows=self.rows, aggregate=self._aggregate(measure, statistic))

    def _aggregate(self, measure: Measure, statistic: Statistic) -> float | None:
        if statistic in ("count", "per_week"):
            return self.rows
        if not self.n:
            return None
        if statistic in FRACTIONS:
            return histogram.percentile(self.places, FRACTIONS[statistic], whole=measure.unit != "hours")
        return self.total / self.n if statistic in ("mean", "rate") else self.total


def has_distribution(measure: Measure) -> bool:
    return any(statistic in FRACTIONS for statistic in measure.statistics)


def of_row(measure: Measure, row: Mapping[str, Any]) -> Tally:
    """From a row of the statement in `rollups.rows`."""
    if measure.value is None:
        return Tally(row["rows"], row["rows"])
    places = Counter(row.get(f"places_of_{measure.id}") or ())
    del places[None]  # rows without a value
    return Tally(row["rows"], row[f"n_of_{measure.id}"], row[f"total_of_{measure.id}"] or 0, places)


def sums_of(parts: Sequence[tuple[Keys, Tally]]) -> list[Any]:
    return [[list(keys), tally.rows, tally.n, tally.total] for keys, tally in parts]


def places_of(parts: Sequence[tuple[Keys, Tally]]) -> list[Any]:
    return [[list(tally.places), list(tally.places.values())] for _, tally in parts]


def from_json(sums: Sequence[Any], places: Sequence[Any] | None) -> Iterator[tuple[Keys, Tally]]:
    """Without places the tallies have no distribution."""
    for (keys, rows, n, total), histogram_ in zip(sums, places or repeat(()), strict=False):
        yield tuple(keys), Tally(rows, n, total, Counter(dict(zip(*histogram_, strict=True)) if histogram_ else {}))
