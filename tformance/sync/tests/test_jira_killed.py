"""Workers that read a Jira project are killed in the middle: nothing is lost, nothing is doubled."""

import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.planning import JiraIssue, JiraTransition
from tformance.sandbox.dataset import Row
from tformance.sandbox.tests.jira_client import running
from tformance.sandbox.tests.jira_site import ANN, DOING, TODO, changed, status, write
from tformance.sync import connections, health
from tformance.sync.models import SyncStep
from tformance.sync.tests.conftest import make_team

COUNT = 1500
SEED = 20260310


def issue(number: int) -> Row:
    at = (now() - timedelta(days=3) + number * timedelta(seconds=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
    row: Row = {"id": 50_000 + number, "key": f"WEB-{100 + number}", "project_id": 10001, "type_id": 10001}
    return row | {"status_id": 3, "summary": f"Issue {number}", "created_at": at, "updated_at": at, "reporter": ANN}


@pytest.fixture
def team(live_db: str, tmp_path: Path) -> Iterator[Team]:
    issues = [issue(number) for number in range(COUNT)]
    moves = [changed(60_000 + row["id"], row["id"], row["created_at"], ANN, status(TODO, DOING)) for row in issues]
    with running(write(tmp_path, jira_issues=issues, jira_changes=moves), latency_ms=30) as (sandbox, _):
        made = make_team("acme")
        connection = connections.connect_jira(made.pk, sandbox.url, "ann@small.example", "token")
        connections.follow(made.pk, connection.id, ["WEB"])
        yield made


def start(team: Team) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tformance.sync.tests.worker", str(team.pk)])


def killed(worker: subprocess.Popen[bytes], after: float) -> bool:
    """Whether it was; False when it had ended before, all work being done."""
    try:
        worker.wait(after)
    except subprocess.TimeoutExpired:
        worker.kill()
    return worker.wait() != 0


def test_a_worker_killed_at_any_instant_loses_and_doubles_nothing(team: Team) -> None:
    chance = random.Random(SEED)
    ends = [killed(start(team), 2.0 + chance.uniform(0, 1.5)) for _ in range(4)]
    assert any(ends), "the work was done before anything could be killed: take more of it"
    assert start(team).wait(120) == 0
    with tenant(team.pk):
        assert JiraIssue.objects.filter(jira_id__gte=50_000).count() == COUNT
        assert JiraTransition.objects.filter(issue__jira_id__gte=50_000).count() == COUNT
        steps = SyncStep.objects.filter(stream="issues", window="recent")
        assert sum(step.counts["written"] for step in steps) == COUNT  # a page and its counts are one transaction
    assert health.is_complete(team.pk)
