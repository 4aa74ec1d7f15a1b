"""What the pages would show equals what was planted, cell by cell."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from tests.journeys import agreement_by_repository as by_repository
from tests.journeys import agreement_of_flow as flow
from tests.journeys import road
from tests.journeys.agreement import answered_cells, differences, planted_cells, pull_request_differences
from tformance.accounts.models import Team
from tformance.core import clock
from tformance.sandbox import generate, truth_flow

DIMENSIONS = ("all", "repository", "author", "week", "size")
END = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The same bytes whenever it is written."""
    folder = tmp_path / "organisation"
    generate.write(folder, prs=900, people=24, repositories=5, months=9, end=END)
    return folder


@pytest.fixture
def team(live_db: str, folder: Path) -> Iterator[Team]:
    with road.local_github(folder) as github:
        team, _ = road.connect("acme", github)
        road.read_all(team)
        yield team


def test_every_measure_and_every_pull_request_equals_what_was_planted(team: Team, folder: Path) -> None:
    truth = json.loads((folder / "truth.json").read_text())
    planted = planted_cells(truth)
    assert len(planted) > 1000
    pulls = [json.loads(line) for line in (folder / "truth_pulls.jsonl").read_text().splitlines()]
    assert differences(planted, answered_cells(team, DIMENSIONS)) == {}
    assert len(pulls) == truth["totals"]["pull_requests"]
    assert pull_request_differences(team, pulls) == []
    assert road.counts(team) == road.planted(truth)
    told = by_repository.planted(truth)
    assert len(told) > 200
    assert differences(told, by_repository.answered(team)) == {}
    present = clock.now()
    flowing = flow.planted(pulls, present)
    assert len(flowing) > 100
    with time_machine.travel(present, tick=False):
        assert differences(flowing, flow.answered(team)) == {}
        assert flow.old(team) == truth_flow.old(pulls, present)
    assert flow.queues(team) == truth_flow.waiting_for(pulls)
    assert by_repository.agreeing_pairs(team) == by_repository.planted_pairs(truth)
    assert by_repository.organization(team) == by_repository.planted_organization(truth)
