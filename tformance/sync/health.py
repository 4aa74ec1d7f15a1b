"""How the reading goes, from rows only: progress while it runs, freshness afterwards, and why something is missing."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.coverage import Coverage
from tformance.sources.registry import SOURCES
from tformance.sync.models import Connection, Lane, Quarantined, Scope, SyncStep
from tformance.sync.steps import OPEN, outcome

State = SyncStep.State


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


def connections(team_id: int) -> tuple[ConnectionHealth, ...]:
    """Every connection of the team, oldest first."""
    with tenant(team_id):
        return tuple(_health(connection) for connection in Connection.objects.order_by("id"))


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


def _health(connection: Connection) -> ConnectionHealth:
    scopes = list(connection.scopes.filter(is_tracked=True).order_by("name"))
    steps = list(SyncStep.objects.filter(scope__in=scopes).order_by("rank", "id"))
    skipped = Counter(Quarantined.objects.filter(scope__in=scopes).values_list("scope", flat=True))
    covered = {row.repository_id: row for row in _coverage(scopes)}
    repositories = tuple(
        _repository(scope, [step for step in steps if step.scope_id == scope.pk], covered, skipped[scope.pk])
        for scope in scopes
    )
    fresh = [repository.covered_to for repository in repositories if repository.covered_to]
    progress = progress_of(steps)
    return ConnectionHealth(
        id=connection.pk,
        title=SOURCES[connection.source].title,
        account=connection.account,
        state=connection.state,
        words=_words(connection, steps, progress),
        fresh_at=min(fresh, default=None),
        progress=progress,
        repositories=repositories,
    )


def _coverage(scopes: list[Scope]) -> Iterable[Coverage]:
    repositories = [scope.repository_id for scope in scopes if scope.repository_id]
    covered: Iterable[Coverage] = Coverage.objects.filter(repository__in=repositories, stream="pull_requests")
    return covered


def _repository(scope: Scope, steps: list[SyncStep], covered: dict[int, Coverage], skipped: int) -> RepositoryHealth:
    coverage = covered.get(scope.repository_id or 0)
    return RepositoryHealth(
        name=scope.name,
        state=outcome({step.state for step in steps}),
        covered_from=coverage.covered_from if coverage else None,
        covered_to=coverage.covered_to if coverage else None,
        error=next((step.error for step in steps if step.error and step.state != State.COMPLETE), ""),
        skipped=skipped,
    )


def progress_of(steps: list[SyncStep]) -> Progress:
    """Of the steps of unfinished runs; the time left is known once every step has told what it expects."""
    unfinished = {step.run_id for step in steps if step.state in OPEN}
    current = [step for step in steps if step.run_id in unfinished]
    seen = sum(step.seen for step in current)
    told = [step.expected for step in current if step.expected is not None]
    seconds = sum(step.counts.get("seconds", 0) for step in current)
    read = sum(step.counts.get("fetched", 0) for step in current)
    rate = read / seconds if seconds > 0 and read else None
    expected = sum(told) if told else None
    all_told = len(told) == len(current)
    left = timedelta(seconds=max(expected - seen, 0) / rate) if rate and expected is not None and all_told else None
    return Progress(seen, expected, rate, left)


def _words(connection: Connection, steps: list[SyncStep], progress: Progress) -> str:
    """One sentence for the user: what happens now, or what to do."""
    if connection.state == Connection.State.RECONNECT:
        return f"Connect again: {connection.reason}"
    if connection.state == Connection.State.PAUSED:
        return f"Paused. {connection.reason}".strip()
    unfinished = [step for step in steps if step.state in (State.PENDING, State.RUNNING)]
    until = _waits_until(connection, unfinished)
    if unfinished and until:
        reason = next((step.error for step in unfinished if step.error), "")
        return f"Waiting until {until:%H:%M:%S} UTC: {reason}"
    if unfinished:
        return f"Reading: {_counted(progress)}"
    partial = [step for step in steps if step.state != State.COMPLETE]
    if partial:
        return f"Almost everything is read; tried again until it works: {partial[0].error}"
    return "Up to date." if steps else "Nothing is followed yet."


def _waits_until(connection: Connection, unfinished: list[SyncStep]) -> datetime | None:
    """Until when nothing happens: the credential rests, or every step waits for its next try."""
    blocked_until = Lane.objects.filter(connection_id=connection.pk).values_list("blocked_until", flat=True).first()
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
