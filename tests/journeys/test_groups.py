"""The provider's teams of people all the way: from its answers to numbers cut by group, on the page and at the terminal."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys import road
from tformance.accounts.models import Team

EVER = ("--from", "2000-01-01", "--to", "2100-01-01")
NONE = "no group"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    road.invent(tmp_path / "organisation", prs=80, people=12, repositories=3, months=4)
    return tmp_path / "organisation"


@pytest.fixture
def team(live_db: str, folder: Path) -> Iterator[Team]:
    with road.local_github(folder) as github:
        team, _ = road.connect("acme", github)
        road.read_all(team)
        yield team


def rows(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text().splitlines()]


def measured(*words: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tformance", "measure", *words, *EVER, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return {row.get("group", "all"): row["value"] for row in json.loads(done.stdout)["rows"]}


def test_a_pull_request_counts_in_every_team_of_its_author_and_once_in_the_whole(team: Team, folder: Path) -> None:
    authors = [row["author"] for row in rows(folder, "pull_requests")]
    teams = {row["name"]: set(row["members"]) for row in rows(folder, "teams")}
    planted: dict[str, int] = defaultdict(int)
    for author in authors:
        for name in [name for name, members in teams.items() if author in members] or [NONE]:
            planted[name] += 1
    told = measured("opened_prs", "--by", "group", "--automation", "--team", "acme")
    assert told == {name: count for name, count in planted.items() if count}
    assert len(told) > 3
    assert measured("opened_prs", "--automation", "--team", "acme") == {"all": len(authors)}
    assert sum(told.values()) > len(authors), "somebody is in two teams"
