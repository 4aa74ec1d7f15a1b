"""Real processes, killed or racing: nothing is lost, nothing is doubled."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.sync import health
from tformance.sync.models import SyncStep
from tformance.sync.tests.conftest import make_connection, make_team
from tformance.sync.tests.toy import Provider

COUNT = 120
SEED = 20260310


@pytest.fixture
def team(live_db: str, provider: Provider) -> Team:
    team = make_team("acme")
    make_connection(team, "toys/one")
    return team


def start(team: Team, directory: Path) -> subprocess.Popen[bytes]:
    arguments = [str(team.pk), str(COUNT), str(directory)]
    return subprocess.Popen([sys.executable, "-m", "tformance.sync.tests.toy_worker", *arguments])


def ended_by_kill(worker: subprocess.Popen[bytes], after: float) -> bool:
    """Whether it was killed; False when it had ended before, all work being done."""
    try:
        worker.wait(after)
    except subprocess.TimeoutExpired:
        worker.kill()
    return worker.wait() != 0


def stored(team: Team) -> list[tuple[int, str]]:
    with tenant(team.pk):
        return list(PullRequest.objects.order_by("number").values_list("number", "title"))


def counts(team: Team) -> dict[str, int]:
    with tenant(team.pk):
        return {step.window: step.counts["written"] for step in SyncStep.objects.filter(stream="pull_requests")}


def test_a_worker_killed_at_any_instant_loses_and_doubles_nothing(team: Team, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    killed = [ended_by_kill(start(team, tmp_path), 1.0 + chance.uniform(0, 0.4)) for _ in range(6)]
    assert any(killed), "the work was done before anything could be killed: take more of it"
    assert start(team, tmp_path).wait(60) == 0
    assert stored(team) == [(number, f"Change {number}") for number in range(1, COUNT + 1)]
    assert sum(counts(team).values()) == COUNT  # a page and its counts are one transaction
    assert health.is_complete(team.pk)


def test_two_workers_never_read_with_one_credential_at_once(team: Team, tmp_path: Path) -> None:
    workers = [start(team, tmp_path) for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert not (tmp_path / "two-at-once").exists()
    assert sum(counts(team).values()) == COUNT
    assert health.is_complete(team.pk)
