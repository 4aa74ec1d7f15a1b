"""From an invented organisation over real HTTP to facts, undisturbed and with everything going wrong."""

import json
import random
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import sql

from tests.journeys import road
from tests.journeys.road import LocalGitHub
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.errors import Reconnect
from tformance.facts.models.pull_request import PullRequest
from tformance.project.checks import walled_tables
from tformance.sync import connections, health
from tformance.sync.models import Quarantined, Scope, SyncStep

# It ends on one day for ever: what happens in so small an organisation depends on the days it lives.
SMALL: dict[str, Any] = {"prs": 300, "people": 12, "repositories": 4, "months": 6}
SMALL["end"] = datetime(2026, 11, 23, 12, tzinfo=UTC)
FAULTS = "fail=0.1,max_page=10,partial=0.05"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("organisation")
    road.invent(folder, **SMALL)
    return folder


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return truth


@pytest.fixture
def github(folder: Path) -> Iterator[LocalGitHub]:
    with road.local_github(folder) as github:
        yield github


def test_everything_planted_arrives_within_the_budget(live_db: str, github: LocalGitHub, truth: dict[str, Any]) -> None:
    team, _ = road.connect("acme", github)
    road.read_all(team)
    assert health.is_complete(team.pk)
    assert road.counts(team) == road.planted(truth)
    total = next(stream for stream in health.totals(team.pk) if stream.stream == "pull_requests")
    assert total.fetched == total.written == truth["totals"]["pull_requests"]
    assert total.requests / total.written <= 0.25  # small repositories leave pages half full
    assert total.points / total.written <= 1.0


def test_faults_and_kills_leave_the_rows_of_an_undisturbed_reading(
    live_db: str, github: LocalGitHub, folder: Path, truth: dict[str, Any]
) -> None:
    calm, _ = road.connect("calm", github)
    road.read_all(calm)
    with road.local_github(folder, FAULTS) as troubled:
        team, _ = road.connect("troubled", troubled)
        kill_three_times(team)
        assert road.start_worker(team).wait(300) == 0
    assert health.is_complete(team.pk)
    assert road.counts(team) == road.planted(truth)
    assert road.rows(team) == road.rows(calm)


def kill_three_times(team: Team) -> None:
    chance = random.Random(20261120)
    killed = [ended_by_kill(road.start_worker(team), 1.2 + chance.uniform(0, 0.5)) for _ in range(3)]
    assert any(killed), "everything was read before a worker could be killed: read more"


def ended_by_kill(worker: subprocess.Popen[bytes], after: float) -> bool:
    """Whether it was killed; False when it had ended before, all work being done."""
    try:
        worker.wait(after)
    except subprocess.TimeoutExpired:
        worker.kill()
    return worker.wait() != 0


def test_history_round_and_single_reading_of_a_pull_request_meet_in_one_row(live_db: str, tmp_path: Path) -> None:
    road.invent(tmp_path, prs=40, people=6, repositories=1, months=3)
    with road.local_github(tmp_path) as github:
        team, _ = road.connect("acme", github)
        road.read_all(team)
        node_id = richest(team)
        by_history = road.rows(team)

        change_title(tmp_path, node_id, "Renamed at the provider")
        github.reload()
        connections.sync_now(team.pk)
        road.read_all(team)
        by_round = road.rows(team)
        assert title_of(team, node_id) == "Renamed at the provider"
        assert without(by_round, node_id) == without(by_history, node_id)

        forget_row_and_ask_again(team, node_id)
        road.read_all(team)
    assert road.rows(team) == by_round


def richest(team: Team) -> str:
    with tenant(team.pk):
        pulls = PullRequest.objects.prefetch_related("reviews", "files", "commit_links")
        best = max(pulls, key=lambda pull: (len(pull.reviews.all()), len(pull.commit_links.all())))
        return str(best.node_id)


def change_title(folder: Path, node_id: str, title: str) -> None:
    """What a person does at the provider: the title and the time of change move on."""
    file = folder / "pull_requests.jsonl"
    pulls = [json.loads(line) for line in file.read_text().splitlines()]
    changed_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    for pull in pulls:
        if pull["id"] == node_id:
            pull |= {"title": title, "updated_at": changed_at}
    file.write_text("".join(json.dumps(pull) + "\n" for pull in pulls))


def title_of(team: Team, node_id: str) -> str:
    with tenant(team.pk):
        return str(PullRequest.objects.get(node_id=node_id).title)


def without(rows: dict[str, list[str]], node_id: str) -> dict[str, list[str]]:
    """All rows but the changed pull request's own, and the words of titles."""
    return rows | {
        "PullRequest": [row for row in rows["PullRequest"] if f'"{node_id}"' not in row],
        "PRTerm": [row for row in rows["PRTerm"] if '"word:' not in row],
    }


def forget_row_and_ask_again(team: Team, node_id: str) -> None:
    """As if this one had been unreadable so far: the step asks for it by its id."""
    with tenant(team.pk):
        PullRequest.objects.get(node_id=node_id).delete()
        step = SyncStep.objects.filter(stream="pull_requests", window="recent").get()
        Quarantined.objects.create(
            team=team,
            scope=Scope.objects.get(kind="repository"),
            step=step,
            stream="pull_requests",
            item=node_id,
            reason="It could not be read.",
            first_seen=datetime.now(UTC),
            last_seen=datetime.now(UTC),
        )
        SyncStep.objects.filter(pk=step.pk).update(state="pending")
        connections.sync_now(team.pk)


def test_an_expired_token_stops_the_reading_and_a_new_one_goes_on_where_it_stopped(
    live_db: str, folder: Path, truth: dict[str, Any]
) -> None:
    with road.local_github(folder, "expire_after=20") as github:
        team, connection = road.connect("acme", github)
        road.read_all(team)
        (stopped,) = health.connections(team.pk)
        assert stopped.state == "reconnect"
        assert stopped.words == "The access was withdrawn, connect again."
        assert "Bad credentials" in stopped.reason
        assert not health.is_complete(team.pk)

        again = connections.connect_github(team.pk, github.url, road.OTHER_TOKEN)
        assert again.id == connection.id
        road.read_all(team)
    assert health.is_complete(team.pk)
    assert road.counts(team) == road.planted(truth)


def test_rate_limits_are_waited_for_and_nothing_is_lost(live_db: str, folder: Path, truth: dict[str, Any]) -> None:
    with road.local_github(folder, "secondary_after=25,retry_after=1") as github:
        team, _ = road.connect("acme", github)
        road.read_all(team)
    assert health.is_complete(team.pk)
    assert road.counts(team) == road.planted(truth)


def test_a_refused_token_is_not_stored(live_db: str, github: LocalGitHub) -> None:
    team = Team.objects.create(slug="acme", name="acme")
    with pytest.raises(Reconnect):
        connections.connect_github(team.pk, github.url, "wrong")
    assert connections.connected(team.pk) == ()


MAY_BE_EMPTY = {
    "Actor.member",  # links to people are made by people
    *("Actor.verdict", "Actor.told_kind"),  # decided by people
    *("TeamMember.user", "TeamMember.joined_on", "TeamMember.left_on"),  # the same
    "Actor.former_logins",  # nobody has changed a login yet
    "Commit.changed_files",  # only a clone tells
    "ReviewThread.resolved_at",  # only a message at the moment tells
    "ReviewThread.resolution_read_at",  # the same
    "Seat.cancels_on",  # nobody has given up a seat
    *("Actor.email", "PullRequest.jira_key"),  # Jira tells, and has a road of its own
    *("Actor.erased_as", "TeamMember.erased_as"),  # nobody was erased
    "PullRequest.carries",  # few pull requests carry others on: the traps have their own
    "PullRequest.picked_shas",  # the same
}


def test_every_column_of_every_fact_is_filled_somewhere(live_db: str, github: LocalGitHub) -> None:
    team, _ = road.connect("acme", github)
    road.read_all(team)
    empty = {
        f"{model}.{field}"
        for model, rows in road.rows(team).items()
        for field in (json.loads(rows[0]) if rows else {})
        if field != "gone_at" and not any(json.loads(row)[field] not in (None, "", []) for row in rows)
    }
    assert empty - MAY_BE_EMPTY == set()


def test_a_connection_that_names_no_team_sees_and_changes_no_row_of_what_was_read(
    live_db: str, github: LocalGitHub
) -> None:
    """By plain SQL as the web server's role, table by table: the wall is the database's own."""
    team, _ = road.connect("acme", github)
    other = Team.objects.create(slug="other", name="Other")
    road.read_all(team)
    with psycopg.connect(live_db) as runtime:
        assert reached(runtime) == set()
        name_team(runtime, team)
        assert len(reached(runtime)) > 20
        assert not {table for table in walled_tables() if is_given_away(runtime, table, other)}
        name_team(runtime, other)
        assert reached(runtime) == set()


def name_team(runtime: psycopg.Connection[Any], team: Team) -> None:
    runtime.execute("SELECT set_config('app.team_id', %s, false)", [str(team.pk)])


def reached(runtime: psycopg.Connection[Any]) -> set[str]:
    """The tables of which a row is seen, changed or deleted; nothing of it stays."""
    statements = ("SELECT 1 FROM {} LIMIT 1", "UPDATE {} SET team_id = team_id", "DELETE FROM {}")
    return {table for table in walled_tables() if any(count(runtime, each, table) for each in statements)}


def count(runtime: psycopg.Connection[Any], statement: LiteralString, table: str) -> int:
    with runtime.transaction(force_rollback=True):
        return runtime.execute(sql.SQL(statement).format(sql.Identifier(table))).rowcount


def is_given_away(runtime: psycopg.Connection[Any], table: str, other: Team) -> bool:
    """Whether another team can be made a row's owner from inside its own."""
    statement = sql.SQL("UPDATE {} SET team_id = {}").format(sql.Identifier(table), sql.Literal(other.pk))
    try:
        with runtime.transaction(force_rollback=True):
            return runtime.execute(statement).rowcount > 0
    except psycopg.errors.InsufficientPrivilege:
        return False
