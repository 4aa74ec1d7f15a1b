"""Parts of a number that add up: of a stretch of time, of a key, of a bucket. From rows, as JSON, and back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
    places: dict[int, int] = field(default_factory=dict)

    def add(self, rows: int, n: int, total: float, places: Iterable[tuple[int, int]] = ()) -> None:
        self.rows += rows
        self.n += n
        self.total += total
        known = self.places
        for place, count in places:
            known[place] = known.get(place, 0) + count

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
    if f"values_of_{measure.id}" not in row:
        return Tally(row["rows"], row[f"n_of_{measure.id}"], row[f"total_of_{measure.id}"] or 0)
    values = [float(value) for value in row[f"values_of_{measure.id}"] or () if value is not None]
    return Tally(row["rows"], len(values), sum(values), Counter(map(histogram.place, values)))


def sums_of(parts: Sequence[tuple[Keys, Tally]]) -> list[Any]:
    return [[list(keys), tally.rows, tally.n, tally.total] for keys, tally in parts]


def places_of(parts: Sequence[tuple[Keys, Tally]]) -> list[Any]:
    """In the order of the sums; two plain lists are read much faster than one of pairs."""
    return [[list(tally.places), list(tally.places.values())] for _, tally in parts]
