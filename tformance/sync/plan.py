"""What is to be read, as rows: the newest month first, everything before it afterwards, then only what changed."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from tformance.accounts.retention import kept_since
from tformance.core.clock import now
from tformance.sources.contract import Source, Stream
from tformance.sources.registry import SOURCES
from tformance.sync import onboarding, turns
from tformance.sync.models import Connection, Scope, SyncRun, SyncStep, Wanted
from tformance.sync.settling import settle
from tformance.sync.steps import OPEN

RECENT = timedelta(days=30)
OVERLAP = timedelta(minutes=10)  # read twice rather than missed: provider clocks and late writes
# What comes first: what others rely on, what is new, the newest month, the rest, what nobody waits for.
LEADING, CHANGES, NEWEST, OTHERS, HISTORY, DEEP = 0, 1, 1, 2, 3, 4

Window = SyncStep.Window


def plan_history(connection: Connection) -> SyncRun | None:
    """Steps for all that tracked scopes have and that was never planned; None when there is none. Inside `tenant()`."""
    _follow_owners(connection)
    _follow_site(connection)
    return _plan(connection, SyncRun.Kind.HISTORY, _tracked(connection), _history_steps)


def plan_incremental(connection: Connection, streams: Collection[str] | None = None) -> SyncRun | None:
    """Steps for what changed since the last complete reading, where no such step is open yet. Inside `tenant()`.

    Of all streams, or of these.
    """
    return _plan(connection, SyncRun.Kind.INCREMENTAL, _tracked(connection), _incremental_of(streams))


def ask_for_changes(scope: Scope, streams: Iterable[str]) -> SyncRun | None:
    """Steps for what changed in these streams of one scope, where no such step is open yet. Inside `tenant()`."""
    return _plan(scope.connection, SyncRun.Kind.INCREMENTAL, [scope], _incremental_of(set(streams)))


def plan_reconcile(connection: Connection, scopes: Iterable[Scope] | None = None) -> SyncRun | None:
    """Steps that compare what is stored with all that is there: of every tracked scope, or of these. Inside `tenant()`.

    What is being read for the first time, or compared, is left alone, and compared when its turn comes again.
    """
    chosen = list(_tracked(connection) if scopes is None else scopes)
    run = _plan(connection, SyncRun.Kind.RECONCILE, chosen, _reconcile_steps)
    if run:
        Scope.objects.filter(steps__run=run).update(reconciled_at=now())
    return run


def ask_for_deep(connection: Connection, scopes: Collection[int]) -> SyncRun | None:
    """Steps for what changed in these scopes' deep streams since these were last read. Inside `tenant()`."""
    chosen = [scope for scope in _tracked(connection) if scope.pk in scopes]
    return _plan(connection, SyncRun.Kind.INCREMENTAL, chosen, _incremental_of(_deep(connection)))


def stop_deep(connection: Connection, scopes: Collection[int]) -> bool:
    """Give up what is still to be read of these scopes' deep streams; whether there was any. Inside `tenant()`."""
    deep = _deep(connection)
    Wanted.objects.filter(scope__in=scopes, stream__in=deep).delete()
    stopped = SyncStep.objects.filter(scope__in=scopes, stream__in=deep).exclude(state=SyncStep.State.COMPLETE)
    runs = list(SyncRun.objects.filter(steps__in=stopped).distinct())
    stopped.delete()
    for run in runs:
        settle(run)
    return bool(runs)


def _deep(connection: Connection) -> set[str]:
    return {stream.id for stream in SOURCES[connection.source].streams if stream.backfill == "deep"}


def wake(connection: Connection) -> None:
    """The connection has something to do now, and the set-up may have come on. Inside `tenant()`."""
    turns.join(connection)
    turns.call(connection.pk, now())
    onboarding.follow(connection.team_id)


def _tracked(connection: Connection) -> list[Scope]:
    return list(Scope.objects.filter(connection=connection, is_tracked=True).order_by("id"))


def _follow_owners(connection: Connection) -> None:
    """The organisations of the followed repositories are followed too, and no longer than these.

    One that turned out to be a person's account has a gap and is left alone.
    """
    if not any(stream.of == "organization" for stream in SOURCES[connection.source].streams):
        return
    names = (scope.name for scope in _tracked(connection) if scope.kind == Scope.Kind.REPOSITORY)
    owners = {name.partition("/")[0] for name in names if "/" in name}
    organizations = Scope.objects.filter(connection=connection, kind=Scope.Kind.ORGANIZATION)
    organizations.exclude(name__in=owners).update(is_tracked=False)
    organizations.filter(name__in=owners, gaps={}).update(is_tracked=True)
    for name in sorted(owners - set(organizations.values_list("name", flat=True))):
        Scope.objects.create(team_id=connection.team_id, connection=connection, kind=Scope.Kind.ORGANIZATION, name=name)


def _follow_site(connection: Connection) -> None:
    """The site of the followed projects is followed too, and no longer than these."""
    if not any(stream.of == "site" for stream in SOURCES[connection.source].streams):
        return
    is_needed = any(scope.kind == Scope.Kind.PROJECT for scope in _tracked(connection))
    sites = Scope.objects.filter(connection=connection, kind=Scope.Kind.SITE)
    if not sites.exclude(is_tracked=is_needed).update(is_tracked=is_needed) and is_needed and not sites.exists():
        name = connection.api_url
        Scope.objects.create(team_id=connection.team_id, connection=connection, kind=Scope.Kind.SITE, name=name)


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
    planned = set(SyncStep.objects.filter(scope=scope).values_list("stream", flat=True))
    streams = [stream for stream in _streams(source, scope) if stream.id not in planned]
    return [step for stream in streams for step in _history_of(source, scope, stream)]


def _history_of(source: Source, scope: Scope, stream: Stream) -> list[SyncStep]:
    def step(window: str, rank: int, since: datetime | None = None, until: datetime | None = None) -> SyncStep:
        return SyncStep(scope=scope, stream=stream.id, window=window, rank=rank, since=since, until=until)

    border = now() - RECENT
    match stream.backfill:
        case "recent_first":
            return [step(Window.RECENT, NEWEST, since=border), step(Window.HISTORY, HISTORY, kept_since(), border)]
        case "deep":
            return [step(Window.WHOLE, DEEP)]
        case _:
            return [step(Window.WHOLE, LEADING if _leads(source, stream) else OTHERS)]


def _streams(source: Source, scope: Scope) -> list[Stream]:
    """What is read of a scope of its own accord."""
    return [
        stream
        for stream in source.streams
        if stream.of == scope.kind
        and stream.backfill != "on_demand"
        and (stream.backfill != "deep" or scope.reads_every_head)
    ]


def _leads(source: Source, stream: Stream) -> bool:
    """Whether the stream stands before all that are read newest first, so that these can rely on it."""
    streams = list(source.streams)
    return all(other.backfill == "whole" for other in streams[: streams.index(stream)]) and stream.of != "organization"


def _incremental_of(wanted: Collection[str] | None) -> Callable[[Source, Scope], list[SyncStep]]:
    def steps_of(source: Source, scope: Scope) -> list[SyncStep]:
        """A stream that has no watermark yet is left to its history steps; one that could not be read is tried whole."""
        under_way = _streams_under_way(scope)
        steps = []
        for stream in _streams(source, scope):
            watermark = scope.watermark(stream.id)
            is_wanted = wanted is None or stream.id in wanted
            if not is_wanted or stream.id in under_way or (watermark is None and stream.id not in scope.gaps):
                continue
            since = watermark - OVERLAP if watermark else None
            rank = LEADING if _leads(source, stream) else CHANGES
            steps.append(SyncStep(scope=scope, stream=stream.id, window=Window.INCREMENTAL, since=since, rank=rank))
        return steps

    return steps_of


def _streams_under_way(scope: Scope) -> set[str]:
    steps = SyncStep.objects.filter(scope=scope, window=Window.INCREMENTAL, state__in=OPEN, is_walked=False)
    return set(steps.values_list("stream", flat=True))


def _reconcile_steps(source: Source, scope: Scope) -> list[SyncStep]:
    """A scope whose history is still read is compared later."""
    under_way = SyncStep.objects.filter(scope=scope, state__in=OPEN).exclude(window=Window.INCREMENTAL)
    busy = set(under_way.values_list("stream", flat=True))
    return [
        SyncStep(scope=scope, stream=stream.id, window=Window.RECONCILE, rank=DEEP)
        for stream in _streams(source, scope)
        if stream.inventory and stream.id not in busy and (scope.repository_id or scope.project_id)
    ]
