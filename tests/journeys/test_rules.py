"""A team's rules, down the whole road: decided before everything is read or after it, the same facts and figures."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.journeys import road
from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.facts.derive.deployments import EnvironmentRule
from tformance.facts.derive.outcome import HotfixRule
from tformance.facts.derive.rules import Rules
from tformance.facts.models.rules import RulesRound
from tformance.facts.rules import NewRules, in_force
from tformance.facts.write import write_rules
from tformance.sync.tasks import follow_rules

EVER = "from=2020-01-01&to=2029-12-31"
HOTFIXES = {"part": "hotfixes", "labels": "bug", "branches": "", "titles": ""}
RULES = Rules(HotfixRule(("bug",), (), ()), EnvironmentRule(frozenset({"staging"}), frozenset({"production"})))
ENVIRONMENTS = {"part": "environments", "environment": ["production", "staging"], "counts": ["no", "yes"]}
IN_SMALL_STEPS = """
import sys, django; django.setup()
from tformance.accounts.tenancy import tenant
from tformance.facts.write import follow_rules
while True:
    with tenant(int(sys.argv[1])):
        if follow_rules(limit=2) is None:
            break
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    road.invent(tmp_path / "organisation", prs=150, people=8, repositories=2, months=4)
    return tmp_path / "organisation"


@pytest.fixture
def github(live_db: str, folder: Path) -> Iterator[road.LocalGitHub]:
    cache.clear()
    with road.local_github(folder) as served:
        yield served


@pytest.fixture
def other(github: road.LocalGitHub) -> tuple[Team, Client]:
    return team_of("other", github)


def team_of(slug: str, github: road.LocalGitHub) -> tuple[Team, Client]:
    team, _ = road.connect(slug, github)
    client, user = Client(), User.objects.create_user(f"{slug}@acme.example")
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    client.force_login(user)
    return team, client


def decide(team: Team, client: Client, told: dict[str, Any]) -> None:
    with tenant(team.pk):
        seen = in_force().version
    assert client.post(f"/t/{team.slug}/settings/rules/", {**told, "seen": seen}).status_code == 302


def hotfixes(team: Team, client: Client) -> set[tuple[str, int]]:
    """As the list of the product has them, by repository and number."""
    answer = client.get(f"/t/{team.slug}/pulls.json?{EVER}&signal=hotfix&automation=1")
    rows = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    return {(row["repository"]["label"], row["number"]) for row in rows}


def deployed(team: Team, client: Client) -> dict[str, float]:
    """How often each environment was deployed to, as the product counts it."""
    answer = client.get(f"/t/{team.slug}/deployments.json?{EVER}")
    found = json.loads(b"".join(answer.streaming_content))["numbers"]  # type: ignore[attr-defined]
    rows = [
        row for row in found if row["measure"] == "deployment_frequency" and row["cut"] == "repository / environment"
    ]
    return {row["of"].rpartition(" / ")[2]: row["value"] for row in rows if row["value"]}


def planted(folder: Path) -> set[tuple[str, int]]:
    """Merged ones with the label."""
    names = {row["id"]: row["name_with_owner"] for row in rows_of(folder, "repositories")}
    return {
        (names[row["repository_id"]], row["number"])
        for row in rows_of(folder, "pull_requests")
        if row.get("merged_at") and "bug" in (row.get("labels") or ())
    }


def rows_of(folder: Path, kind: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text().splitlines()]


def test_figures_on_pages_follow_rules_that_change_after_reading(
    github: road.LocalGitHub, folder: Path, other: tuple[Team, Client]
) -> None:
    """And everything stored is what it is for a team that had these rules before it read anything."""
    early, _ = other
    with tenant(early.pk):
        write_rules(NewRules(RULES, 1), team_id=early.pk)
    road.read_all(early)
    late, client = team_of("late", github)
    road.read_all(late)
    assert hotfixes(late, client) != planted(folder)
    assert deployed(late, client).keys() & {"production", "staging"} == {"production"}
    decide(late, client, HOTFIXES)
    decide(late, client, ENVIRONMENTS)
    follow_rules()
    road.read_all(late)  # what the deployments that count now brought is still to be asked
    assert hotfixes(late, client) == planted(folder)
    assert deployed(late, client).keys() & {"production", "staging"} == {"staging"}
    one, two = road.rows(late), road.rows(early)
    for answers in ("Comparison", "ComparisonCommit"):  # the provider was asked more, by the older rules
        assert set(two.pop(answers)) <= set(one.pop(answers))
    assert one == two


def test_a_kill_in_the_middle_ends_right(github: road.LocalGitHub, folder: Path, other: tuple[Team, Client]) -> None:
    team, client = other
    road.read_all(team)
    decide(team, client, HOTFIXES)
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", IN_SMALL_STEPS, str(team.pk)])
        kill_after_some(process, team)
    assert RulesRound.objects.filter(team=team).exists()
    assert hotfixes(team, client) != planted(folder)
    follow_rules()
    assert not RulesRound.objects.filter(team=team).exists()
    assert hotfixes(team, client) == planted(folder)


def kill_after_some(process: subprocess.Popen[bytes], team: Team) -> None:
    """At whatever it is doing once it came further than where it began."""
    begun = done(team)
    ends_at = time.monotonic() + 30
    while done(team) <= begun and time.monotonic() < ends_at:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert done(team) > begun


def done(team: Team) -> int:
    return RulesRound.objects.get(team=team).done
