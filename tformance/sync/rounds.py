"""What comes by the clock: daily readings, what ends late, and whether anything is new in between."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.db.models import Min, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from tformance.core.clock import now
from tformance.facts.wanted import still_checked, unfinished
from tformance.sources.contract import Source, Stream
from tformance.sources.registry import SOURCES
from tformance.sync import plan, steps, turns
from tformance.sync.connections import go_on
from tformance.sync.lane import Turn
from tformance.sync.models import Connection, Scope, SyncStep, Wanted
from tformance.sync.wanted import want

PULSE_EVERY = timedelta(minutes=30)
LATE_FOR = timedelta(days=14)  # a closed pull request still gets checks, reviews and comments
RECONCILE_EVERY = timedelta(days=7)
MAIN_STREAM = "pull_requests"


def plan_due(turn: Turn) -> None:
    """Plan what the clock has brought since the last time, also when its hour was slept through. Inside `tenant()`."""
    connection = Connection.objects.filter(pk=turn.connection_id).first()
    since, instant = turn.round_at, now()
    if connection is None or not _is_tried(connection) or next_round(SOURCES[connection.source], since) > instant:
        return
    source = SOURCES[connection.source]
    Turn.objects.filter(pk=turn.pk).update(round_at=instant)
    if connection.state != Connection.State.ACTIVE:
        go_on(connection)
    turns.join(connection)  # its credential may be shared with others by now
    asked = {stream.id for stream in source.streams if _next_time(stream, since) <= instant}
    plan.plan_history(connection)
    if asked:
        plan.plan_incremental(connection, asked)
        _reconcile(connection)
    _ask_for_late(connection, source, whole=MAIN_STREAM in asked)


def next_round(source: Source, after: datetime) -> datetime:
    """The next instant at which something is to be planned: a stream's hour, or any full hour."""
    hour = after.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(hour, *(_next_time(stream, after) for stream in source.streams))


def next_due(connection: Connection, round_at: datetime) -> datetime | None:
    """When the connection has something to do; None while nothing is tried. Inside `tenant()`."""
    if not _is_tried(connection):
        return None
    source = SOURCES[connection.source]
    if connection.state != Connection.State.ACTIVE:
        return next_round(source, round_at)
    step: datetime | None = open_steps(connection.pk).aggregate(at=Min(Coalesce("not_before", Value(now()))))["at"]
    wanted: datetime | None = open_wanted(connection.pk).aggregate(at=Min("due_at"))["at"]
    looked: datetime | None = listened(connection.pk).aggregate(at=Min("looked_at"))["at"] if source.pulse else None
    pulse = looked + PULSE_EVERY if looked else None
    return min(filter(None, (step, wanted, pulse, next_round(source, round_at))))


def _is_tried(connection: Connection) -> bool:
    """It works, or may work again without anybody doing something here: GitHub does not always tell of a resumption."""
    is_suspended = connection.state == Connection.State.RECONNECT and connection.problem == Connection.Problem.SUSPENDED
    return connection.state == Connection.State.ACTIVE or is_suspended


def open_steps(connection_id: int) -> QuerySet[SyncStep]:
    """Steps that are not done, of what is followed while its connection works."""
    found: QuerySet[SyncStep] = SyncStep.objects.filter(
        run__connection=connection_id,
        run__connection__state=Connection.State.ACTIVE,
        scope__is_tracked=True,
        state__in=steps.OPEN,
    )
    return found


def open_wanted(connection_id: int) -> QuerySet[Wanted]:
    """What is wanted of what is followed."""
    found: QuerySet[Wanted] = Wanted.objects.filter(scope__connection=connection_id, scope__is_tracked=True)
    return found


def listened(connection_id: int) -> QuerySet[Scope]:
    """Repositories of which something was read, so that what is new can be told."""
    found: QuerySet[Scope] = Scope.objects.filter(
        connection=connection_id, kind=Scope.Kind.REPOSITORY, is_tracked=True, looked_at__isnull=False
    )
    return found


def _next_day(stream: Stream, after: datetime) -> datetime:
    """The stream's hour that comes after an instant."""
    hour, minute = stream.daily_at
    today = datetime.combine(after.date(), time(hour, minute), after.tzinfo)
    return today if today > after else today + timedelta(days=1)


def _next_time(stream: Stream, after: datetime) -> datetime:
    """The stream's hour, or the next of the times in between."""
    day = _next_day(stream, after)
    if stream.every is None:
        return day
    midnight = datetime.combine(after.date(), time(), after.tzinfo)
    return min(day, midnight + ((after - midnight) // stream.every + 1) * stream.every)


def _ask_for_late(connection: Connection, source: Source, *, whole: bool) -> None:
    """Pull requests whose checks still run; once a day all that were closed lately."""
    if not any(stream.id == MAIN_STREAM and stream.fetch_ids for stream in source.streams):
        return
    since = now() - LATE_FOR
    for scope in Scope.objects.filter(connection=connection, is_tracked=True, repository__isnull=False):
        assert scope.repository_id is not None
        late: Collection[str] = (unfinished if whole else still_checked)(scope.repository_id, since)
        want(scope, MAIN_STREAM, late, "late", now())


def _reconcile(connection: Connection) -> None:
    """Scopes that were not compared with the provider's list for a week; a new one is, a week after its reading."""
    instant = now()
    is_known = Q(repository__isnull=False) | Q(project__isnull=False)
    scopes = Scope.objects.filter(is_known, connection=connection, is_tracked=True)
    due = list(scopes.filter(reconciled_at__lte=instant - RECONCILE_EVERY))
    scopes.filter(reconciled_at=None).update(reconciled_at=instant)
    plan.plan_reconcile(connection, due)
