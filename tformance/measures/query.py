"""What is asked: a period, filters, and a measure with its axes. Plain Python, hashable."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Self
from zoneinfo import ZoneInfo

from tformance.measures.shape import Grain, Statistic

State = Literal["open", "merged", "closed"]
DateAxis = Literal["own", "opened", "updated", "reviewed", "deployed"]
Waiting = Literal["draft", "first_review", "sent_back", "in_review", "approved"]
Verdict = Literal["yes", "no_evidence", "unknown"]
Size = Literal["XS", "S", "M", "L", "XL"]
YesNo = Literal["yes", "no"]
Linked = Literal["yes", "no", "unknown"]
Signal = Literal["hotfix", "revert", "unreviewed"]

ANYBODY = "*"  # no login and no slug


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of `day` in `zone`, in UTC; also where clocks change at midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A whole day, week or month that a period touches; `partial` when the period does not cover all of it yet."""

    day: date
    start: datetime
    end: datetime
    partial: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open range of instants, read in a zone.

    The instants are kept in UTC: Python compares those of one zone by their clocks, which go back once a year.
    """

    start: datetime
    end: datetime
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("a period is made of aware instants")
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.start >= self.end:
            raise ValueError("a period ends after it starts")

    @classmethod
    def of_dates(cls, first: date, end: date, zone: ZoneInfo) -> Self:
        """From the first instant of `first` to the first instant of `end`, which is not part of it."""
        return cls(midnight(first, zone), midnight(end, zone), zone)

    @classmethod
    def last_days(cls, days: int, zone: ZoneInfo, now: datetime) -> Self:
        """`days` calendar days, of which today is the last."""
        tomorrow = now.astimezone(zone).date() + timedelta(days=1)
        return cls.of_dates(tomorrow - timedelta(days=days), tomorrow, zone)

    @property
    def first_day(self) -> date:
        return self.start.astimezone(self.zone).date()

    @property
    def end_day(self) -> date:
        """The day after the last one; the end of a period inside a day belongs to that day."""
        day = self.end.astimezone(self.zone).date()
        return day if self.end == midnight(day, self.zone) else day + timedelta(days=1)

    @property
    def is_whole_days(self) -> bool:
        return self == Period.of_dates(self.first_day, self.end_day, self.zone)

    def previous(self, now: datetime | None = None) -> "Period":
        """The period of the same length before this one; of a period that still runs, what has passed of it.

        That in whole hours, at least one: within an hour the same question has the same answer.
        """
        runs = now is not None and self.start < now < self.end
        end = self._after_whole_hours(now) if now is not None and runs else self.end
        if self.is_whole_days:
            days = self.end_day - self.first_day
            previous_end = _days_before(end, days, self.zone) if runs else self.start
            return Period(midnight(self.first_day - days, self.zone), previous_end, self.zone)
        length = self.end - self.start
        return Period(self.start - length, end - length, self.zone)

    def _after_whole_hours(self, now: datetime) -> datetime:
        hours = max((now - self.start) // timedelta(hours=1), 1)
        return min(self.start + timedelta(hours=hours), self.end)

    def buckets(self, grain: Grain, now: datetime | None = None) -> Iterator[Bucket]:
        """The buckets it touches in order; one that the period cuts, or that is not over at `now`, is partial."""
        day = truncate(self.first_day, grain)
        while (start := midnight(day, self.zone)) < self.end:
            following = _next(day, grain)
            end = midnight(following, self.zone)
            cut = start < self.start or end > self.end or (now is not None and start <= now < end)
            yield Bucket(day, start, end, cut)
            day = following


def truncate(day: date, grain: Grain) -> date:
    """The first day of the day, ISO week or month that `day` is in."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _next(day: date, grain: Grain) -> date:
    if grain == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if grain == "week" else 1)


def _days_before(instant: datetime, days: timedelta, zone: ZoneInfo) -> datetime:
    """The same time on the wall clock, days earlier."""
    local = instant.astimezone(zone)
    return datetime.combine(local.date() - days, local.time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Filters:
    """What is left of the rows; an empty filter leaves all. Repositories, authors and reviewers by our ids.

    Measures and lists take the same object. Automation is left out unless `automation` is set. Each word of `text`
    begins a word of the title, in any case, or is a number in it or its own number, as a whole. `waiting` is what an
    open pull request waits for at this moment, `asked` whose review it waits for, by login in lower case or slug of a
    provider's team, '' for nobody's and ANYBODY for that of anybody. It has one at least of the `labels`, was reviewed
    by one of the `reviewers` and by somebody of the `reviewer_groups`, and has a file that is of one of the
    `categories` and in one of the `directories`. `groups` are the provider's teams that a row's person is in now, by
    our ids. It shows one at least of the `signals`, and was open for more than `over_days` until its merge. None or '' is who has no such thing, so every key of a dimension can be chosen.
    """

    repositories: tuple[int, ...] = ()
    authors: tuple[int, ...] = ()
    ai: tuple[Verdict, ...] = ()
    ai_tools: tuple[str, ...] = ()
    sizes: tuple[Size | None, ...] = ()
    state: State | None = None
    automation: bool = False
    text: str = ""
    waiting: Waiting | None = None
    reviewers: tuple[int | None, ...] = ()
    categories: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    base_branches: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    work_types: tuple[str, ...] = ()
    merge_kinds: tuple[str | None, ...] = ()
    linked: Linked | None = None
    draft: YesNo | None = None
    asked: tuple[str, ...] = ()
    groups: tuple[int | None, ...] = ()
    reviewer_groups: tuple[int | None, ...] = ()
    signals: tuple[Signal, ...] = ()
    over_days: int | None = None

    def with_state(self, state: State | None) -> "Filters":
        return replace(self, state=state)

    def of_scope(self) -> "Filters":
        """What a whole page is about: without what narrows a single list."""
        return replace(
            self,
            state=None,
            text="",
            waiting=None,
            reviewers=(),
            categories=(),
            directories=(),
            linked=None,
            draft=None,
            asked=(),
            reviewer_groups=(),
            signals=(),
            over_days=None,
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A number, or several: `by` cuts it by dimensions, `every` by time; `compare` adds the previous period's."""

    measure: str
    statistic: Statistic
    period: Period
    by: tuple[str, ...] = ()
    every: Grain | None = None
    filters: Filters = Filters()
    compare: bool = False
