"""Commits with the pull requests that contain them. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tformance.facts.models.pull_request import PRCommit
from tformance.measures import guard, keyset
from tformance.measures.query import Filters, Period
from tformance.measures.result import Key
from tformance.measures.rows.commits import COMMITTED
from tformance.measures.streaming import CHUNK, matching, page_of, streamed

COLUMNS = (
    "id",
    "repository_id",
    "repository__full_name",
    "sha",
    "message",
    "author__login",
    "author_name",
    "committed_at",
    "is_merge",
    "additions",
    "deletions",
)


@dataclass(frozen=True, slots=True)
class Within:
    """A pull request as a commit shows it."""

    repository: str
    number: int


@dataclass(frozen=True, slots=True)
class Committed:
    """`login` is None where the provider knows no account of the author; `name` is what the commit says."""

    repository: Key
    sha: str
    message: str
    login: str | None
    name: str
    committed_at: datetime
    is_merge: bool
    additions: int | None
    deletions: int | None
    pulls: tuple[Within, ...]


@dataclass(frozen=True, slots=True)
class CommittedPage:
    """Some commits, latest first. `next` and `previous` are passed as `after`; `count` is of the whole list."""

    rows: tuple[Committed, ...]
    count: int
    next: str | None
    previous: str | None


def commits(filters: Filters, period: Period, *, after: str | None = None, limit: int = 50) -> CommittedPage:
    """What the measure of commits counts, in three statements; raises BadPlace for an `after` that no page gave."""
    rows, cut = _page(filters, period, after, limit)
    return CommittedPage(rows, matching(COMMITTED, filters, period).count(), cut.next, cut.previous)


def stream_commits(team_id: int, filters: Filters, period: Period) -> Iterator[Committed]:
    """The whole list in flat memory. It enters the tenant itself: streams outlive their request.

    Raises NotYours at once, inside `tenant()`, not while the stream is read.
    """
    return streamed(team_id, guard.admit(filters), lambda after: _part(filters, period, after))


def _part(filters: Filters, period: Period, after: str | None) -> tuple[tuple[Committed, ...], str | None]:
    rows, cut = _page(filters, period, after, CHUNK)
    return rows, cut.next


def _page(filters: Filters, period: Period, after: str | None, limit: int) -> tuple[tuple[Committed, ...], keyset.Cut]:
    cut = page_of(COMMITTED, COLUMNS, filters, period, after, limit)
    pulls = _pulls([row[0] for row in cut.rows])
    return tuple(_row(row, pulls[row[0]]) for row in cut.rows), cut


def _row(columns: tuple[Any, ...], pulls: list[Within]) -> Committed:
    _, repository, full_name, *rest = columns
    values = (*rest, tuple(pulls))
    return Committed(Key(repository, full_name), *values)


def _pulls(shown: list[int]) -> dict[int, list[Within]]:
    links = PRCommit.objects.filter(commit__in=shown, pull_request__gone_at__isnull=True)
    columns = ("commit_id", "pull_request__repository__full_name", "pull_request__number")
    found: dict[int, list[Within]] = defaultdict(list)
    for commit, *pull in links.order_by("pull_request__number", "pull_request_id").values_list(*columns):
        found[commit].append(Within(*pull))
    return found
