"""Reading what is wanted by its id: in batches, most urgent first, until a reading that began later than the wish."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, QuerySet, Value, When

from tformance.accounts.tenancy import tenant
from tformance.core import reports
from tformance.core.clock import now
from tformance.sources.contract import Page
from tformance.sources.registry import SOURCES
from tformance.sync import inbox, load, rounds, steps, turns
from tformance.sync.lease import LEASE
from tformance.sync.load import Reading
from tformance.sync.models import Connection, Scope, Wanted
from tformance.sync.session import Ahead, Fetched
from tformance.sync.turns import Visit
from tformance.sync.wanted import PATIENT, URGENT

log = logging.getLogger(__name__)

BATCH = 25


@dataclass(slots=True)
class Batch:
    """Items of one stream that are asked for together, as far as they are not settled; `requests` is what it cost."""

    reading: Reading
    items: tuple[str, ...]
    began_at: datetime
    requests: int = 0


def are_due(visit: Visit) -> bool:
    """Whether anything is wanted now that does not wait for the end of a step."""
    with tenant(visit.team_id):
        return bool(_due(visit).exclude(why=PATIENT).exists())


def next_batch(visit: Visit) -> Batch | None:
    """The most urgent items, put off for as long as a worker may need: one that it dies of is not met again at once."""
    with tenant(visit.team_id):
        visit.lease.renew()
        first = _due(visit).select_related("scope__connection__app").first()
        if first is None:
            return None
        if _is_unreadable(first):
            Wanted.objects.filter(scope=first.scope, stream=first.stream).delete()
            return next_batch(visit)
        same = _due(visit).filter(scope=first.scope, stream=first.stream, failures__lte=first.failures)
        size = max(BATCH >> (2 * min(first.failures, 3)), 1)  # those that failed are soon asked for one by one
        return claim(visit, first.scope, first.stream, list(same.values_list("item", flat=True)[:size]))


def claim(visit: Visit, scope: Scope, stream: str, items: Collection[str]) -> Batch:
    """Take items for a reading that begins now. Inside `tenant()`."""
    instant = now()
    _rows(scope, stream, items).update(due_at=instant + LEASE)
    return Batch(load.begin(visit, scope, stream), tuple(items), instant)


def read(batch: Batch) -> None:
    """Ask for the items and settle what was answered; raises what the source raises, and LeaseLost.

    Where each costs a request of its own each is settled by itself: a limit in the middle takes nothing away.
    """
    reading = batch.reading
    ask = reading.stream.fetch_ids
    assert ask is not None
    size = 1 if reading.stream.backfill == "on_demand" else BATCH
    parts = [batch.items[at : at + size] for at in range(0, len(batch.items), size)]
    pages = (ask(reading.session, reading.ref, part) for part in parts)
    with Ahead(pages, reading.session, reading.visit.lease.renew, lambda: _may_ask(reading)) as ahead:
        for part, fetched in zip(parts, ahead, strict=False):
            _absorb(batch, part, fetched)
    if batch.items:
        with tenant(reading.visit.team_id):
            reading.visit.lease.renew()
            put_back(batch, now())


def postpone(batch: Batch, reason: str) -> None:
    """Nothing of it could be read: it is tried again later, later each time. Inside `tenant()`."""
    _retry_later(_waiting(batch), dict.fromkeys(batch.items, reason))


def put_back(batch: Batch, at: datetime) -> None:
    """Nobody's failure: the items are due again at an instant. Inside `tenant()`."""
    _waiting(batch).update(due_at=at)


def _may_ask(reading: Reading) -> bool:
    """Whether nothing waits that is more urgent than the rest of a batch."""
    visit = reading.visit
    inbox.listen(visit)
    if reading.session.budget_is_low() or not visit.may_go_on():
        return False
    with tenant(visit.team_id):
        return not _due(visit).filter(why__in=URGENT).exists()


def _absorb(batch: Batch, asked: tuple[str, ...], fetched: Fetched[Page]) -> None:
    reading, page = batch.reading, fetched.page
    batch.requests += fetched.spent.requests
    with tenant(reading.visit.team_id):
        reading.visit.lease.renew()
        stored = load.store(reading, page, fetched.memory)
        turns.account_for(reading.visit.lease, reading.session, fetched.spent)
        gone = {skipped.item for skipped in stored.bad if skipped.is_gone}
        load.mark_gone(reading, gone, batch.began_at)
        bad = {skipped.item: skipped.reason for skipped in stored.bad if not skipped.is_gone}
        answered = {load.item_id(item) for item in page.items} | gone
        bad |= dict.fromkeys(set(asked) - answered - bad.keys(), "The provider did not answer for it.")
        waiting = _waiting(batch).filter(item__in=asked)
        waiting.exclude(item__in=bad).delete()
        _retry_later(waiting, bad)
        if reading.stream.id == "deployments":
            load.ask_for_contents(reading.scope)
    batch.items = batch.items[len(asked) :]


def _retry_later(rows: "QuerySet[Wanted]", reasons: dict[str, str]) -> None:
    instant, stubborn = now(), []
    for row in rows.filter(item__in=reasons).order_by("item"):
        since, failures = row.failing_since or instant, row.failures + 1
        delay = steps.delay_after(failures, instant - since)
        if delay is None:
            row.delete()
            reports.send(f"{row.stream} {row.item} could not be read for two weeks: {reasons[row.item]}")
            continue
        row.failures, row.failing_since, row.error = failures, since, reasons[row.item]
        row.due_at = instant + delay
        row.save(update_fields=["failures", "failing_since", "error", "due_at"])
        stubborn += [row] if failures == len(steps.QUICK_RETRIES) + 1 else []
    if stubborn:
        _report_once(stubborn)


def _report_once(rows: list[Wanted]) -> None:
    """Whoever looks after the server hears of the first that quick repeats did not help, not of all that fail beside."""
    first = rows[0]
    same = Wanted.objects.filter(scope=first.scope_id, stream=first.stream, failures__gt=len(steps.QUICK_RETRIES))
    if not same.exclude(pk__in=[row.pk for row in rows]).exists():
        reports.send(f"{first.stream} {first.item} of scope {first.scope_id} cannot be read: {first.error}")


def _due(visit: Visit) -> "QuerySet[Wanted]":
    due = rounds.open_wanted(visit.connection_id).filter(
        due_at__lte=now(), scope__connection__state=Connection.State.ACTIVE
    )
    urgency = Case(When(why__in=URGENT, then=Value(0)), When(why=PATIENT, then=Value(2)), default=Value(1))
    return due.order_by(urgency, "failures", "due_at", "pk")


def _rows(scope: Scope, stream: str, items: Collection[str]) -> "QuerySet[Wanted]":
    found: QuerySet[Wanted] = Wanted.objects.filter(scope=scope, stream=stream, item__in=items)
    return found


def _waiting(batch: Batch) -> "QuerySet[Wanted]":
    """Those of the batch for which there was no new reason since its reading began."""
    found = _rows(batch.reading.scope, batch.reading.stream.id, batch.items)
    return found.filter(marked_at__lte=batch.began_at)


def _is_unreadable(row: Wanted) -> bool:
    """The source has no such stream, or cannot read it by id."""
    streams = SOURCES[row.scope.connection.source].streams
    return not any(stream.id == row.stream and stream.fetch_ids for stream in streams)
