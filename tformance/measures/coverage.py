"""How far the team's facts reach: from when until when its repositories were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q, Subquery

from tformance.core import clock
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit, Repository
from tformance.measures.cached import remembered
from tformance.measures.instants import Microseconds, at
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
    """The instant of the first fact, and whether there is any pull request."""

    first: datetime | None
    has_pull_requests: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """The team's pull requests, and how many of them have all their children."""

    pull_requests: int
    fully: int


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
            has_pull_requests=self.stored.has_pull_requests,
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


def reach() -> Reach:
    """One statement, as short as the list of repositories; of what is stored it reads the first entries of indexes."""
    commits = Commit.objects.order_by("committed_at").values(at=Microseconds("committed_at"))[:1]
    pulls = PullRequest.objects.order_by("pr_created_at")
    firsts = (commits, pulls.values(opened=Microseconds("pr_created_at"))[:1], pulls.values("pk")[:1])
    ends = (Microseconds(f"coverage__covered_{end}") for end in ("from", "to"))
    columns = ("pk", Q(gone_at__isnull=False), "coverage__stream", *ends, *(Subquery(each) for each in firsts))
    read: dict[int, dict[str, tuple[datetime, datetime | None]]] = {}
    rows = list(Repository.everything.values_list(*columns))
    for repository, is_gone, stream, start, end, *_ in rows:
        if is_gone:
            continue
        streams = read.setdefault(repository, {})
        if stream is not None:
            streams[stream] = (at(start) or BEGINNING, at(end))
    spans = tuple(Span(repository, streams) for repository, streams in read.items())
    return Reach(spans, _stored(*rows[0][5:]) if rows else Stored(None, False))


def _stored(committed: int | None, opened: int | None, pull: int | None) -> Stored:
    return Stored(at(min((each for each in (committed, opened) if each is not None), default=None)), pull is not None)


def fetched() -> Fetched:
    """Counts all pull requests, which is why only who shows it asks."""
    counted: Fetched = remembered({"fetched": _count_fetched}, clock.now())["fetched"]
    return counted


def _count_fetched() -> Fetched:
    counts = PullRequest.objects.aggregate(total=Count("*"), fully=Count("pk", filter=Q(is_complete=True)))
    return Fetched(counts["total"], counts["fully"])
