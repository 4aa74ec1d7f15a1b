"""A team is set up while its processes are killed: it ends complete, and whoever set it up is told once."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.journeys import road
from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.sync import connections, onboarding
from tformance.sync.models import SyncRun
from tformance.sync.set_up import SetUp

SEED = 20261128
TELL = "import django; django.setup()\nfrom tformance.faces.web.set_up_mail import send_due\nsend_due()"


@pytest.fixture
def team(live_db: str) -> Team:
    team = Team.objects.create(slug="acme", name="Acme")
    ada = User.objects.create_user("ada@acme.example")
    Membership.objects.create(team=team, user=ada, role=Role.ADMIN)
    onboarding.begin(team.pk, ada, "https://tformance.acme.example/")
    return team


def state(team: Team) -> str:
    with tenant(team.pk):
        found: str = SetUp.objects.get().state
    return found


def teller(folder: Path) -> "subprocess.Popen[bytes]":
    """A process that sends what is due, as files into a folder."""
    return subprocess.Popen([sys.executable, "-c", TELL], env={**os.environ, "TFORMANCE_DATA": str(folder)})


def killed_after(seconds: float, start: Callable[[], "subprocess.Popen[bytes]"]) -> bool:
    """Whether it was killed; False when it had ended before."""
    process = start()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() != 0


def test_a_set_up_whose_processes_are_killed_ends_complete_and_is_told_once(team: Team, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    road.invent(tmp_path / "o", prs=150, people=8, repositories=3, months=6)
    with road.local_github(tmp_path / "o", latency_ms=30) as github:
        made = connections.connect_github(team.pk, github.url, road.TOKEN)
        names = [choice.name for choice in connections.choices(team.pk, made.id)]
        connections.follow(team.pk, made.id, names)
        assert state(team) == "recent"
        killed = [killed_after(2 + chance.uniform(0, 2), lambda: road.start_worker(team)) for _ in range(5)]
        assert killed[0], "the work was done before anything could be killed: take more of it"
        assert road.start_worker(team).wait(180) == 0
    assert state(team) == "complete"
    with tenant(team.pk):
        assert SyncRun.objects.filter(kind="history").count() == 1
    tellers = [teller(tmp_path / "data") for _ in range(3)]
    assert [each.wait(60) for each in tellers] == [0, 0, 0]
    (message,) = (tmp_path / "data" / "mail").iterdir()
    assert message.read_text().count("Subject: The history of Acme is read") == 1
