"""From the groups of a statement to the rows of one query: values, labels, and the buckets in which nothing happened."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tformance.measures.compile import Group, Numbers, measure_of
from tformance.measures.coverage import Extent, Reach
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.labels import Labels
from tformance.measures.query import Bucket, Period, Query
from tformance.measures.result import Key, Result, Row
from tformance.measures.shape import ADDITIVE
from tformance.measures.statistics import FRACTIONS

NOTHING = Numbers(n=0, rows=0, aggregate=None)


@dataclass(frozen=True, slots=True)
class Answered:
    """The groups of an ask, and what their keys are called; `approximate` says that percentiles are not exact."""

    groups: list[Group]
    labels: Labels
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """What is known of the time of a row; `is_young`: what happens later may still change the numbers of some of its rows.

    `days` are those of it that have passed, at least one.
    """

    day: date | None
    start: datetime | None
    covered: bool
    partial: bool
    is_young: bool
    days: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One query, and the answered statement that has its numbers among others."""

    query: Query
    answered: Answered
    reach: Reach
    now: datetime

    def result(self) -> Result:
        period = self.query.period
        rows = tuple(self._rows(period, is_previous=False))
        previous = tuple(self._rows(period.previous(self.now), is_previous=True)) if self.query.compare else ()
        coverage = self.reach.coverage(self.query.filters, measure_of(self.query).rows.stream, period, self.now)
        return Result(self.query, measure_of(self.query), rows, previous, coverage)

    def _rows(self, period: Period, is_previous: bool) -> Iterator[Row]:
        groups = [group for group in self.answered.groups if group.is_previous is is_previous]
        groups.sort(key=self._place)
        return self._bucketed(period, groups) if self.query.every else self._whole(period, groups)

    def _whole(self, period: Period, groups: list[Group]) -> Iterator[Row]:
        """One row per key; without dimensions exactly one, also of nothing."""
        span = self._span(period, None)
        if not groups and not self.query.by:
            yield self._row((), NOTHING, span)
        for group in groups:
            yield self._row(group.keys, self._numbers(group), span)

    def _bucketed(self, period: Period, groups: list[Group]) -> Iterator[Row]:
        """Every bucket of every key that occurs in the period."""
        assert self.query.every
        found = {(group.keys, group.day): self._numbers(group) for group in groups}
        spans = [self._span(period, bucket) for bucket in period.buckets(self.query.every, self.now)]
        for keys in dict.fromkeys(group.keys for group in groups) if self.query.by else [()]:
            for span in spans:
                yield self._row(keys, found.get((keys, span.day), NOTHING), span)

    def _span(self, period: Period, bucket: Bucket | None) -> Span:
        """The bucket as far as it is in the period, or all of the period."""
        start = max(period.start, bucket.start) if bucket else period.start
        end = min(period.end, bucket.end) if bucket else period.end
        matures = measure_of(self.query).matures
        is_young = matures is not None and end + matures > self.now
        covered = self._extent.covers(start, self.now)
        return Span(
            day=bucket.day if bucket else None,
            start=bucket.start if bucket else None,
            covered=covered,
            partial=not covered or is_young or (bucket is not None and bucket.partial),
            is_young=is_young,
            days=max(min(end, self.now) - start, timedelta(days=1)) / timedelta(days=1),
        )

    @property
    def _extent(self) -> Extent:
        return self.reach.of(self.query.filters, measure_of(self.query).rows.stream)

    def _row(self, keys: tuple[int | str | None, ...], numbers: Numbers, span: Span) -> Row:
        return Row(
            key=tuple(self._key(name, key) for name, key in zip(self.query.by, keys, strict=True)),
            day=span.day,
            start=span.start,
            value=self._value(numbers, span),
            n=numbers.n,
            missing=numbers.rows - numbers.n,
            partial=span.partial,
            is_young=span.is_young,
            is_read=span.covered,
            approximate=self.answered.approximate and self.query.statistic in FRACTIONS,
        )

    def _value(self, numbers: Numbers, span: Span) -> float | None:
        """Where nothing happened a count is 0, but only where we would know; everything else has no value."""
        if numbers.rows == 0:
            return 0.0 if span.covered and self.query.statistic in ADDITIVE else None
        if numbers.n == 0 or numbers.aggregate is None:
            return None
        if self.query.statistic == "per_week":
            return numbers.aggregate / span.days * 7
        if self.query.statistic == "share":
            return numbers.aggregate / numbers.rows
        return float(numbers.aggregate)

    def _numbers(self, group: Group) -> Numbers:
        return group.numbers[self.query.measure, self.query.statistic]

    def _key(self, name: str, key: int | str | None) -> Key:
        return Key(key, self.answered.labels[name, key])

    def _place(self, group: Group) -> tuple[tuple[int, str], ...]:
        """Keys in their natural order, others by label, what has no key last."""
        return tuple(self._rank(name, key) for name, key in zip(self.query.by, group.keys, strict=True))

    def _rank(self, name: str, key: int | str | None) -> tuple[int, str]:
        order = DIMENSIONS[name].order
        if key in (None, ""):
            return len(order) + 1, ""
        return order.index(str(key)) if key in order else len(order), self.answered.labels[name, key].casefold()
