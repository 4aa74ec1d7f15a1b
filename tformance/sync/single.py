"""One pull request read whole at once, the way everything is read: with its credential's lane, lease and budget."""

import logging
from dataclasses import asdict, dataclass, field
from typing import Any

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.models.pull_request import PRCommit, PRFile, PullRequest
from tformance.facts.models.review import PRComment, PRReview, TimelineEvent
from tformance.sync import run
from tformance.sync.lane import Lane
from tformance.sync.models import Connection, Scope, Wanted
from tformance.sync.rounds import MAIN_STREAM
from tformance.sync.wanted import want

log = logging.getLogger(__name__)

PARTS = {
    "commits": PRCommit,
    "files": PRFile,
    "checks": PRCheckRun,
    "comments": PRComment,
    "reviews": PRReview,
    "events": TimelineEvent,
}


@dataclass(slots=True)
class Answer:
    """How many rows of each part are stored, which parts are not whole, why, and what it cost."""

    pr: int
    fetched: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    missing: list[str] = field(default_factory=lambda: list(PARTS))
    errors: list[str] = field(default_factory=list)
    requests: int = 0


def fetch_complete(pr_id: int, team_id: int | None = None) -> dict[str, Any]:
    """Read a stored pull request whole now, or say why not yet; what failed is tried again by itself."""
    answer = Answer(pr_id)
    home = _home(pr_id, team_id)
    if home is None:
        return _refused(answer, f"Pull request {pr_id} is not known.")
    with tenant(home):
        pull: PullRequest = PullRequest.everything.select_related("repository").get(pk=pr_id)
        scope = _scope(pull)
        _count(answer, pull)
        if scope is None:
            return _refused(answer, f"No working connection follows {pull.repository.full_name}.")
        want(scope, MAIN_STREAM, [pull.node_id], "asked", now())
        lane = Lane.objects.get(turns__connection_id=scope.connection_id)
    if lane.blocked_until and lane.blocked_until > now():
        return _refused(answer, f"The provider asks for patience: it is read after {lane.blocked_until:%H:%M:%S} UTC.")
    _read(answer, lane, scope, pull)
    return asdict(answer)


def _read(answer: Answer, lane: Lane, scope: Scope, pull: PullRequest) -> None:
    batch = run.read_now(lane.pk, scope, MAIN_STREAM, pull.node_id)
    if batch is None:
        answer.errors.append("Another worker reads with this credential; this is what it reads next.")
        return
    answer.requests = batch.requests
    with tenant(scope.team_id):
        _count(answer, PullRequest.everything.get(pk=pull.pk))
        left = Wanted.objects.filter(scope=scope, stream=MAIN_STREAM, item=pull.node_id)
        answer.errors += [error for error in left.values_list("error", flat=True) if error]


def _refused(answer: Answer, reason: str) -> dict[str, Any]:
    log.warning("pull request %s is not read now: %s", answer.pr, reason)
    answer.errors.append(reason)
    return asdict(answer)


def _home(pr_id: int, team_id: int | None) -> int | None:
    """The team that has the pull request, of all or of the one that is named."""
    teams = Team.objects.order_by("id").values_list("id", flat=True) if team_id is None else [team_id]
    for candidate in teams:
        with tenant(candidate):
            if PullRequest.everything.filter(pk=pr_id).exists():
                return candidate
    return None


def _scope(pull: PullRequest) -> Scope | None:
    followed = Scope.objects.filter(
        repository=pull.repository_id, is_tracked=True, connection__state=Connection.State.ACTIVE
    )
    found: Scope | None = followed.select_related("connection__app").order_by("id").first()
    return found


def _count(answer: Answer, pull: PullRequest) -> None:
    answer.fetched = {name: model.objects.filter(pull_request=pull).count() for name, model in PARTS.items()}
    sets = pull.child_sets
    answer.missing = [name for name in PARTS if name not in sets or "readings" in sets[name]]
