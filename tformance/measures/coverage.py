"""How far the team's facts reach: from when until when its repositories were read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, FilteredRelation, Min, Q, Subquery

from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.measures.query import Filters, Period
from tformance.measures.result import Coverage

BEGINNING = datetime.min.replace(tzinfo=UTC)
FRESH = timedelta(days=1)  # every repository is looked at daily at least
STREAM = "pull_requests"  # what measures count comes in this one, commits and reviews too


@dataclass(frozen=True, slots=True)
class Span:
    """What was read of a repository; nothing, while `end` is None."""

    repository: int
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Stored:
    """How much there is: the instant of the first fact, and pull requests, of which some lack children."""

    first: datetime | None
    pull_requests: int
    fully_fetched: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What was read of each repository, and what is stored of it all."""

    spans: tuple[Span, ...]
    stored: Stored

    def of(self, filters: Filters) -> "Extent":
        """The range in which all the repositories asked for were read."""
        spans = [span for span in self.spans if not filters.repositories or span.repository in filters.repositories]
        start = max((span.start for span in spans), default=BEGINNING)
        ends = [span.end for span in spans if span.end is not None]
        return Extent(start, min(ends) if spans and len(ends) == len(spans) else None)

    def coverage(self, filters: Filters, period: Period, now: datetime) -> Coverage:
        extent = self.of(filters)
        return Coverage(
            start=None if extent.end is None else self.stored.first if extent.start == BEGINNING else extent.start,
            end=extent.end,
            complete=extent.covers(period.start, now) and extent.covers(min(period.end, now), now),
            pull_requests=self.stored.pull_requests,
            fully_fetched=self.stored.fully_fetched,
        )


@dataclass(frozen=True, slots=True)
class Extent:
    """A range of complete knowledge; none while `end` is None. It reaches a little further than it was last looked at."""

    start: datetime
    end: datetime | None

    def covers(self, instant: datetime, now: datetime) -> bool:
        return self.end is not None and self.start <= instant <= min(now, self.end + FRESH)


def stored() -> Stored:
    """One statement."""
    commits = Commit.objects.order_by("committed_at").values("committed_at")[:1]
    counts = PullRequest.objects.aggregate(
        total=Count("*"),
        complete=Count("pk", filter=Q(is_complete=True)),
        first_opened=Min("pr_created_at"),
        first_committed=Min(Subquery(commits)),
    )
    instants = [counts[name] for name in ("first_opened", "first_committed") if counts[name] is not None]
    return Stored(min(instants, default=None), counts["total"], counts["complete"])


def spans() -> tuple[Span, ...]:
    """One statement, as short as the list of repositories."""
    read = FilteredRelation("coverage", condition=Q(coverage__stream=STREAM))
    rows = Repository.objects.annotate(read=read).values_list("pk", "read__covered_from", "read__covered_to")
    return tuple(Span(repository, start or BEGINNING, end) for repository, start, end in rows)
