"""How far the team's facts reach: from when until when its repositories were read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.db.models import Count, Func, Max, Min, Q, Subquery

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
class Together:
    """Of some repositories how many there are, and of each stream the last start, the first end, and in how many it was read."""

    repositories: int
    streams: Mapping[str, tuple[datetime | None, datetime | None, int]]
    stored: Stored


class Reach:
    """What was read of the repositories, and what is stored of it all; asked for once for each choice of repositories."""

    def __init__(self) -> None:
        self._together: dict[tuple[int, ...], Together] = {}

    @property
    def stored(self) -> Stored:
        return self._of(()).stored

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        return _spans()

    def of(self, filters: Filters, stream: str) -> "Extent":
        """The range in which this was read of all the repositories asked for."""
        asked = self._of(filters.repositories)
        start, end, read = asked.streams.get(stream, (None, None, 0))
        return Extent(start or BEGINNING, end if read == asked.repositories else None)

    def coverage(self, filters: Filters, stream: str, period: Period, now: datetime) -> Coverage:
        asked, extent = self._of(filters.repositories), self.of(filters, stream)
        return Coverage(
            start=None if extent.end is None else asked.stored.first if extent.start == BEGINNING else extent.start,
            end=extent.end,
            complete=extent.covers(period.start, now) and extent.covers(min(period.end, now), now),
            has_pull_requests=asked.stored.has_pull_requests,
            repositories=asked.repositories,
            repositories_read=asked.streams.get(stream, (None, None, 0))[2],
        )

    def _of(self, repositories: tuple[int, ...]) -> Together:
        if repositories not in self._together:
            self._together[repositories] = _together(repositories)
        return self._together[repositories]


@dataclass(frozen=True, slots=True)
class Extent:
    """A range of complete knowledge; none while `end` is None. It reaches a little further than it was last looked at."""

    start: datetime
    end: datetime | None

    def covers(self, instant: datetime, now: datetime) -> bool:
        return self.end is not None and self.start <= instant <= min(now, self.end + FRESH)


def reach() -> Reach:
    """As of when it is first asked."""
    return Reach()


def _spans() -> tuple[Span, ...]:
    """One statement, as long as the list of repositories."""
    ends = (Microseconds(f"coverage__covered_{end}") for end in ("from", "to"))
    read: dict[int, dict[str, tuple[datetime, datetime | None]]] = {}
    for repository, stream, start, end in Repository.objects.values_list("pk", "coverage__stream", *ends):
        streams = read.setdefault(repository, {})
        if stream is not None:
            streams[stream] = (at(start) or BEGINNING, at(end))
    return tuple(Span(repository, streams) for repository, streams in read.items())


def _together(repositories: tuple[int, ...]) -> Together:
    """One statement, whose answer is as short as the list of streams; of what is stored it reads the first entries of indexes."""
    asked = Q(gone_at__isnull=True) & (Q(pk__in=repositories) if repositories else Q())
    count = Repository.everything.filter(asked).order_by().values(n=Func("pk", function="COUNT"))
    commits = Commit.objects.order_by("committed_at").values(at=Microseconds("committed_at"))[:1]
    pulls = PullRequest.objects.order_by("pr_created_at")
    firsts = (commits, pulls.values(opened=Microseconds("pr_created_at"))[:1], pulls.values("pk")[:1])
    lines = Repository.everything.order_by().values_list(
        "coverage__stream", *(Subquery(each) for each in (count, *firsts))
    )
    streams = {
        "last_start": Max("coverage__covered_from", filter=asked),
        "first_end": Min("coverage__covered_to", filter=asked),
        "read": Count("coverage__covered_to", filter=asked),
    }
    rows = list(lines.annotate(**streams))
    if not rows:
        return Together(0, {}, Stored(None, False))
    return Together(rows[0][1], {row[0]: row[5:] for row in rows}, _stored(*rows[0][2:5]))


def _stored(committed: int | None, opened: int | None, pull: int | None) -> Stored:
    return Stored(at(min((each for each in (committed, opened) if each is not None), default=None)), pull is not None)


def fetched() -> Fetched:
    """Counts all pull requests, which is why only who shows it asks."""
    counted: Fetched = remembered({"fetched": _count_fetched}, clock.now())["fetched"]
    return counted


def _count_fetched() -> Fetched:
    """Of those that are not whole there are few, which an index has by themselves."""
    found = PullRequest.objects.order_by()
    total = found.count()
    return Fetched(total, total - found.filter(is_complete=False).count())
