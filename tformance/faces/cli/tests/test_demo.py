"""The sample organisation on the command line: it goes, stays gone, and comes back when it is asked for."""

from pathlib import Path

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.faces.cli import demo
from tformance.facts import testing


@pytest.fixture
def folder(tmp_path: Path, settings: pytest.FixtureRequest) -> Path:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "demo").mkdir()
    return tmp_path / "demo"


@pytest.fixture
def sample(db: None) -> Team:
    team = testing.team("demo", is_demo=True)
    testing.write(team, testing.page(testing.pull_request(1)))
    return team


def test_removed_it_does_not_come_back_with_the_next_start(
    sample: Team, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Client().get("/").status_code == 200
    assert demo.run(["--remove"]) == 0
    assert not Team.objects.exists()
    assert not folder.exists()
    assert Client().get("/")["Location"] == "/accounts/login/"
    assert demo.run([]) == 0
    assert not Team.objects.exists()
    assert "./run demo --again brings it back" in capsys.readouterr().err


def test_removing_what_is_not_there_says_so(db: None, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.run(["--remove"]) == 0
    assert "There is no sample organisation." in capsys.readouterr().err


def test_beside_own_teams_it_is_not_made_by_itself(db: None, folder: Path) -> None:
    testing.team("acme")
    assert demo.run([]) == 0
    assert not Team.objects.filter(is_demo=True).exists()
