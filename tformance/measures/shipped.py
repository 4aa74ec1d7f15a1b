"""Deployments to production with what they brought. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tformance.facts.models.delivery import DeploymentPullRequest
from tformance.measures import guard, keyset
from tformance.measures.query import Filters, Period
from tformance.measures.result import Key
from tformance.measures.rows.deployments import DELIVERED
from tformance.measures.streaming import CHUNK, matching, page_of, streamed

COLUMNS = (
    "id",
    "repository_id",
    "repository__full_name",
    "environment",
    "sha",
    "ref",
    "creator__login",
    "succeeded_at",
    "relation",
    "failure",
    "recovered_at",
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A pull request as a deployment shows it."""

    repository: str
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class Shipped:
    """A delivery to production. `relation` is None while it was not compared with the one before."""

    repository: Key
    environment: str
    sha: str
    ref: str | None
    creator: str | None
    succeeded_at: datetime
    relation: str | None
    failure: str
    recovered_at: datetime | None
    pulls: tuple[Brought, ...]


@dataclass(frozen=True, slots=True)
class ShippedPage:
    """Some deployments, latest first. `next` and `previous` are passed as `after`; `count` is of the whole list."""

    rows: tuple[Shipped, ...]
    count: int
    next: str | None
    previous: str | None


def deliveries(filters: Filters, period: Period, *, after: str | None = None, limit: int = 50) -> ShippedPage:
    """What deployment_frequency counts, in three statements; raises BadPlace for an `after` that no page gave."""
    rows, cut = _page(filters, period, after, limit)
    return ShippedPage(rows, matching(DELIVERED, filters, period).count(), cut.next, cut.previous)


def stream_deliveries(team_id: int, filters: Filters, period: Period) -> Iterator[Shipped]:
    """The whole list in flat memory. It enters the tenant itself: streams outlive their request.

    Raises NotYours at once, inside `tenant()`, not while the stream is read.
    """
    return streamed(team_id, guard.admit(filters), lambda after: _part(filters, period, after))


def _part(filters: Filters, period: Period, after: str | None) -> tuple[tuple[Shipped, ...], str | None]:
    rows, cut = _page(filters, period, after, CHUNK)
    return rows, cut.next


def _page(filters: Filters, period: Period, after: str | None, limit: int) -> tuple[tuple[Shipped, ...], keyset.Cut]:
    cut = page_of(DELIVERED, COLUMNS, filters, period, after, limit)
    pulls = _pulls([row[0] for row in cut.rows])
    return tuple(_row(row, pulls[row[0]]) for row in cut.rows), cut


def _row(columns: tuple[Any, ...], pulls: list[Brought]) -> Shipped:
    _, repository, full_name, *rest = columns
    values = (*rest, tuple(pulls))
    return Shipped(Key(repository, full_name), *values)


def _pulls(deployments: list[int]) -> dict[int, list[Brought]]:
    columns = ("deployment_id", "pull_request__repository__full_name", "pull_request__number", "pull_request__title")
    found: dict[int, list[Brought]] = defaultdict(list)
    links = DeploymentPullRequest.objects.filter(deployment__in=deployments, pull_request__gone_at__isnull=True)
    for deployment, *brought in links.order_by("pull_request__merged_at", "pull_request_id").values_list(*columns):
        found[deployment].append(Brought(*brought))
    return found
