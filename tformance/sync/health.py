"""How the reading goes, from rows only: progress while it runs, freshness afterwards, and why something is missing."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.coverage import Coverage
from tformance.sources.registry import SOURCES
from tformance.sync.lane import Lane, Turn
from tformance.sync.models import Connection, Quarantined, Scope, SyncRun, SyncStep
from tformance.sync.session import RESERVE
from tformance.sync.steps import outcome

State = SyncStep.State
PROBLEMS: dict[str, str] = {
    Connection.Problem.EXPIRED: "The token has expired, connect again",
    Connection.Problem.REVOKED: "The access was withdrawn, connect again",
    Connection.Problem.SUSPENDED: "The installation is suspended; its owner can resume it",
    Connection.Problem.UNINSTALLED: "The App was uninstalled, connect again",
}
BUDGET_PERIOD = timedelta(hours=1)
MAIN_STREAM = "pull_requests"  # how far a repository is read means how far its pull requests are


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
    """`covered_from` is None from the beginning on, `covered_to` None before anything was read completely."""

    name: str
    state: str
    covered_from: datetime | None
    covered_to: datetime | None
    error: str
    skipped: int


@dataclass(frozen=True, slots=True)
class ConnectionHealth:
    id: int
    title: str
    account: str
    state: str
    words: str
    fresh_at: datetime | None
    progress: Progress
    repositories: tuple[RepositoryHealth, ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows that the health of a team's connections is told from, in as many statements as there are fields."""

    connections: list[Connection]
    scopes: list[Scope]
    steps: list[SyncStep]  # of rounds that are not complete
    skipped: Counter[int]  # items by scope
    covered: dict[int, Coverage]  # by repository
    turns: dict[int, Turn]  # by connection, with their lanes


def connections(team_id: int) -> tuple[ConnectionHealth, ...]:
    """Every connection of the team, oldest first."""
    with tenant(team_id):
        rows = _rows(team_id)
    return tuple(_health(connection, rows) for connection in rows.connections)


def _rows(team_id: int) -> _Rows:
    unfinished = SyncStep.objects.exclude(run__state=SyncRun.State.COMPLETE).filter(scope__is_tracked=True)
    covered = Coverage.objects.filter(stream=MAIN_STREAM)
    return _Rows(
        connections=list(Connection.objects.order_by("id")),
        scopes=list(Scope.objects.filter(is_tracked=True).order_by("kind", "name")),
        steps=list(unfinished.order_by("rank", "id")),
        skipped=Counter(Quarantined.objects.values_list("scope", flat=True)),
        covered={row.repository_id: row for row in covered},
        turns={turn.connection_id: turn for turn in Turn.objects.filter(team_id=team_id).select_related("lane")},
    )


def totals(team_id: int) -> tuple[StreamTotals, ...]:
    """Every stream of the team's connections, with everything that was ever read."""
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
    own = {scope.pk for scope in scopes}
    steps = [step for step in rows.steps if step.scope_id in own]
    repositories = tuple(_repository(scope, rows) for scope in scopes if scope.kind == Scope.Kind.REPOSITORY)
    fresh = [repository.covered_to for repository in repositories if repository.covered_to]
    turn = rows.turns.get(connection.pk)
    progress = progress_of(steps, turn.lane if turn else None)
    return ConnectionHealth(
        id=connection.pk,
        title=SOURCES[connection.source].title,
        account=connection.account,
        state=connection.state,
        words=_words(connection, steps, progress, rows) if scopes else "Nothing is followed yet.",
        fresh_at=min(fresh, default=None),
        progress=progress,
        repositories=repositories,
    )


def _repository(scope: Scope, rows: _Rows) -> RepositoryHealth:
    steps = [step for step in rows.steps if step.scope_id == scope.pk]
    coverage = rows.covered.get(scope.repository_id or 0)
    return RepositoryHealth(
        name=scope.name,
        state=outcome({step.state for step in steps}),
        covered_from=coverage.covered_from if coverage else None,
        covered_to=coverage.covered_to if coverage else None,
        error=next((step.error for step in steps if step.error and step.state != State.COMPLETE), _gap(scope)),
        skipped=rows.skipped[scope.pk],
    )


def _gap(scope: Scope) -> str:
    return next(iter(scope.gaps.values()), "")


def progress_of(steps: list[SyncStep], lane: Lane | None = None) -> Progress:
    """The time left is known once the histories, which take most of it, have told what they expect.

    It contains the waits for a new budget where the credential's does not suffice.
    """
    seen = sum(step.seen for step in steps)
    told = [step.expected for step in steps if step.expected is not None]
    seconds = sum(step.counts.get("seconds", 0) for step in steps)
    read = sum(step.counts.get("fetched", 0) for step in steps)
    rate = read / seconds if seconds > 0 and read else None
    expected = sum(told) if told else None
    all_told = all(step.expected is not None for step in _longest(steps))
    if not rate or expected is None or not all_told:
        return Progress(seen, expected, rate, None)
    items = max(expected - seen, 0)
    points = sum(step.counts.get("points", 0) for step in steps) / read * items
    return Progress(seen, expected, rate, timedelta(seconds=items / rate) + waits_for_budget(lane, points))


def waits_for_budget(lane: Lane | None, points: float) -> timedelta:
    """How long nothing can be asked until so many points are spent; nothing where the budget is not known."""
    if lane is None or lane.remaining is None or lane.reset_at is None or lane.reset_at <= now():
        return timedelta(0)
    lacking = points - max(lane.remaining - RESERVE, 0)
    if lacking <= 0:
        return timedelta(0)
    further = int(lacking / max(lane.limit - RESERVE, 1)) if lane.limit else 0
    return lane.reset_at - now() + further * BUDGET_PERIOD


def _longest(steps: list[SyncStep]) -> list[SyncStep]:
    return [step for step in steps if step.window == SyncStep.Window.HISTORY] or steps


def _words(connection: Connection, steps: list[SyncStep], progress: Progress, rows: _Rows) -> str:
    """One sentence for the user: what happens now, or what to do."""
    if connection.state == Connection.State.RECONNECT:
        return f"{PROBLEMS.get(connection.problem, 'Connect again')}: {connection.reason}"
    if connection.state == Connection.State.PAUSED:
        return f"Paused. {connection.reason}".strip()
    unfinished = [step for step in steps if step.state in (State.PENDING, State.RUNNING)]
    turn = rows.turns.get(connection.pk)
    until = _waits_until(turn.lane.blocked_until if turn else None, unfinished)
    if unfinished and until:
        reason = next((step.error for step in unfinished if step.error), "")
        return f"Waiting until {until:%H:%M:%S} UTC: {reason}"
    if unfinished:
        return f"Reading: {_counted(progress)}"
    left = [step for step in steps if step.state != State.COMPLETE]
    if left:
        return f"Almost everything is read; tried again until it works: {left[0].error}"
    return "Up to date."


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
