"""Which whole weeks and months a question can be put together from. Plain Python."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tformance.measures.compile import Ask
from tformance.measures.query import Bucket, Period
from tformance.measures.shape import Grain

LONG: Final = timedelta(days=200)  # a period without buckets is made of months from there on


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time that is counted in the bucket of `day`, or in none; it may belong to the period before."""

    start: datetime
    end: datetime
    is_previous: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A week or month inside a span."""

    grain: Grain
    bucket: Bucket
    span: Span


def spans(ask: Ask) -> Iterator[Span]:
    """The periods of an ask, in as many parts as they have buckets."""
    for period, is_previous in ((ask.period, False), (ask.previous, True)):
        if period is None:
            continue
        if not ask.every:
            yield Span(period.start, period.end, is_previous)
            continue
        for bucket in period.buckets(ask.every):
            yield Span(max(bucket.start, period.start), min(bucket.end, period.end), is_previous, bucket.day)


def wholes(ask: Ask) -> list[Whole]:
    """What a question would best be put together from, if all of it were kept: months, and weeks in what they leave."""
    if ask.every == "day":
        return []
    by_months = ask.every == "month" or (not ask.every and ask.period.end - ask.period.start > LONG)
    zone = ask.period.zone
    found = []
    for span in spans(ask):
        months = [Whole("month", bucket, span) for bucket in _inside(span, "month", zone)] if by_months else []
        found += months
        for gap in gaps(span, months):
            found += [Whole("week", bucket, span) for bucket in _inside(gap, "week", zone)]
    return found


def _inside(span: Span, grain: Grain, zone: ZoneInfo) -> Iterator[Bucket]:
    return (bucket for bucket in Period(span.start, span.end, zone).buckets(grain) if not bucket.partial)


def gaps(span: Span, used: Iterable[Whole]) -> Iterator[Span]:
    """What of a span is in none of these."""
    start = span.start
    for whole in sorted(used, key=_start):
        if start < whole.bucket.start:
            yield Span(start, whole.bucket.start, span.is_previous, span.day)
        start = whole.bucket.end
    if start < span.end:
        yield Span(start, span.end, span.is_previous, span.day)


def _start(whole: Whole) -> datetime:
    return whole.bucket.start
