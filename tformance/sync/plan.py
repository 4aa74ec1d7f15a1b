"""What is to be read, as rows: the newest month first, everything before it afterwards, then only what changed."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tformance.core.clock import now
from tformance.sources.contract import Source, Stream
from tformance.sources.registry import SOURCES
from tformance.sync import hint
from tformance.sync.models import Connection, Lane, Scope, SyncRun, SyncStep
from tformance.sync.steps import OPEN

RECENT = timedelta(days=30)
OVERLAP = timedelta(minutes=10)  # read twice rather than missed: provider clocks and late writes
ROUND_HOUR_UTC = 4

Window = SyncStep.Window


def plan_history(connection: Connection) -> SyncRun | None:
    """Steps for every tracked repository that was not planned yet; None when there is none. Inside `tenant()`."""
    scopes = Scope.objects.filter(connection=connection, is_tracked=True, steps=None)
    return _plan(connection, SyncRun.Kind.HISTORY, scopes, _history_steps)


def plan_incremental(connection: Connection) -> SyncRun | None:
    """Steps for what changed since the last complete reading, where no such step is open yet. Inside `tenant()`."""
    scopes = Scope.objects.filter(connection=connection, is_tracked=True)
    return _plan(connection, SyncRun.Kind.INCREMENTAL, scopes, _incremental_steps)


def next_round(after: datetime) -> datetime:
    """The next daily round, at 04:00 UTC."""
    today = after.replace(hour=ROUND_HOUR_UTC, minute=0, second=0, microsecond=0)
    return today if today > after else today + timedelta(days=1)


def ask_for_changes(scope: Scope, streams: Iterable[str]) -> SyncRun | None:
    """Steps for what changed in these streams of one scope, where no such step is open yet. Inside `tenant()`."""
    wanted = set(streams)

    def steps_of(source: Source, scope: Scope) -> list[SyncStep]:
        return [step for step in _incremental_steps(source, scope) if step.stream in wanted]

    return _plan(scope.connection, SyncRun.Kind.INCREMENTAL, [scope], steps_of)


def wake(connection: Connection, at: datetime | None = None) -> None:
    """Make the connection's lane due at an instant, now unless told; say so after the commit. Inside `tenant()`."""
    instant = now()
    at = at or instant
    lane, is_new = Lane.objects.get_or_create(
        connection_id=connection.pk,
        defaults={"team_id": connection.team_id, "due_at": at, "next_round_at": next_round(instant)},
    )
    later = Lane.objects.filter(Q(due_at=None) | Q(due_at__gt=at), pk=lane.pk)
    if later.update(due_at=at) or is_new or at <= instant:
        seconds = max((at - instant).total_seconds(), 0)
        transaction.on_commit(lambda: hint.look_at_lane(lane.pk, seconds), robust=True)


def _plan(
    connection: Connection,
    kind: str,
    scopes: Iterable[Scope],
    steps_of: Callable[[Source, Scope], list[SyncStep]],
) -> SyncRun | None:
    source = SOURCES[connection.source]
    steps = [step for scope in scopes for step in steps_of(source, scope)]
    if not steps:
        return None
    run: SyncRun = SyncRun.objects.create(
        team_id=connection.team_id, connection=connection, kind=kind, started_at=now()
    )
    for step in steps:
        step.run, step.team_id = run, connection.team_id
    SyncStep.objects.bulk_create(steps)
    wake(connection)
    return run


def _history_steps(source: Source, scope: Scope) -> list[SyncStep]:
    border = now() - RECENT
    steps = []
    for stream in source.streams:
        if stream.of != scope.kind or stream.backfill in ("deep", "on_demand"):
            continue
        if stream.backfill == "whole":
            rank = 0 if _leads(source, stream) else 2
            steps.append(SyncStep(scope=scope, stream=stream.id, window=Window.WHOLE, rank=rank))
        else:
            steps.append(SyncStep(scope=scope, stream=stream.id, window=Window.RECENT, since=border, rank=1))
            steps.append(SyncStep(scope=scope, stream=stream.id, window=Window.HISTORY, until=border, rank=3))
    return steps


def _leads(source: Source, stream: Stream) -> bool:
    """Whether the stream stands before all that are read newest first, so that these can rely on it."""
    streams = list(source.streams)
    return all(other.backfill == "whole" for other in streams[: streams.index(stream)])


def _incremental_steps(source: Source, scope: Scope) -> list[SyncStep]:
    """A stream that has no watermark yet is left to its history steps."""
    under_way = _streams_under_way(scope)
    steps = []
    for rank, stream in enumerate(source.streams):
        watermark = scope.watermark(stream.id)
        if watermark is None or stream.id in under_way:
            continue
        since = watermark - OVERLAP
        steps.append(SyncStep(scope=scope, stream=stream.id, window=Window.INCREMENTAL, since=since, rank=rank))
    return steps


def _streams_under_way(scope: Scope) -> set[str]:
    steps = SyncStep.objects.filter(scope=scope, window=Window.INCREMENTAL, state__in=OPEN, is_walked=False)
    return set(steps.values_list("stream", flat=True))
