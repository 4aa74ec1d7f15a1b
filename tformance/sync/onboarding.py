"""A team's way from nothing to its whole history, as a state that follows from rows and is kept beside them.

Wherever a run, a step or a connection settles, the set-up is looked at again in the same transaction. It moves by
compare-and-set; what was missed, because two settled at once or a process died, the sweep finds a minute later.
"""

from dataclasses import dataclass

from django.db.models import QuerySet

from tformance.accounts.models import Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.repository import Repository
from tformance.sources.registry import SOURCES
from tformance.sync.health import HISTORICAL, why_stopped
from tformance.sync.models import Connection, Scope, SyncStep
from tformance.sync.set_up import SetUp
from tformance.sync.steps import QUICK_RETRIES

State = SetUp.State
BEFORE_READING = (State.NOT_STARTED, State.CONNECTING, State.CHOOSING)
WITH_FIRST_MONTH = (State.HISTORY, State.PARTIAL, State.COMPLETE)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a team's set-up is; `user` is told by e-mail when it ends, `has_data` whether anything is stored."""

    state: str
    reason: str
    passed: frozenset[str]
    user: User | None
    connections: tuple[int, ...]
    has_repositories: bool
    has_data: bool

    @property
    def is_over(self) -> bool:
        """Whether all is read of a team that nobody set up by answering questions."""
        return self.state == State.COMPLETE and self.user is None

    @property
    def has_first_month(self) -> bool:
        return self.state in WITH_FIRST_MONTH


def standing() -> Standing:
    """Of the team inside `tenant()`."""
    row = SetUp.objects.select_related("user").first() or SetUp()
    return Standing(
        row.state,
        row.reason,
        frozenset(row.passed),
        row.user,
        tuple(Connection.objects.order_by("id").values_list("id", flat=True)),
        _followed().exists(),
        Repository.objects.exists(),
    )


def is_begun() -> bool:
    """Whether somebody sets the team inside `tenant()` up."""
    begun: bool = SetUp.objects.filter(user__isnull=False).exists()
    return begun


def begin(team_id: int, user: User, site: str) -> None:
    """Somebody sets the team up, from a browser that sees this server at `site`; the first one is told of the end."""
    with tenant(team_id):
        row = _row(team_id)
        unclaimed = SetUp.objects.filter(pk=row.pk, user=None, state__in=BEFORE_READING)
        unclaimed.update(user=user, site=site)
        if row.state == State.NOT_STARTED:
            _move(row, State.CONNECTING)
        follow(team_id)


def leave_behind(team_id: int, question: str) -> None:
    """A question was skipped, or looked at and gone on from."""
    with tenant(team_id):
        row = SetUp.objects.select_for_update().get(pk=_row(team_id).pk)
        if question not in row.passed:
            row.passed.append(question)
            row.save(update_fields=["passed"])


def follow_all() -> None:
    """Of every team: move what was missed."""
    for team_id in Team.objects.order_by("id").values_list("id", flat=True):
        with tenant(team_id):
            follow(team_id)


def follow(team_id: int) -> None:
    """Move the set-up to where the team's rows say it is; once complete it stays so. Inside `tenant()`."""
    row = SetUp.objects.first() or (_row(team_id) if Connection.objects.exists() else None)
    if row is None or row.state == State.COMPLETE:
        return
    state, reason = _seen(row.state)
    if (state, reason) != (row.state, row.reason):
        _move(row, state, reason)


def _row(team_id: int) -> SetUp:
    row: SetUp
    row, _ = SetUp.objects.get_or_create(team_id=team_id, defaults={"moved_at": now()})
    return row


def _move(row: SetUp, state: str, reason: str = "") -> None:
    """By compare-and-set on the state; where somebody else was first, theirs stands until the sweep looks again."""
    since = {} if state == row.state else {"moved_at": now()}
    SetUp.objects.filter(pk=row.pk, state=row.state).update(state=state, reason=reason, **since)


def _seen(before: str) -> tuple[str, str]:
    """The state that the rows add up to, and the reason of a bad one."""
    if not Connection.objects.exists():
        return (before if before == State.NOT_STARTED else State.CONNECTING), ""
    if not _followed().exists():
        return _before_choosing()
    left = _left()
    goes_on = left.filter(
        state__in=(SyncStep.State.PENDING, SyncStep.State.RUNNING),
        failures__lte=len(QUICK_RETRIES),  # what failed more often is tried for days beside everything else
        run__connection__state=Connection.State.ACTIVE,
    )
    if goes_on.filter(window=SyncStep.Window.RECENT, scope__kind=Scope.Kind.REPOSITORY).exists():
        return State.RECENT, ""
    return (State.HISTORY, "") if goes_on.exists() else _end(left)


def _before_choosing() -> tuple[str, str]:
    connections = list(Connection.objects.order_by("id"))
    if any(each.state == Connection.State.ACTIVE for each in connections):
        return State.CHOOSING, ""
    return State.FAILED, why_stopped(connections[0])


def _end(left: QuerySet[SyncStep]) -> tuple[str, str]:
    """Nothing goes on: because all is read, or because of what is left."""
    of_stopped = left.exclude(run__connection__state=Connection.State.ACTIVE)
    if step := of_stopped.select_related("run__connection").order_by("rank", "id").first():
        return State.FAILED, why_stopped(step.run.connection)
    given_up = left.filter(state=SyncStep.State.FAILED)
    if given_up.exists():
        return State.FAILED, _what_is_missing(given_up)
    return (State.PARTIAL, _what_is_missing(left)) if left.exists() else (State.COMPLETE, "")


def _what_is_missing(steps: QuerySet[SyncStep]) -> str:
    """The first of them in words, and how many there are besides."""
    step = steps.select_related("scope__connection").order_by("rank", "id")[0]
    title = SOURCES[step.scope.connection.source].stream(step.stream).title
    others = steps.count() - 1
    more = f" And {others} more of the kind." if others else ""
    return f"{step.scope}, {title.lower()}: {step.error or 'it is tried again.'}{more}"


def _followed() -> QuerySet[Scope]:
    followed: QuerySet[Scope] = Scope.objects.filter(kind=Scope.Kind.REPOSITORY, is_tracked=True)
    return followed


def _left() -> QuerySet[SyncStep]:
    """What is not read of the history of what is followed."""
    steps = SyncStep.objects.filter(window__in=HISTORICAL, scope__is_tracked=True)
    left: QuerySet[SyncStep] = steps.exclude(state=SyncStep.State.COMPLETE)
    return left
