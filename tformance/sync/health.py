"""How the reading goes, from rows only: progress while it runs, freshness afterwards, and why something is missing."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.coverage import Coverage
from tformance.sources.registry import SOURCES
from tformance.sync.lane import Lane, Turn
from tformance.sync.models import Connection, Quarantined, Scope, SyncRun, SyncStep, Wanted
from tformance.sync.session import RESERVE
from tformance.sync.steps import outcome

State = SyncStep.State
PROBLEMS: dict[str, str] = {
    Connection.Problem.EXPIRED: "The token has expired, connect again",
    Connection.Problem.REVOKED: "The access was withdrawn, connect again",
    Connection.Problem.SUSPENDED: "The installation is suspended; its owner can resume it at GitHub. It is tried again every hour",
    Connection.Problem.UNINSTALLED: "The App was uninstalled, connect again",
}
CHOSEN = (Scope.Kind.REPOSITORY, Scope.Kind.PROJECT)  # what people choose to follow
HIDDEN = "hidden"  # state of a repository that the provider no longer shows
BUDGET_PERIOD = timedelta(hours=1)
HISTORICAL = (SyncStep.Window.RECENT, SyncStep.Window.HISTORY, SyncStep.Window.WHOLE)
MAIN_STREAM = "pull_requests"  # how far a repository is read means how far its pull requests are
LONGEST = (MAIN_STREAM, "issues")


@dataclass(frozen=True, slots=True)
class StreamTotals:
    """What one stream cost and gave over all its steps; `skipped` says why for how many items."""

    stream: str
    title: str
    state: str
    fetched: int
    written: int
    skipped: dict[str, int]
    requests: int
    points: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """Items read of those known to be there; `expected` and `left` are None until the provider told how many."""

    seen: int
    expected: int | None
    per_second: float | None
    left: timedelta | None

    @property
    def share(self) -> float | None:
        return min(self.seen / self.expected, 1.0) if self.expected else None


@dataclass(frozen=True, slots=True)
class RepositoryHealth:
    """`covered_from` is None from the beginning on, `covered_to` None before anything was read completely.

    `state` is that of its steps, or HIDDEN where the provider no longer shows it. `unread` are the titles of what is
    still to be read of it; `lacks_history` whether more than the latest changes is missing; `is_in_hand` whether a worker
    reads it at this moment.
    """

    name: str
    state: str
    covered_from: datetime | None
    covered_to: datetime | None
    error: str
    skipped: int
    unread: tuple[str, ...] = ()
    lacks_history: bool = False
    is_in_hand: bool = False
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    """`problem` is why it cannot work, where the provider told it; until `waits_until` nothing is asked, as `reason` says.

    `wanted` are items to be read by their id before anything else.
    """

    id: int
    title: str
    account: str
    state: str
    words: str
    fresh_at: datetime | None
    progress: Progress
    repositories: tuple[RepositoryHealth, ...]
    kind: str = Connection.Kind.TOKEN
    problem: str = ""
    waits_until: datetime | None = None
    reason: str = ""
    wanted: int = 0


@dataclass(frozen=True, slots=True)
class Stopped:
    """A connection that reads nothing until somebody does something."""

    title: str
    account: str
    kind: str
    state: str
    problem: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows that the health of a team's connections is told from, in as many statements as there are fields."""

    connections: list[Connection]
    scopes: list[Scope]
    steps: list[SyncStep]  # of rounds that are not complete
    skipped: Counter[int]  # items by scope
    wanted: Counter[int]  # items by scope
    covered: dict[int, Coverage]  # by repository
    turns: dict[int, Turn]  # by connection, with their lanes


def connections(team_id: int) -> tuple[ConnectionHealth, ...]:
    """Every connection of the team, oldest first."""
    with tenant(team_id):
        rows = _rows(team_id)
    return tuple(_health(connection, rows) for connection in rows.connections)


def stopped(team_id: int) -> tuple[Stopped, ...]:
    """Connections of the team that read nothing, oldest first; one statement, for pages that ask nothing else of sync."""
    with tenant(team_id):
        found = Connection.objects.exclude(state=Connection.State.ACTIVE).order_by("id")
        return tuple(
            Stopped(SOURCES[each.source].title, each.account, each.kind, each.state, each.problem, each.reason)
            for each in found
        )


def _rows(team_id: int) -> _Rows:
    unfinished = SyncStep.objects.exclude(run__state=SyncRun.State.COMPLETE).filter(scope__is_tracked=True)
    covered = Coverage.objects.filter(stream=MAIN_STREAM)
    return _Rows(
        connections=list(Connection.objects.order_by("id")),
        scopes=list(
            Scope.objects.filter(is_tracked=True).select_related("repository", "project").order_by("kind", "name")
        ),
        steps=list(unfinished.order_by("rank", "id")),
        skipped=Counter(Quarantined.objects.values_list("scope", flat=True)),
        wanted=Counter(dict(Wanted.objects.values_list("scope").annotate(number=Count("pk")).order_by())),
        covered={row.repository_id: row for row in covered},
        turns={turn.connection_id: turn for turn in Turn.objects.filter(team_id=team_id).select_related("lane")},
    )


def totals(team_id: int) -> tuple[StreamTotals, ...]:
    """Every stream of the team's connections, with everything that was read in rounds that are still kept."""
    with tenant(team_id):
        groups: defaultdict[tuple[str, str], list[SyncStep]] = defaultdict(list)
        for step in SyncStep.objects.select_related("scope__connection").order_by("rank", "id"):
            groups[step.scope.connection.source, step.stream].append(step)
        return tuple(_totals(source, stream, steps) for (source, stream), steps in groups.items())


def is_complete(team_id: int) -> bool:
    """Whether everything that was planned is read, and every connection works."""
    with tenant(team_id):
        tracked = SyncStep.objects.filter(scope__is_tracked=True)
        working = not Connection.objects.exclude(state=Connection.State.ACTIVE).exists()
        return working and not tracked.exclude(state=State.COMPLETE).exists()


def _health(connection: Connection, rows: _Rows) -> ConnectionHealth:
    scopes = [scope for scope in rows.scopes if scope.connection_id == connection.pk]
    shown = {scope.pk for scope in scopes if not _is_hidden(scope, connection)}
    steps = [step for step in rows.steps if step.scope_id in shown]
    repositories = tuple(_repository(each, connection, rows) for each in scopes if each.kind in CHOSEN)
    fresh = [each.covered_to for each in repositories if each.covered_to and each.state != HIDDEN]
    turn = rows.turns.get(connection.pk)
    progress = progress_of(steps, turn.lane if turn else None)
    until, reason = _wait(turn, steps)
    return ConnectionHealth(
        id=connection.pk,
        title=SOURCES[connection.source].title,
        account=connection.account,
        state=connection.state,
        words=_words(connection, steps, progress, rows) if scopes else "Nothing is followed yet.",
        fresh_at=min(fresh, default=None),
        progress=progress,
        repositories=repositories,
        kind=connection.kind,
        problem=connection.problem,
        waits_until=until,
        reason=reason or connection.reason,
        wanted=sum(rows.wanted[pk] for pk in shown),
    )


def _is_hidden(scope: Scope, connection: Connection) -> bool:
    """Whether not even the repository or project itself can be read: it was deleted, or the credential covers it no more."""
    first = next(stream for stream in SOURCES[connection.source].streams if stream.of == scope.kind)
    return bool(scope.kind in CHOSEN and first.id in scope.gaps)


def _repository(scope: Scope, connection: Connection, rows: _Rows) -> RepositoryHealth:
    steps = [step for step in rows.steps if step.scope_id == scope.pk]
    left = [step for step in steps if step.state != State.COMPLETE]
    coverage = scope.project or rows.covered.get(scope.repository_id or 0)
    source = SOURCES[connection.source]
    return RepositoryHealth(
        name=scope.name,
        state=HIDDEN if _is_hidden(scope, connection) else outcome({step.state for step in steps}),
        covered_from=coverage.covered_from if coverage else None,
        covered_to=coverage.covered_to if coverage else None,
        error=next((step.error for step in left if step.error), _gap(scope)),
        skipped=rows.skipped[scope.pk],
        unread=tuple(dict.fromkeys(source.stream(step.stream).title for step in left)),
        lacks_history=any(step.window in HISTORICAL for step in left),
        is_in_hand=any(step.state == State.RUNNING for step in left),
        is_archived=bool(scope.repository and scope.repository.is_archived),
    )


def _gap(scope: Scope) -> str:
    return next(iter(scope.gaps.values()), "")


def progress_of(steps: list[SyncStep], lane: Lane | None = None) -> Progress:
    """The time left is known once the histories, which take most of it, have told what they expect.

    It contains the waits for a new budget where the credential's does not suffice.
    """
    seen, read = sum(step.seen for step in steps), _count(steps, "fetched")
    told = [step.expected for step in steps if step.expected is not None]
    seconds = _count(steps, "seconds")
    rate = read / seconds if seconds > 0 and read else None
    expected = sum(told) if told else None
    all_told = all(step.expected is not None for step in _longest(steps))
    if not rate or expected is None or not all_told:
        return Progress(seen, expected, rate, None)
    items = max(expected - seen, 0)
    if not items and any(step.expected is None and step.state != State.COMPLETE for step in steps):
        return Progress(seen, expected, rate, None)
    points = _count(steps, "points") / read * items
    left = timedelta(seconds=_seconds_left(steps, rate))
    return Progress(
        seen, expected, items / left.total_seconds() if left else rate, left + waits_for_budget(lane, points)
    )


def _seconds_left(steps: list[SyncStep], rate: float) -> float:
    """Each stream goes on as fast as it went so far: a list of releases says nothing about pull requests."""
    streams: defaultdict[str, list[SyncStep]] = defaultdict(list)
    for step in steps:
        streams[step.stream].append(step)
    left = 0.0
    for same in streams.values():
        read, seconds = _count(same, "fetched"), _count(same, "seconds")
        items = sum(max((step.expected or 0) - step.seen, 0) for step in same)
        left += items / (read / seconds if read and seconds > 0 else rate)
    return left


def _count(steps: list[SyncStep], name: str) -> float:
    return float(sum(step.counts.get(name, 0) for step in steps))


def waits_for_budget(lane: Lane | None, points: float) -> timedelta:
    """How long nothing can be asked until so many points are spent; nothing where the budget is not known."""
    known = [left for left in lane.left() if left.reset_at > now()] if lane else []
    if not known:
        return timedelta(0)
    scarcest = min(known, key=lambda left: left.remaining)
    lacking = points - max(scarcest.remaining - RESERVE, 0)
    if lacking <= 0:
        return timedelta(0)
    further = int(lacking / max(scarcest.limit - RESERVE, 1)) if scarcest.limit else 0
    return scarcest.reset_at - now() + further * BUDGET_PERIOD


def _longest(steps: list[SyncStep]) -> list[SyncStep]:
    """The histories of pull requests and issues, which are foretold by the first recent page, take most of the time."""
    histories = (step for step in steps if step.window == SyncStep.Window.HISTORY and step.stream in LONGEST)
    return list(histories) or steps


def why_stopped(connection: Connection) -> str:
    """Of one that does not work: what happened, and what to do."""
    if connection.state == Connection.State.PAUSED:
        return f"Paused. {connection.reason}".strip()
    return f"{PROBLEMS[connection.problem]}." if connection.problem else f"Connect again: {connection.reason}"


def _words(connection: Connection, steps: list[SyncStep], progress: Progress, rows: _Rows) -> str:
    """One sentence for the user: what happens now, or what to do."""
    if connection.state != Connection.State.ACTIVE:
        return why_stopped(connection)
    unfinished = [step for step in steps if step.state in (State.PENDING, State.RUNNING)]
    until, reason = _wait(rows.turns.get(connection.pk), steps)
    if until:
        return f"Waiting until {until:%H:%M:%S} UTC: {reason}"
    if unfinished:
        return f"Reading: {_counted(progress)}"
    left = [step for step in steps if step.state != State.COMPLETE]
    if left:
        return f"Almost everything is read; tried again until it works: {left[0].error}"
    return "Up to date."


def _wait(turn: Turn | None, steps: list[SyncStep]) -> tuple[datetime | None, str]:
    """Until when nothing that is open is read, and why; None where work goes on or nothing is open."""
    unfinished = [step for step in steps if step.state in (State.PENDING, State.RUNNING)]
    until = _waits_until(turn.lane.blocked_until if turn else None, unfinished) if unfinished else None
    return until, next((step.error for step in unfinished if step.error), "") if until else ""


def _waits_until(blocked_until: datetime | None, unfinished: list[SyncStep]) -> datetime | None:
    """Until when nothing happens: the credential rests, or every step waits for its next try."""
    tries = [step.not_before for step in unfinished if step.not_before]
    next_try = min(tries) if tries and len(tries) == len(unfinished) else None
    return max((at for at in (blocked_until, next_try) if at and at > now()), default=None)


def _counted(progress: Progress) -> str:
    if progress.expected is None:
        return f"{progress.seen:,} items so far."
    return f"{progress.seen:,} of {progress.expected:,} items."


def _totals(source: str, stream: str, steps: list[SyncStep]) -> StreamTotals:
    def total(name: str) -> float:
        return float(sum(step.counts.get(name, 0) for step in steps))

    left = Quarantined.objects.filter(step__in=steps).values_list("reason", flat=True)
    return StreamTotals(
        stream=stream,
        title=SOURCES[source].stream(stream).title,
        state=outcome({step.state for step in steps}),
        fetched=int(total("fetched")),
        written=int(total("written")),
        skipped=dict(Counter(left)),
        requests=int(total("requests")),
        points=int(total("points")),
        seconds=round(total("seconds"), 3),
    )
