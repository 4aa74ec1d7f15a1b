"""Can the data be trusted? For every stream how far and how whole it was read, what is left out, and what it costs.

A handful of statements, however many repositories there are.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, Model, OuterRef, QuerySet, Sum

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.delivery import Deployment, PRCheckRun
from tformance.facts.models.planning import JiraProject
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.models.review import PRReview
from tformance.sources.contract import Allowance, Stream
from tformance.sources.registry import SOURCES
from tformance.sync import turns
from tformance.sync.health import HISTORICAL
from tformance.sync.lane import Spending, Turn
from tformance.sync.load import ISSUES
from tformance.sync.models import Quarantined, Scope, SyncStep, Wanted
from tformance.sync.steps import OPEN, outcome
from tformance.sync.wanted import want

DAY = timedelta(days=1)
SUSPECTED = timedelta(days=90)
CHILDREN: Final[dict[str, type[Model]]] = {"reviews": PRReview, "checks": PRCheckRun, "commits": PRCommit}


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """`covered_from` is None from the beginning on, `covered_to` None before anything was read completely.

    `state` is running, complete, partial or failed; `gap` says why it cannot be read, "" where it can.
    """

    stream: str
    title: str
    state: str
    covered_from: datetime | None
    covered_to: datetime | None
    completed_at: datetime | None
    seen: int
    expected: int | None
    gap: str


@dataclass(frozen=True, slots=True)
class ScopeHealth:
    """A followed repository or organisation; `wanted` items are to be read again by their ids.

    Without `reads_every_head` checks are read of the last commit of a pull request only.
    """

    id: int
    connection: int
    kind: str
    name: str
    looked_at: datetime | None
    reconciled_at: datetime | None
    reads_every_head: bool
    wanted: int
    streams: tuple[StreamHealth, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a connection's credential may still spend, and what all who share it spent in the last 24 hours."""

    connection: int
    left: tuple[Allowance, ...]
    blocked_until: datetime | None
    requests: int
    points: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One item that could not be read or stored."""

    id: int
    scope: str
    stream: str
    item: str
    reason: str
    attempts: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A repository that merged pull requests but has none of what its siblings have."""

    repository: str
    lacks: str
    merged: int


def scopes(team_id: int) -> tuple[ScopeHealth, ...]:
    """Everything that the team follows, by name."""
    with tenant(team_id):
        found = list(
            Scope.objects.filter(is_tracked=True).select_related("connection", "project").order_by("kind", "name")
        )
        covered = {(row.repository_id, row.stream): row for row in Coverage.objects.all()}
        steps: defaultdict[tuple[int, str], list[SyncStep]] = defaultdict(list)
        for step in _newest_steps():
            steps[step.scope_id, step.stream].append(step)
        wanted = dict(Wanted.objects.values_list("scope").annotate(Count("id")).order_by())
    return tuple(
        ScopeHealth(
            id=scope.pk,
            connection=scope.connection_id,
            kind=scope.kind,
            name=scope.name,
            looked_at=scope.looked_at,
            reconciled_at=scope.reconciled_at,
            reads_every_head=scope.reads_every_head,
            wanted=wanted.get(scope.pk, 0),
            streams=tuple(
                _stream(scope, stream, steps[scope.pk, stream.id], _covered(scope, stream, covered))
                for stream in SOURCES[scope.connection.source].streams
                if stream.of == scope.kind
            ),
        )
        for scope in found
    )


def budgets(team_id: int) -> tuple[Budget, ...]:
    """Of every connection of the team, oldest first."""
    since = now() - DAY
    places = list(Turn.objects.filter(team_id=team_id).select_related("lane").order_by("connection_id"))
    rows = Spending.objects.filter(lane__in=[turn.lane_id for turn in places], hour__gte=since)
    sums = rows.values_list("lane").annotate(Sum("requests"), Sum("points"))
    spent: dict[int, tuple[int, int]] = {lane: (requests, points) for lane, requests, points in sums}
    return tuple(
        Budget(
            connection=turn.connection_id,
            left=turn.lane.left(),
            blocked_until=turn.lane.blocked_until,
            requests=spent.get(turn.lane_id, (0, 0))[0],
            points=spent.get(turn.lane_id, (0, 0))[1],
        )
        for turn in places
    )


def left_out(team_id: int) -> tuple[LeftOut, ...]:
    """What could not be read, the latest first."""
    with tenant(team_id):
        rows = Quarantined.objects.select_related("scope").defer("raw").order_by("-last_seen", "-id")
        return tuple(
            LeftOut(
                id=row.pk,
                scope=row.scope.name,
                stream=row.stream,
                item=row.item,
                reason=row.reason,
                attempts=row.attempts,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
            )
            for row in rows
        )


def retry(team_id: int, quarantined_id: int) -> bool:
    """Ask for an item again now; False when there is no such item. Where it cannot be asked for alone, its step is."""
    with tenant(team_id):
        row = Quarantined.objects.select_related("scope__connection", "step").filter(pk=quarantined_id).first()
        if row is None:
            return False
        stream = SOURCES[row.scope.connection.source].stream(row.stream)
        if stream.fetch_ids:
            want(row.scope, row.stream, [row.item], "asked", now())
        elif row.step:
            SyncStep.objects.filter(pk=row.step.pk, state__in=OPEN).update(not_before=None)
            turns.call(row.scope.connection_id, now())
        return True


def suspicions(team_id: int) -> tuple[Suspicion, ...]:
    """Zeros of the last 90 days that look like a hole: merged pull requests without a review, check or commit, or a
    repository without a deployment although its deployments were read, where another repository of the team has some.
    """
    since = now() - SUSPECTED
    with tenant(team_id):
        merged = PullRequest.objects.filter(state="merged")
        rows = _found_of(merged.filter(closed_at__gte=since))
        deployed = set(
            Deployment.objects.filter(deployed_at__gte=since).values_list("repository", flat=True).distinct()
        )
        for row in rows:
            row["deployments"] = row["pk"] in deployed if row["is_read"] else None
        names = [name for name in (*CHILDREN, "deployments") if any(row[name] for row in rows)]
        lacks = [(row, name) for row in rows for name in names if row[name] is False]
        counts = _counted(merged.filter(merged_at__gte=since, repository__in={row["pk"] for row, _ in lacks}))
    found = [Suspicion(row["full_name"], name, counts[row["pk"]]) for row, name in lacks]
    return tuple(sorted(found, key=lambda one: (one.repository, one.lacks)))


def _counted(rows: QuerySet[PullRequest]) -> dict[int, int]:
    """How many there are in each repository that has any."""
    return dict(rows.order_by().values_list("repository").annotate(Count("id")))


def _found_of(merged: QuerySet[PullRequest]) -> list[dict[str, Any]]:
    """Of every repository with such pull requests, whether any of them has some; of most the first one has.

    They are told by when they were closed, which an index has by repository.
    """
    mine = merged.filter(repository=OuterRef("pk"))
    found = {
        f"has_{name}": Exists(mine.filter(Exists(model._default_manager.filter(pull_request=OuterRef("pk")))))
        for name, model in CHILDREN.items()
    }
    rows = Repository.everything.annotate(
        has_merged=Exists(mine), is_read=~Exists(_being_read("deployments")), **found
    ).values_list("has_merged", "pk", "full_name", "is_read", *found)
    columns = ("pk", "full_name", "is_read", *CHILDREN)
    return [dict(zip(columns, row, strict=True)) for has_merged, *row in rows if has_merged]


def _being_read(stream: str) -> QuerySet[SyncStep]:
    """Of the repository of a row the steps of the stream's history that are not done."""
    found: QuerySet[SyncStep] = SyncStep.objects.filter(
        scope__repository=OuterRef("pk"), stream=stream, window__in=HISTORICAL, state__in=OPEN
    )
    return found


def _newest_steps() -> list[SyncStep]:
    """Of every scope, stream and window the last planned step."""
    rows = SyncStep.objects.filter(scope__is_tracked=True).exclude(window=SyncStep.Window.RECONCILE)
    return list(rows.order_by("scope", "stream", "window", "-id").distinct("scope", "stream", "window"))


def _covered(scope: Scope, stream: Stream, covered: dict[tuple[int, str], Coverage]) -> Coverage | JiraProject | None:
    """How far the stream was read; of projects that is known of their issues."""
    if scope.project and stream.id == ISSUES:
        return scope.project
    return covered.get((scope.repository_id or 0, stream.id))


def _stream(
    scope: Scope, stream: Stream, steps: list[SyncStep], coverage: Coverage | JiraProject | None
) -> StreamHealth:
    first = [step for step in steps if step.window != SyncStep.Window.INCREMENTAL]
    told = [step.expected for step in first if step.expected is not None]
    done = [step.finished_at for step in steps if step.state == SyncStep.State.COMPLETE and step.finished_at]
    return StreamHealth(
        stream=stream.id,
        title=stream.title,
        state=outcome({step.state for step in steps}),
        covered_from=coverage.covered_from if coverage else None,
        covered_to=coverage.covered_to if coverage else None,
        completed_at=max(done, default=None),
        seen=sum(step.seen for step in first),
        expected=sum(told) if told else None,
        gap=scope.gaps.get(stream.id, ""),
    )
