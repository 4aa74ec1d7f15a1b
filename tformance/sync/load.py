"""From a page to rows: the one place where sync hands facts over. A page, its cursor and its counts are one transaction."""

import copy
import hashlib
import json
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db import DataError, IntegrityError, transaction
from django.db.models import F, Max, Min

from tformance.accounts.models import Team
from tformance.accounts.tenancy import current_team_id, tenant
from tformance.core.clock import now
from tformance.core.errors import SourceError
from tformance.facts import write
from tformance.facts.coverage import write_coverage
from tformance.facts.models.repository import Repository
from tformance.facts.records import RepositoryPage, RepositoryRecord
from tformance.sources.contract import Item, ScopeKind, ScopeRef, Skipped, Stream
from tformance.sources.registry import SOURCES
from tformance.sync import steps
from tformance.sync.credentials import credential_for
from tformance.sync.lease import Lease
from tformance.sync.models import Quarantined, Scope, SyncStep
from tformance.sync.session import Fetched, LentSession, Spent
from tformance.sync.steps import StaleStep

log = logging.getLogger(__name__)

# What one strange item can cause in translation or in the database; everything else is not the item's fault.
ITEM_FAULTS = (SourceError, LookupError, TypeError, ValueError, AttributeError, DataError, IntegrityError)


@dataclass(slots=True)
class Work:
    """What a worker holds while it works on one step; `beat_at` is when the last page was stored."""

    lease: Lease
    step: SyncStep
    scope: Scope
    stream: Stream
    ref: ScopeRef
    session: LentSession
    beat_at: datetime = field(default_factory=now)


def begin(held: Lease, step: SyncStep) -> Work:
    """Everything that is needed to read a step's stream."""
    scope, connection = step.scope, step.scope.connection
    stream = SOURCES[connection.source].stream(step.stream)
    ref = ScopeRef(connection.api_url, scope.name, scope.node_id, cast(ScopeKind, scope.kind), scope.reads_every_head)
    session = LentSession(credential_for(connection, "reading"), copy.deepcopy(scope.memory))
    return Work(held, step, scope, stream, ref, session)


def absorb(work: Work, fetched: Fetched) -> None:
    """Store a page and move the step on behind it; raises LeaseLost or StaleStep, then nothing was stored."""
    page = fetched.page
    with tenant(work.lease.team_id):
        work.lease.renew()
        bad = [*page.skipped, *_store(work, page.items, page.fetched_at)]
        released = _release(work, {item_id(item) for item in page.items} - {skipped.item for skipped in bad})
        quarantine(work, bad)
        if fetched.memory != work.scope.memory:
            _change_scope(work.scope, memory=fetched.memory)
        _advance(work, fetched, len(bad), has_progress=released > 0 or not work.step.is_walked)


def store_told(page: RepositoryPage) -> None:
    """Store what a message itself says. Inside `tenant()`."""
    write.write_page(page, team_id=current_team_id())


def note_spending(work: Work) -> None:
    """Count requests that led to no page. Inside `tenant()`."""
    _update_step(work, counts=_counts(work, fetched=0, skipped=0, spent=work.session.settle()))


def note_walked(work: Work) -> None:
    """The stream ended without a last page."""
    with tenant(work.lease.team_id):
        work.lease.renew()
        _update_step(work, is_walked=True, cursor=None)


def complete(work: Work) -> None:
    """End a step: the next incremental reading starts from here. Inside `tenant()`."""
    steps.complete(work.step)
    reached = work.step.watermark or work.step.since or work.step.started_at
    known = work.scope.watermark(work.stream.id)
    if work.step.window != SyncStep.Window.HISTORY and reached and (known is None or known < reached):
        _change_scope(work.scope, watermarks=work.scope.watermarks | {work.stream.id: reached.isoformat()})
    _cover(work)


def _cover(work: Work) -> None:
    """Note how far the stream is now read without a gap: from the newest month on, or from the beginning."""
    done = SyncStep.objects.filter(scope=work.scope, stream=work.stream.id, state=SyncStep.State.COMPLETE)
    newest = {row["window"]: row for row in done.values("window").annotate(at=Max("started_at"), start=Min("since"))}
    history = newest.pop(SyncStep.Window.HISTORY, None)
    first = newest.get(SyncStep.Window.WHOLE) or newest.get(SyncStep.Window.RECENT)
    if first is None or work.scope.repository_id is None:
        return
    covered_from = None if history else first["start"]
    covered_to = max(row["at"] for row in newest.values())
    write_coverage(work.scope.repository_id, work.stream.id, covered_from, covered_to)


def item_id(item: Item) -> str:
    """The provider's id of an item, or a digest of it where it has none."""
    known = item.get("id")
    return str(known) if known else hashlib.sha256(json.dumps(item, default=str).encode()).hexdigest()


def _store(work: Work, items: tuple[Item, ...], fetched_at: datetime) -> list[Skipped]:
    """Write items as facts; when together they cannot be written each goes alone and the bad ones are returned."""
    if not items:
        return []
    try:
        with transaction.atomic():
            page = work.stream.translate(work.ref, items, fetched_at)
            if isinstance(page, RepositoryPage):
                write.write_page(page, team_id=work.lease.team_id)
                _recognise(work.scope, page.repository)
        return []
    except ITEM_FAULTS as error:
        if len(items) == 1:
            log.warning("item %s of %s is quarantined", item_id(items[0]), work.scope, exc_info=error)
            return [Skipped(item_id(items[0]), _in_words(error))]
    return [bad for item in items for bad in _store(work, (item,), fetched_at)]


def _in_words(error: Exception) -> str:
    if isinstance(error, SourceError):
        return str(error)
    return f"The provider sent something that tformance does not understand ({type(error).__name__}: {error})."


def _recognise(scope: Scope, record: RepositoryRecord) -> None:
    """Tie the scope to its repository; a renamed one keeps its rows and gets its new name."""
    if scope.repository_id is None:
        stored = Repository.everything.get(source=record.source, provider_id=record.provider_id)
        _change_scope(scope, repository=stored)
    is_same_name = scope.name.lower() == record.full_name.lower()
    if is_same_name and not scope.node_id and record.node_id:
        _change_scope(scope, node_id=record.node_id)
    if scope.node_id and scope.node_id == record.node_id and scope.name != record.full_name:
        _rename(scope, record.full_name)


def _rename(scope: Scope, name: str) -> None:
    if not Scope.objects.filter(connection=scope.connection_id, name=name).exists():
        _change_scope(scope, name=name)


def _change_scope(scope: Scope, **values: Any) -> None:
    Scope.objects.filter(pk=scope.pk).update(**values)
    for name, value in values.items():
        setattr(scope, name, value)


def _release(work: Work, items: set[str]) -> int:
    """Items that are stored now need no further asking; returns how many there were."""
    same = Quarantined.objects.filter(scope=work.scope, stream=work.stream.id, item__in=items)
    return int(same.delete()[0])


def quarantine(work: Work, bad: list[Skipped]) -> None:
    instant = now()
    for skipped in bad:
        same = Quarantined.objects.filter(scope=work.scope, stream=work.stream.id, item=skipped.item)
        if same.update(reason=skipped.reason, last_seen=instant, attempts=F("attempts") + 1):
            continue
        Quarantined.objects.create(
            team_id=work.lease.team_id,
            scope=work.scope,
            step=work.step,
            stream=work.stream.id,
            item=skipped.item,
            reason=skipped.reason,
            first_seen=instant,
            last_seen=instant,
        )


def _advance(work: Work, fetched: Fetched, bad: int, *, has_progress: bool) -> None:
    page, step = fetched.page, work.step
    progress: dict[str, Any] = {}
    if not step.is_walked:
        progress = {"cursor": page.cursor, "is_walked": page.cursor is None, "watermark": _newest(step, page.watermark)}
        progress |= {"seen": page.seen, "expected": page.expected}
    if has_progress:
        progress |= {"failures": 0, "failing_since": None, "error": ""}
    counts = _counts(work, fetched=len(page.items) + len(page.skipped), skipped=bad, spent=fetched.spent)
    _update_step(work, counts=counts, **progress)
    if page.total is not None and step.window == SyncStep.Window.RECENT:
        _foretell_history(work, page.total)


def _foretell_history(work: Work, total: int) -> None:
    """How long the history will be is known, and shown, from the first recent page on."""
    later = SyncStep.objects.filter(run=work.step.run_id, scope=work.scope, stream=work.stream.id, expected=None)
    later.filter(window=SyncStep.Window.HISTORY).update(expected=total)


def _newest(step: SyncStep, watermark: datetime | None) -> datetime | None:
    return max(filter(None, (step.watermark, watermark)), default=None)


def _counts(work: Work, *, fetched: int, skipped: int, spent: Spent) -> dict[str, Any]:
    """The step's counts with this page added; the seconds are those since the page before."""
    instant = now()
    more = {
        "fetched": fetched,
        "written": fetched - skipped,
        "skipped": skipped,
        "requests": spent.requests,
        "points": spent.points,
        "seconds": (instant - work.beat_at).total_seconds(),
    }
    work.beat_at = instant
    return {name: round(work.step.counts.get(name, 0) + value, 3) for name, value in more.items()}


def _update_step(work: Work, **values: Any) -> None:
    step = work.step
    mine = SyncStep.objects.filter(pk=step.pk, state=SyncStep.State.RUNNING, attempt=step.attempt)
    if not mine.update(heartbeat_at=now(), **values):
        raise StaleStep
    for name, value in values.items():
        setattr(step, name, value)


def derive_stale(seconds: float) -> None:
    """Derive again, team by team and for so long, what still follows an older definition."""
    ends_at = time.monotonic() + seconds
    for team_id in Team.objects.order_by("id").values_list("id", flat=True):
        while time.monotonic() < ends_at and _derive_some(team_id):
            pass


def _derive_some(team_id: int) -> int:
    with tenant(team_id):
        return write.derive_stale()
