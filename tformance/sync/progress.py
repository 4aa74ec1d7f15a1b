"""How a step comes on: a page, the cursor behind it and its counts are one transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Max, Min, Q

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.coverage import write_coverage, write_project_coverage
from tformance.sources.contract import Page
from tformance.sources.registry import SOURCES
from tformance.sync import load, steps, turns
from tformance.sync.load import Reading
from tformance.sync.models import Scope, SyncStep
from tformance.sync.session import Fetched, Spent
from tformance.sync.steps import StaleStep


@dataclass(slots=True)
class Work:
    """A step in a worker's hands; `beat_at` is when its last page was stored, `is_denied` whether it met a gap."""

    reading: Reading
    step: SyncStep
    beat_at: datetime = field(default_factory=now)
    is_denied: bool = False


def absorb(work: Work, fetched: Fetched[Page]) -> None:
    """Store a page and move the step on behind it; raises LeaseLost or StaleStep, then nothing was stored."""
    reading = work.reading
    with tenant(reading.visit.team_id):
        reading.visit.lease.renew()
        stored = load.store(reading, fetched.page, fetched.memory, work.step)
        turns.account_for(reading.visit.lease, reading.session, fetched.spent)
        gone = [skipped.item for skipped in stored.bad if skipped.is_gone]
        load.mark_gone(reading, gone, fetched.page.fetched_at)
        work.is_denied |= any(skipped.is_denied for skipped in fetched.page.skipped)
        _advance(work, fetched, len(stored.bad), has_progress=stored.released > 0 or not work.step.is_walked)
        if work.step.is_walked and reading.stream.id == "deployments":
            load.ask_for_contents(reading.scope)


def note_spending(work: Work) -> None:
    """Count requests that led to no page. Inside `tenant()`."""
    spent = work.reading.session.settle()
    turns.account_for(work.reading.visit.lease, work.reading.session, spent)
    update_step(work, counts=with_counts(work, fetched=0, skipped=0, spent=spent))


def note_walked(work: Work) -> None:
    """The stream ended without a last page."""
    with tenant(work.reading.visit.team_id):
        work.reading.visit.lease.renew()
        update_step(work, is_walked=True, cursor=None)


def complete(work: Work) -> None:
    """End a step: the next incremental reading starts from here. Inside `tenant()`."""
    step, scope, stream = work.step, work.reading.scope, work.reading.stream.id
    steps.complete(step)
    if step.window == SyncStep.Window.RECONCILE or work.is_denied:
        return
    reached = step.watermark or step.since or step.started_at
    known = scope.watermark(stream)
    if step.window != SyncStep.Window.HISTORY and reached and (known is None or known < reached):
        load.change_scope(scope, watermarks=scope.watermarks | {stream: reached.isoformat()})
    load.change_scope(scope, gaps={key: words for key, words in scope.gaps.items() if key != stream})
    if step.window == SyncStep.Window.WHOLE:
        _let_go_of_a_person(scope)
    if scope.looked_at is None or (step.started_at and scope.looked_at < step.started_at):
        load.change_scope(scope, looked_at=step.started_at)
    _cover(work)


def _let_go_of_a_person(scope: Scope) -> None:
    """An owner of whom a set was read whole and who is no organisation is a person: there is nothing more to read.

    Days of which nothing is told say nothing of it: they are as empty of an organisation that is new to it.
    """
    if scope.kind == Scope.Kind.ORGANIZATION and not scope.node_id and not scope.gaps:
        load.change_scope(scope, is_tracked=False, gaps={"": f"{scope.name} is a person's account."})


def _cover(work: Work) -> None:
    """Note how far the stream is now read without a gap: from the newest month on, or from the beginning."""
    scope, stream = work.reading.scope, work.reading.stream.id
    done = SyncStep.objects.filter(scope=scope, stream=stream, state=SyncStep.State.COMPLETE)
    newest = {row["window"]: row for row in done.values("window").annotate(at=Max("started_at"), start=Min("since"))}
    newest.pop(SyncStep.Window.RECONCILE, None)
    history = newest.pop(SyncStep.Window.HISTORY, None)
    first = newest.get(SyncStep.Window.WHOLE) or newest.get(SyncStep.Window.RECENT)
    if first is None:
        return
    covered_from = history["start"] if history else first["start"]
    covered_to = max(row["at"] for row in newest.values())
    if scope.repository_id is not None:
        write_coverage(scope.repository_id, stream, covered_from, covered_to)
    if scope.project_id is not None and stream == load.ISSUES:
        write_project_coverage(scope.project_id, covered_from, covered_to)


def _advance(work: Work, fetched: Fetched[Page], bad: int, *, has_progress: bool) -> None:
    page, step = fetched.page, work.step
    progress: dict[str, Any] = {}
    if not step.is_walked:
        progress = {"cursor": page.cursor, "is_walked": page.cursor is None, "watermark": _newest(step, page.watermark)}
        progress |= {"seen": page.seen, "expected": page.expected}
    if has_progress:
        progress |= {"failures": 0, "failing_since": None, "error": ""}
    counts = with_counts(work, fetched=len(page.items) + len(page.skipped), skipped=bad, spent=fetched.spent)
    update_step(work, counts=counts, **progress)
    if page.total is not None and step.window == SyncStep.Window.RECENT:
        _foretell_history(work, page.total)


def _foretell_history(work: Work, total: int) -> None:
    """How long the history will be is known, and shown, from the first recent page on; so is how much more of it is read."""
    reading = work.reading
    source = SOURCES[reading.scope.connection.source]
    deep = [stream.id for stream in source.streams if stream.backfill == "deep"]
    later = Q(stream=reading.stream.id, window=SyncStep.Window.HISTORY) | Q(stream__in=deep)
    SyncStep.objects.filter(later, run=work.step.run_id, scope=reading.scope, expected=None).update(expected=total)


def _newest(step: SyncStep, watermark: datetime | None) -> datetime | None:
    return max(filter(None, (step.watermark, watermark)), default=None)


def with_counts(work: Work, *, fetched: int, skipped: int, spent: Spent) -> dict[str, Any]:
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


def update_step(work: Work, **values: Any) -> None:
    """Change the step while it is this worker's; raises StaleStep."""
    step = work.step
    mine = SyncStep.objects.filter(pk=step.pk, state=SyncStep.State.RUNNING, attempt=step.attempt)
    if not mine.update(heartbeat_at=now(), **values):
        raise StaleStep
    for name, value in values.items():
        setattr(step, name, value)
