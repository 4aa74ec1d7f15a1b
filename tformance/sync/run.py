"""The engine: take a lane, run its due steps page by page, and decide what every error means for the work.

Provider errors end here and nowhere else. A turn never sleeps: what has to wait is stored with its instant.
"""

import logging
import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import RateLimited, Reconnect, SourceError
from tformance.core.secrets import SecretLost
from tformance.sources.contract import Page, ScopeRef, Session, Window
from tformance.sync import hint, lease, load, plan, steps
from tformance.sync.lease import Lease, LeaseLost
from tformance.sync.load import Work
from tformance.sync.models import Connection, Lane, Quarantined, SyncStep
from tformance.sync.session import Ahead
from tformance.sync.steps import StaleStep

log = logging.getLogger(__name__)

TURN_SECONDS = 30.0  # then other lanes get their turn
RETRY_BATCH = 25


def look_at_lane(lane_id: int, seconds: float = TURN_SECONDS) -> bool:
    """Work on what is due in this lane for a while; False when another worker has it or it is blocked."""
    held = lease.take(lane_id)
    if held is None:
        return False
    try:
        _take_turn(held, time.monotonic() + seconds)
    except (LeaseLost, StaleStep):
        log.warning("lane %s was taken over; nothing is lost", lane_id)
    return True


def _take_turn(held: Lease, ends_at: float) -> None:
    _plan_round(held)
    while time.monotonic() < ends_at:
        work = _next_work(held)
        if work is None or not _run(work, ends_at):
            break
    _leave(held)


def _plan_round(held: Lease) -> None:
    """The daily round, also when its hour was slept through."""
    instant = now()
    with tenant(held.team_id):
        lane = held.lock()
        if lane.next_round_at is None or lane.next_round_at > instant:
            return
        Lane.objects.filter(pk=lane.pk).update(next_round_at=plan.next_round(instant))
        connection = Connection.objects.filter(pk=held.connection_id, state=Connection.State.ACTIVE).first()
        if connection:
            plan.plan_incremental(connection)


def _leave(held: Lease) -> None:
    """Give the lane back, due again when its next step is."""
    with tenant(held.team_id):
        held.lock()  # so that steps planned meanwhile are either seen here or make the lane due after us
        next_at = _open_steps(held.connection_id).aggregate(at=Min(Coalesce("not_before", Value(now()))))["at"]
        held.release(due_at=next_at)
        if next_at and next_at <= now():
            transaction.on_commit(lambda: hint.look_at_lane(held.lane_id), robust=True)


def _open_steps(connection_id: int) -> QuerySet[SyncStep]:
    found: QuerySet[SyncStep] = SyncStep.objects.filter(
        run__connection=connection_id,
        run__connection__state=Connection.State.ACTIVE,
        scope__is_tracked=True,
        state__in=steps.OPEN,
    )
    return found


def _next_work(held: Lease) -> Work | None:
    """The first due step, taken; one that a dead worker left `running` comes like any other."""
    with tenant(held.team_id):
        held.renew()
        due = _open_steps(held.connection_id).filter(Q(not_before=None) | Q(not_before__lte=now()))
        step = due.select_related("scope__connection", "run").order_by("rank", "id").first()
        if step is None:
            return None
        if steps.is_deadly(step):
            steps.retry_later(step, "The worker stopped in the middle of it several times.")
            steps.settle(step.run)
            return _next_work(held)
        steps.take(step)
        return load.begin(held, step)


def _run(work: Work, ends_at: float) -> bool:
    """Run one step as far as it goes; False when the lane must rest."""
    try:
        _read(work, ends_at)
    except (LeaseLost, StaleStep):
        raise
    except Exception as error:  # noqa: BLE001 the worker's boundary: whatever happened is recorded, the lane goes on
        return _interrupt(work, error)
    if work.session.budget_is_low() and work.session.reset_at:
        work.lease.block(work.session.reset_at)
        return False
    return True


def _read(work: Work, ends_at: float) -> None:
    """Walk the stream; one that was walked before asks for its quarantined items again, by id where that is possible."""
    if work.step.is_walked and work.stream.fetch_ids:
        _ask_again(work, work.stream.fetch_ids)
    else:
        _walk(work, ends_at)
    with tenant(work.lease.team_id):
        work.lease.renew()
        load.note_spending(work)
        if work.step.is_walked:
            _finish(work)
        else:
            steps.put_back(work.step)


def _walk(work: Work, ends_at: float) -> None:
    window = Window(work.step.since, work.step.until)
    pages = work.stream.fetch(work.session, work.ref, window, work.step.cursor)
    with Ahead(pages, work.session, work.lease.renew) as ahead:
        for fetched in ahead:
            load.absorb(work, fetched)
            if time.monotonic() > ends_at or work.session.budget_is_low():
                ahead.end()
    if ahead.is_exhausted and not work.step.is_walked:
        load.note_walked(work)


def _ask_again(work: Work, fetch_ids: Callable[[Session, ScopeRef, tuple[str, ...]], Page]) -> None:
    with tenant(work.lease.team_id):
        items = list(Quarantined.objects.filter(step=work.step).order_by("id").values_list("item", flat=True))
    batches = (tuple(items[at : at + RETRY_BATCH]) for at in range(0, len(items), RETRY_BATCH))
    pages = (fetch_ids(work.session, work.ref, batch) for batch in batches)
    with Ahead(pages, work.session, work.lease.renew) as ahead:
        for fetched in ahead:
            load.absorb(work, fetched)


def _finish(work: Work) -> None:
    left = Quarantined.objects.filter(step=work.step).count()
    if left:
        steps.retry_later(work.step, f"{left} {'item' if left == 1 else 'items'} could not be read yet.")
    else:
        load.complete(work)
    steps.settle(work.step.run)


def _interrupt(work: Work, error: Exception) -> bool:
    """Record why a step stopped; True when other steps of the lane may go on."""
    with tenant(work.lease.team_id):
        work.lease.renew()
        load.note_spending(work)
        may_go_on = _way_out(work, error)
        steps.settle(work.step.run)
    return may_go_on


def _way_out(work: Work, error: Exception) -> bool:
    match error:
        case RateLimited(until=until):
            work.lease.block(until)
            steps.wait(work.step, until, str(error))
            return False
        case Reconnect() | SecretLost():
            Connection.objects.filter(pk=work.lease.connection_id, state=Connection.State.ACTIVE).update(
                state=Connection.State.RECONNECT, reason=str(error), problem=getattr(error, "problem", "")
            )
            steps.fail(work.step, str(error))
            return False
        case SourceError():
            log.warning("step %s of %s is tried again: %s", work.step.pk, work.scope, error)
            steps.retry_later(work.step, str(error))
        case _:
            log.error("step %s of %s failed", work.step.pk, work.scope, exc_info=error)
            steps.retry_later(work.step, f"A fault in tformance: {type(error).__name__}. The log has the details.")
    return True
