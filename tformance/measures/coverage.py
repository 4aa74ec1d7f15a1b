"""How far the team's facts reach: from when until when its repositories were read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, FilteredRelation, Min, Q

from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.measures.query import Filters, Period
from tformance.measures.result import Coverage

BEGINNING = datetime.min.replace(tzinfo=UTC)
FRESH = timedelta(days=1)  # every repository is looked at daily at least
STREAMS = ("pull_requests", "commits")  # what measures count comes in these


@dataclass(frozen=True, slots=True)
class Span:
    """What was read of a repository's stream; nothing, while `end` is None."""

    repository: int
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What was read of each repository, and the instant of the first fact."""

    spans: tuple[Span, ...]
    first: datetime | None
    pull_requests: int
    fully_fetched: int

    def of(self, filters: Filters) -> "Extent":
        """The range in which all the repositories asked for were read."""
        spans = [span for span in self.spans if not filters.repositories or span.repository in filters.repositories]
        start = max((span.start for span in spans), default=BEGINNING)
        ends = [span.end for span in spans if span.end is not None]
        return Extent(start, min(ends) if spans and len(ends) == len(spans) else None)

    def coverage(self, filters: Filters, period: Period, now: datetime) -> Coverage:
        extent = self.of(filters)
        return Coverage(
            start=None if extent.end is None else self.first if extent.start == BEGINNING else extent.start,
            end=extent.end,
            complete=extent.covers(period.start, now) and extent.covers(min(period.end, now), now),
            pull_requests=self.pull_requests,
            fully_fetched=self.fully_fetched,
        )


@dataclass(frozen=True, slots=True)
class Extent:
    """A range of complete knowledge; none while `end` is None. It reaches a little further than it was last looked at."""

    start: datetime
    end: datetime | None

    def covers(self, instant: datetime, now: datetime) -> bool:
        return self.end is not None and self.start <= instant <= min(now, self.end + FRESH)


def reach() -> Reach:
    """Two statements."""
    counts = PullRequest.objects.aggregate(
        total=Count("*"), complete=Count("pk", filter=Q(is_complete=True)), first=Min("pr_created_at")
    )
    first_commit = Commit.objects.aggregate(first=Min("committed_at"))["first"]
    instants = [instant for instant in (counts["first"], first_commit) if instant is not None]
    return Reach(tuple(_spans()), min(instants, default=None), counts["total"], counts["complete"])


def _spans() -> Iterable[Span]:
    read = FilteredRelation("coverage", condition=Q(coverage__stream__in=STREAMS))
    rows = Repository.objects.annotate(read=read).values_list("pk", "read__covered_from", "read__covered_to")
    for repository, start, end in rows:
        yield Span(repository, start or BEGINNING, end)
