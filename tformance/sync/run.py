"""The engine: take a lane, serve its connections in turn, and decide what every error means for the work.

What is wanted by its id comes first, between the pages of a step too. Provider errors end here and nowhere else. A
turn never sleeps: what has to wait is stored with its instant.
"""

import logging
import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from tformance.accounts.tenancy import tenant
from tformance.core import reports
from tformance.core.clock import now
from tformance.core.errors import RateLimited, Reconnect, Skip, SourceError
from tformance.core.secrets import SecretLost
from tformance.sources.contract import Window
from tformance.sources.registry import SOURCES
from tformance.sync import hint, inbox, items, lease, load, onboarding, plan, progress, reconcile, rounds, steps, turns
from tformance.sync.items import Batch
from tformance.sync.lane import Turn
from tformance.sync.lease import Lease, LeaseLost
from tformance.sync.load import Reading
from tformance.sync.models import Connection, Quarantined, Scope, SyncStep
from tformance.sync.progress import Work
from tformance.sync.session import Ahead
from tformance.sync.settling import settle
from tformance.sync.steps import StaleStep
from tformance.sync.turns import Visit

log = logging.getLogger(__name__)

TURN_SECONDS = 30.0  # then other lanes get their turn
RETRY_BATCH = 25
# Then a page of history gets its turn, however much is wanted; after one where each item costs a request.
BATCHES_IN_A_ROW = 4
CLOCKS_DIFFER = timedelta(minutes=1)
# What people did not choose but is read for what they chose, and which refusals of it are gaps.
AROUND: dict[str, tuple[type[Exception], ...]] = {Scope.Kind.ORGANIZATION: (Skip, Reconnect), Scope.Kind.SITE: (Skip,)}
LOOK_AGAIN = timedelta(minutes=5)  # when it could not be learnt whether anything is new


def look_at_lane(lane_id: int, seconds: float = TURN_SECONDS) -> bool:
    """Work on what is due in this lane for a while; False when another worker has it or it is blocked."""
    held = lease.take(lane_id)
    if held is None:
        return False
    ends_at = time.monotonic() + seconds
    try:
        while (turn := turns.next_in(lane_id)) and time.monotonic() < ends_at:
            _serve(Visit(held, turn.connection_id, turn.team_id, ends_at), turn)
        _leave(held)
    except (LeaseLost, StaleStep):
        log.warning("lane %s was taken over; nothing is lost", lane_id)
    return True


def look_at_first_lane() -> bool:
    """Work on the lane that waits longest; False when none waits that is free."""
    return any(look_at_lane(lane_id) for lane_id in lease.offered_lanes())


def read_now(lane_id: int, scope: Scope, stream: str, item: str) -> Batch | None:
    """Read one wanted item before everything else; None when another worker has the lane or it is blocked."""
    held = lease.take(lane_id)
    if held is None:
        return None
    visit = Visit(held, scope.connection_id, scope.team_id, time.monotonic() + TURN_SECONDS)
    try:
        with tenant(visit.team_id):
            batch = items.claim(visit, scope, stream, [item])
        _read_batch(batch)
        _reckon(visit)
        _leave(held)
    except LeaseLost:
        return None
    return batch


def _serve(visit: Visit, turn: Turn) -> None:
    """Work for one connection of the lane, as long as others may wait."""
    with tenant(visit.team_id):
        visit.lease.renew()
        Turn.objects.filter(pk=turn.pk).update(served_at=now())
        rounds.plan_due(turn)
    while visit.may_go_on() and _do_something(visit):
        pass
    _reckon(visit)


def _reckon(visit: Visit) -> None:
    """Note when the connection has something to do again."""
    with tenant(visit.team_id):
        visit.lease.renew()
        turn = Turn.objects.select_for_update().filter(connection_id=visit.connection_id).first()
        connection = Connection.objects.filter(pk=visit.connection_id).first()
        if turn is None or connection is None:
            raise LeaseLost
        turn.due_at = rounds.next_due(connection, turn.round_at)
        turn.save(update_fields=["due_at"])


def _leave(held: Lease) -> None:
    """Give the lane back, and say so when somebody in it has something to do already."""
    with transaction.atomic():
        held.release()
        if turns.next_in(held.lane_id):
            transaction.on_commit(lambda: hint.look_at_lane(held.lane_id), robust=True)


def _do_something(visit: Visit) -> bool:
    """Some of what is wanted, whether anything is new, and of one step as much as fits; False when it must rest."""
    inbox.listen(visit)
    has_worked = False
    for _ in range(BATCHES_IN_A_ROW):
        batch = items.next_batch(visit)
        if batch is None:
            break
        has_worked = True
        if not _read_batch(batch) or not visit.may_go_on():
            return False
        if batch.reading.stream.backfill == "on_demand":
            break
    while scope := _next_to_look_at(visit):
        has_worked = True
        if not _look_for_news(visit, scope) or not visit.may_go_on():
            return False
    work = _next_work(visit)
    return _run(work) if work else has_worked


def _read_batch(batch: Batch) -> bool:
    """Read items that are wanted; False when the connection must rest."""
    visit = batch.reading.visit
    try:
        items.read(batch)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 the worker's boundary: whatever happened is recorded, the lane goes on
        with tenant(visit.team_id):
            visit.lease.renew()
            _account(batch.reading)
            return _batch_failed(batch, error)
    return not _rests(batch.reading)


def _batch_failed(batch: Batch, error: Exception) -> bool:
    if _stops(batch.reading, error):
        items.put_back(batch, now())
        return False
    log.warning("%s of %s is tried again: %s", batch.reading.stream.id, batch.reading.scope, error)
    items.postpone(batch, _in_words(error))
    return True


def _next_to_look_at(visit: Visit) -> Scope | None:
    """A repository that was not asked for news for a while; the instant moves on first, a fault brings it back."""
    with tenant(visit.team_id):
        visit.lease.renew()
        due = rounds.listened(visit.connection_id).filter(
            looked_at__lte=now() - rounds.PULSE_EVERY, connection__state=Connection.State.ACTIVE
        )
        scope = due.select_related("connection__app").order_by("looked_at", "pk").first()
        if scope is None or SOURCES[scope.connection.source].pulse is None:
            return None
        load.change_scope(scope, looked_at=now() - rounds.PULSE_EVERY + LOOK_AGAIN)
        return scope


def _look_for_news(visit: Visit, scope: Scope) -> bool:
    """One request tells which streams have anything new; False when the connection must rest."""
    source = SOURCES[scope.connection.source]
    assert source.pulse is not None
    marks = {stream: mark for stream in scope.watermarks if (mark := scope.watermark(stream))}
    with tenant(visit.team_id):
        reading = load.begin(visit, scope, source.streams[0].id)
    problem, news = None, frozenset[str]()
    try:
        news = source.pulse(reading.session, reading.ref, marks)
    except Exception as error:  # noqa: BLE001 the worker's boundary: whatever happened is recorded, the lane goes on
        problem = error
    with tenant(visit.team_id):
        visit.lease.renew()
        _account(reading)
        if problem:
            log.warning("%s could not be asked for news: %s", scope, problem)
            _note_gap(reading, problem)
            return not _stops(reading, problem)
        load.change_scope(scope, looked_at=now(), memory=reading.session.memory)
        plan.ask_for_changes(scope, news)
    return not _rests(reading)


def _next_work(visit: Visit) -> Work | None:
    """The first due step, taken; one that a dead worker left `running` comes like any other."""
    with tenant(visit.team_id):
        visit.lease.renew()
        due = rounds.open_steps(visit.connection_id).filter(Q(not_before=None) | Q(not_before__lte=now()))
        step = due.select_related("scope__connection__app", "run").order_by("rank", "id").first()
        if step is None:
            return None
        if steps.is_deadly(step):
            _retry_later(step, "The worker stopped in the middle of it several times.")
            settle(step.run)
            return _next_work(visit)
        steps.take(step)
        return Work(load.begin(visit, step.scope, step.stream), step)


def _run(work: Work) -> bool:
    """Run one step as far as it goes; False when the connection must rest."""
    try:
        _read(work)
    except (LeaseLost, StaleStep):
        raise
    except Exception as error:  # noqa: BLE001 the worker's boundary: whatever happened is recorded, the lane goes on
        return _interrupt(work, error)
    return not _rests(work.reading)


def _read(work: Work) -> None:
    """Walk the stream; one that was walked before asks for its quarantined items again, by id where that is possible."""
    if work.step.window == SyncStep.Window.RECONCILE:
        reconcile.walk(work, lambda: _may_ask(work.reading))
    elif work.step.is_walked and work.reading.stream.fetch_ids:
        _ask_again(work)
    else:
        _walk(work)
    visit = work.reading.visit
    with tenant(visit.team_id):
        visit.lease.renew()
        progress.note_spending(work)
        if work.step.is_walked:
            _finish(work)
        else:
            steps.put_back(work.step)


def _walk(work: Work) -> None:
    reading, window = work.reading, Window(work.step.since, work.step.until)
    pages = reading.stream.fetch(reading.session, reading.ref, window, work.step.cursor)
    with Ahead(pages, reading.session, reading.visit.lease.renew, lambda: _may_ask(reading)) as ahead:
        for fetched in ahead:
            progress.absorb(work, fetched)
    if ahead.is_exhausted and not work.step.is_walked:
        progress.note_walked(work)


def _may_ask(reading: Reading) -> bool:
    """Whether a further page is asked for now: nothing that is more urgent waits, and the budget allows it."""
    visit = reading.visit
    inbox.listen(visit)
    return not reading.session.budget_is_low() and visit.may_go_on() and not items.are_due(visit)


def _ask_again(work: Work) -> None:
    reading, ask = work.reading, work.reading.stream.fetch_ids
    assert ask is not None
    with tenant(reading.visit.team_id):
        left = list(Quarantined.objects.filter(step=work.step).order_by("id").values_list("item", flat=True))
    batches = (tuple(left[at : at + RETRY_BATCH]) for at in range(0, len(left), RETRY_BATCH))
    pages = (ask(reading.session, reading.ref, batch) for batch in batches)
    with Ahead(pages, reading.session, reading.visit.lease.renew) as ahead:
        for fetched in ahead:
            progress.absorb(work, fetched)


def _finish(work: Work) -> None:
    left = Quarantined.objects.filter(step=work.step).count()
    if left:
        _retry_later(work.step, f"{left} {'item' if left == 1 else 'items'} could not be read yet.")
    else:
        progress.complete(work)
    settle(work.step.run)


def _interrupt(work: Work, error: Exception) -> bool:
    """Record why a step stopped; True when other steps of the connection may go on."""
    visit = work.reading.visit
    with tenant(visit.team_id):
        visit.lease.renew()
        progress.note_spending(work)
        may_go_on = _way_out(work, error)
        settle(work.step.run)
    return may_go_on


def _way_out(work: Work, error: Exception) -> bool:
    if _note_gap(work.reading, error) and work.reading.scope.kind in AROUND:
        steps.complete(work.step)  # asked again tomorrow
        return True
    if _stops(work.reading, error):
        if isinstance(error, RateLimited):
            steps.wait(work.step, error.until, str(error))
        else:
            steps.fail(work.step, str(error))
        return False
    _retry_later(work.step, _in_words(error))
    return True


def _note_gap(reading: Reading, error: Exception) -> bool:
    """What the credential may not read, or no longer finds, is a gap with a name; the connection goes on."""
    scope = reading.scope
    is_unknown = isinstance(error, Skip) and error.item == scope.name
    is_refused = isinstance(error, AROUND.get(scope.kind, ()))
    if is_unknown or is_refused:
        load.change_scope(scope, gaps=scope.gaps | {reading.stream.id: str(error)})
    return is_unknown or is_refused


def _stops(reading: Reading, error: Exception) -> bool:
    """Whether the credential cannot be used now; recorded. Inside `tenant()`."""
    match error:
        case RateLimited(until=until):
            reading.visit.lease.block(until)
        case Reconnect() | SecretLost():
            Connection.objects.filter(pk=reading.visit.connection_id, state=Connection.State.ACTIVE).update(
                state=Connection.State.RECONNECT, reason=str(error), problem=_problem(error, reading.scope.connection)
            )
            onboarding.follow(reading.visit.team_id)
        case _:
            return False
    return True


def _problem(error: Exception, connection: Connection) -> str:
    """Providers refuse a token that has ended, or of an installation that is gone, like one that was withdrawn."""
    problem: str = getattr(error, "problem", "")
    if problem != Connection.Problem.REVOKED:
        return problem
    if connection.kind == Connection.Kind.APP:
        return Connection.Problem.UNINSTALLED
    has_ended = connection.expires_at is not None and connection.expires_at <= now() + CLOCKS_DIFFER
    return Connection.Problem.EXPIRED if has_ended else problem


def _rests(reading: Reading) -> bool:
    """Whether the budget is nearly used up; then nobody uses the credential until there is a new one."""
    if not reading.session.budget_is_low() or not reading.session.reset_at:
        return False
    reading.visit.lease.block(reading.session.reset_at)
    return True


def _account(reading: Reading) -> None:
    turns.account_for(reading.visit.lease, reading.session, reading.session.settle())


def _retry_later(step: SyncStep, reason: str) -> None:
    """Whoever looks after the server is told when the quick retries did not help."""
    steps.retry_later(step, reason)
    if step.failures == len(steps.QUICK_RETRIES) + 1:
        reports.send(f"{step.stream} of scope {step.scope_id} cannot be read: {reason}")


def _in_words(error: Exception) -> str:
    if isinstance(error, SourceError):
        return str(error)
    log.error("a reading failed", exc_info=error)
    return f"A fault in tformance: {type(error).__name__}. The log has the details."
