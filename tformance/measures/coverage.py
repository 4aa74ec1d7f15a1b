"""How far the team's facts reach: from when until when its repositories were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Min, Q, Subquery

from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.measures.query import Filters, Period
from tformance.measures.result import Coverage

BEGINNING = datetime.min.replace(tzinfo=UTC)
FRESH = timedelta(days=1)  # every repository is looked at daily at least
NOT_READ: tuple[datetime, datetime | None] = (BEGINNING, None)


@dataclass(frozen=True, slots=True)
class Span:
    """What was read of a repository, by stream; a stream that is not there was not read."""

    repository: int
    streams: Mapping[str, tuple[datetime, datetime | None]] = field(default_factory=dict)


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

    def of(self, filters: Filters, stream: str) -> "Extent":
        """The range in which this was read of all the repositories asked for."""
        spans = self._asked(filters, stream)
        start = max((start for start, _ in spans), default=BEGINNING)
        ends = [end for _, end in spans if end is not None]
        return Extent(start, min(ends) if spans and len(ends) == len(spans) else None)

    def _asked(self, filters: Filters, stream: str) -> list[tuple[datetime, datetime | None]]:
        chosen = filters.repositories
        return [span.streams.get(stream, NOT_READ) for span in self.spans if not chosen or span.repository in chosen]

    def coverage(self, filters: Filters, stream: str, period: Period, now: datetime) -> Coverage:
        extent = self.of(filters, stream)
        asked = self._asked(filters, stream)
        return Coverage(
            start=None if extent.end is None else self.stored.first if extent.start == BEGINNING else extent.start,
            end=extent.end,
            complete=extent.covers(period.start, now) and extent.covers(min(period.end, now), now),
            pull_requests=self.stored.pull_requests,
            fully_fetched=self.stored.fully_fetched,
            repositories=len(asked),
            repositories_read=sum(end is not None for _, end in asked),
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
    columns = ("pk", "coverage__stream", "coverage__covered_from", "coverage__covered_to")
    found: dict[int, dict[str, tuple[datetime, datetime | None]]] = {}
    for repository, stream, start, end in Repository.objects.values_list(*columns):
        read = found.setdefault(repository, {})
        if stream is not None:
            read[stream] = (start or BEGINNING, end)
    return tuple(Span(repository, read) for repository, read in found.items())
