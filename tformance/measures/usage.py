"""Is an AI tool used: seats as they are now, and people by day, week or month. Call it inside `tenant()`.

People are counted again for every stretch of time, because who used it on two days is one person. Nothing is cut by
person, and amounts are told only where several people made them.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db.models import Case, Count, DateField, Max, Q, Sum, When
from django.db.models.functions import Trunc

from tformance.facts.models.organization import AiUsageDay, Seat, UsageCoverage
from tformance.measures.query import Period
from tformance.measures.shape import Grain

ACTIVE_FOR: Final = timedelta(days=28)
LEAST_PEOPLE: Final = 5  # amounts of fewer people would tell what one of them did
AMOUNTS: Final = ("suggestions", "acceptances", "lines_suggested", "lines_added")
DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seats:
    """Seats assigned now: active in the last 28 days, idle for longer, or never used as far as the provider knows."""

    assigned: int
    active: int
    idle: int
    never: int


@dataclass(frozen=True, slots=True)
class Used:
    """Distinct people on known days, and amounts; these are None where nobody says, or too few people made them."""

    people: int
    chat: int
    agent: int
    cli: int
    suggestions: int | None
    acceptances: int | None
    lines_suggested: int | None
    lines_added: int | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A week or month: distinct active people, None where no day of it is known; `days` of it had ended in the period."""

    day: date
    people: int | None
    known: int
    days: int
    partial: bool


@dataclass(frozen=True, slots=True)
class Usage:
    """Of the days of the period that have ended, `known` have a report of every organisation that reports."""

    used: Used
    stretches: tuple[Stretch, ...]
    known: tuple[date, ...]
    unknown: tuple[date, ...]
    last_report: date | None


def seats(at: datetime) -> Seats:
    """One statement. Who has seats in two organisations has two."""
    since = at - ACTIVE_FOR
    counts = Seat.objects.aggregate(
        assigned=Count("pk"),
        active=Count("pk", filter=Q(last_active_at__gte=since)),
        idle=Count("pk", filter=Q(last_active_at__lt=since)),
        never=Count("pk", filter=Q(last_active_at=None)),
    )
    return Seats(**counts)


def usage(period: Period, grain: Grain, at: datetime) -> Usage:
    """Four statements. Days are the provider's, in UTC; today is left out, its report comes later."""
    ended = [day for day in _days(period.first_day, period.end_day) if day < min(at.date(), period.end_day)]
    reports = UsageCoverage.objects.aggregate(last=Max("day"), organizations=Count("organization", distinct=True))
    by_day = UsageCoverage.objects.filter(day__gte=period.first_day, day__lt=period.end_day).values_list("day")
    told = dict(by_day.annotate(organizations=Count("organization")).order_by())
    known = tuple(day for day in ended if day in told and told[day] == reports["organizations"])
    return Usage(
        used=_used(known),
        stretches=_stretches(period, grain, at, ended, known),
        known=known,
        unknown=tuple(sorted(set(ended) - set(known))),
        last_report=reports["last"],
    )


def _days(first: date, end: date) -> list[date]:
    return [first + DAY * index for index in range((end - first).days)]


def _used(known: tuple[date, ...]) -> Used:
    people = {
        name: Count(Case(When(**{f"used_{name}": True}, then="actor_id")), distinct=True)
        for name in ("chat", "agent", "cli")
    }
    rows = AiUsageDay.objects.filter(is_active=True, day__in=known)
    sums = {name: Sum(name) for name in AMOUNTS}
    found = Used(**rows.aggregate(people=Count("actor_id", distinct=True), **people, **sums))
    if found.people >= LEAST_PEOPLE:
        return found
    return replace(found, suggestions=None, acceptances=None, lines_suggested=None, lines_added=None)


def _stretches(
    period: Period, grain: Grain, at: datetime, ended: list[date], known: tuple[date, ...]
) -> tuple[Stretch, ...]:
    rows = AiUsageDay.objects.filter(is_active=True, day__in=known)
    cut = rows.values_list(Trunc("day", grain, output_field=DateField()))
    people = dict(cut.annotate(people=Count("actor_id", distinct=True)).order_by())
    found = []
    for bucket in period.buckets(grain, at):
        first, end = (edge.astimezone(period.zone).date() for edge in (bucket.start, bucket.end))
        read = sum(first <= day < end for day in known)
        days = sum(first <= day < end for day in ended)
        found.append(Stretch(bucket.day, people.get(bucket.day, 0) if read else None, read, days, bucket.partial))
    return tuple(found)
