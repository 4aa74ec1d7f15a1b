"""The road of the journeys at 6,000 and 50,000 pull requests: everything planted, whatever goes wrong on the way."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys import road
from tests.journeys.agreement import answered_cells, differences, planted_cells, pull_request_differences
from tformance.accounts.models import Team
from tformance.sync import health

pytestmark = pytest.mark.soak

PLENTY = "limit=1000000"  # nobody waits for the next hour's budget here
FAULTS = f"fail=0.1,max_page=10,{PLENTY}"
DIMENSIONS = ("all", "repository", "author", "week", "size")
COMPARISONS = "GET /repos/*/*/*/*"
WHOLE = ("PullRequestSkeleton", "PullRequestDetails", "PullRequestHeavy", "Overflow")
EARLIER_HEADS = ("Heads", "PullRequestHeadCommits")
MOST_SECONDS = 3000


@pytest.mark.parametrize("pull_requests", [6000, 50000])
def test_faults_and_kills_change_nothing_of_a_large_organisation(
    live_db: str, tmp_path: Path, pull_requests: int
) -> None:
    road.invent(tmp_path, prs=pull_requests, people=40, repositories=12, months=18)
    with road.local_github(tmp_path, PLENTY) as github:
        calm, _ = road.connect("calm", github)
        assert road.start_worker(calm).wait(MOST_SECONDS) == 0
        stats = github.stats()
    agrees_with_truth(calm, tmp_path)
    costs_what_was_planned(stats["operations"], pull_requests)
    assert stats["operations"][COMPARISONS]["requests"] <= truth_of(tmp_path)["totals"]["deployments"]
    with road.local_github(tmp_path, FAULTS) as github:
        troubled, _ = road.connect("troubled", github)
        kill_three_times(troubled)
        assert road.start_worker(troubled).wait(MOST_SECONDS) == 0
    agrees_with_truth(troubled, tmp_path)
    assert road.fingerprints(troubled) == road.fingerprints(calm)


def costs_what_was_planned(operations: dict[str, dict[str, float]], pull_requests: int) -> None:
    """At the provider, of one pull request: as a whole, and what the checks of its earlier heads cost besides."""

    def each(names: tuple[str, ...], unit: str) -> float:
        return sum(operations[name][unit] for name in names) / pull_requests

    assert each(WHOLE, "requests") <= 0.15
    assert each(WHOLE, "points") <= 0.4
    assert each(EARLIER_HEADS, "points") <= 0.6


def truth_of(folder: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return truth


def kill_three_times(team: Team) -> None:
    chance = random.Random(20261120)
    for _ in range(3):
        worker = road.start_worker(team)
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(5 + chance.uniform(0, 5))
        worker.kill()
        worker.wait()


def agrees_with_truth(team: Team, folder: Path) -> None:
    truth = truth_of(folder)
    assert health.is_complete(team.pk)
    assert road.counts(team) == road.planted(truth)
    assert differences(planted_cells(truth), answered_cells(team, DIMENSIONS)) == {}
    with (folder / "truth_pulls.jsonl").open() as lines:
        assert pull_request_differences(team, [json.loads(line) for line in lines]) == []
