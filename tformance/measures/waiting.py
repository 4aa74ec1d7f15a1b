"""What open pull requests wait for right now, of whom, and which of them are old. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import get_args

from tformance.core.clock import now
from tformance.measures import guard
from tformance.measures.answer import answer
from tformance.measures.narrow import filtered
from tformance.measures.pull import PullRow, WaitingNow, WaitingPull
from tformance.measures.query import Filters, Period, Query, Waiting
from tformance.measures.records import COLUMNS, rows_of
from tformance.measures.requests import Requests, requests_of
from tformance.measures.rows.listed import LISTED
from tformance.measures.waits import waits_of

LEAST = 10  # merged pull requests, to say what is old


@dataclass(frozen=True, slots=True)
class Queue:
    """How many pull requests wait for the review of one person or provider's team, and the longest since when.

    `asked` is what to filter by; it is '' for those of which nobody was asked.
    """

    asked: str
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """The queues that are the viewer's to see, in the order of their names; nobody comes last.

    Of everybody, `names` are how many people and provider's teams are asked, `count` is of their reviews, and `nobody`
    of pull requests of which nobody was asked.
    """

    queues: tuple[Queue, ...]
    names: int
    count: int
    nobody: int

    @property
    def left_out(self) -> int:
        return self.names - sum(1 for queue in self.queues if queue.asked)


@dataclass(frozen=True, slots=True)
class AskedPull:
    """An open pull request, and since when somebody's review of it has been waited for."""

    row: PullRow
    since: datetime


@dataclass(frozen=True, slots=True)
class Ageing:
    """Open pull requests that are older than 85 of 100 merged ones were when they were merged.

    `limit_hours` is that age, None where fewer than ten merged ones tell; `n` is how many told. `count` of `opened` are
    older; `pulls` are the oldest of them, oldest first.
    """

    limit_hours: float | None
    n: int
    opened: int
    count: int
    pulls: tuple[PullRow, ...]


def waiting_now(filters: Filters, *, limit: int = 200) -> WaitingNow:
    """All open pull requests that the filters leave, whatever their `state` says, and the `limit` longest waiting."""
    matching = filtered(LISTED, replace(filters, state="open", waiting=None))
    waits = waits_of(matching)
    counts: dict[Waiting, int] = dict.fromkeys(get_args(Waiting), 0)
    for state, _ in waits.values():
        counts[state] += 1
    longest = sorted(waits, key=lambda pull: waits[pull][1])[:limit]
    rows = {row.id: row for row in rows_of(matching.filter(pk__in=longest).values_list(*COLUMNS))}
    return WaitingNow(counts, tuple(WaitingPull(rows[pull], *waits[pull]) for pull in longest if pull in rows))


def waiting_for(filters: Filters) -> WaitingFor:
    """Of whom a review was asked and not given yet."""
    matching = filtered(LISTED, replace(filters, state="open", asked=()))
    queues = queues_of(requests_of(matching))
    asked = [queue.count for queue in queues if queue.asked]
    nobody = sum(queue.count for queue in queues if not queue.asked)
    theirs = guard.askable([queue.asked for queue in queues])
    return WaitingFor(tuple(queue for queue in queues if queue.asked in theirs), len(asked), sum(asked), nobody)


def queues_of(requests: Requests) -> tuple[Queue, ...]:
    since: dict[str, list[datetime]] = defaultdict(list)
    for request in requests.pending:
        since[request.asked].append(request.since)
    queues = [Queue(asked, len(waits), min(waits)) for asked, waits in sorted(since.items())]
    unasked = len(requests.unasked)
    return (*queues, *([Queue("", unasked, None)] if unasked else []))


def asked_of(names: Collection[str], *, limit: int = 100) -> tuple[AskedPull, ...]:
    """What waits for the review of one of these logins, whoever opened it, longest first; three statements.

    Raises NotYours where one of them is not the viewer's to see.
    """
    guard.admit(Filters(state="open", asked=tuple(names)))
    opened = filtered(LISTED, Filters(state="open", automation=True))
    since: dict[int, datetime] = {}
    for request in requests_of(opened).pending:
        if request.asked in names:
            since[request.pull] = min(request.since, since.get(request.pull, request.since))
    longest = sorted(since, key=lambda pull: since[pull])[:limit]
    rows = {row.id: row for row in rows_of(opened.filter(pk__in=longest).values_list(*COLUMNS))}
    return tuple(AskedPull(rows[pull], since[pull]) for pull in longest if pull in rows)


def ageing(filters: Filters, period: Period, *, limit: int = 50) -> Ageing:
    """By the 85th percentile of cycle time in the period, of what the same filters leave; four statements."""
    merged = replace(filters, state=None, waiting=None, asked=(), draft=None)
    (result,) = answer([Query("cycle_time", "p85", period, filters=merged)])
    opened = filtered(LISTED, replace(filters, state="open"))
    value, n = result.total.value, result.total.n
    if value is None or n < LEAST:
        return Ageing(None, n, opened.count(), 0, ())
    old = opened.filter(pr_created_at__lt=now() - timedelta(hours=value))
    rows = rows_of(old.order_by("pr_created_at", "pk").values_list(*COLUMNS)[:limit])
    return Ageing(value, n, opened.count(), old.count(), tuple(rows))
