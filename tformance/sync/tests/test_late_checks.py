"""Checks that end late, on a commit that is no head any more when they are read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.delivery import PRCheckRun
from tformance.sandbox.server import Sandbox
from tformance.sandbox.tests.conftest import Client, Receiver, receiving, running
from tformance.sandbox.tests.test_live import do
from tformance.sources.github.tests.world import World
from tformance.sync import connections, inbox, run
from tformance.sync.lane import Lane
from tformance.sync.models import Route, Scope, Wanted, WebhookEndpoint
from tformance.sync.tests.posted import SECRET, deliver, make_endpoint
from tformance.sync.turns import call


@dataclass
class Play:
    """A followed repository whose messages are handed on when the test says so."""

    client: Client
    receiver: Receiver
    sandbox: Sandbox
    team: Team
    endpoint: WebhookEndpoint
    told: int = 0

    def do(self, action: str, **asked: object) -> dict[str, str]:
        answer: dict[str, str] = do(self.client, action, id="PR_1", **asked)
        self.told += len(answer["deliveries"])
        return answer

    def hear(self) -> None:
        """Hand on everything that was told since the last time."""
        for event, body, _ in self.receiver.wait(self.told):
            deliver(self.endpoint, event, body)
        self.receiver.taken.clear()
        self.told = 0
        inbox.drain()

    def read(self) -> None:
        """Read what is wanted now, however long it was to wait."""
        with tenant(self.team.pk):
            Wanted.objects.update(due_at=now())
            call(Scope.objects.filter(kind="repository").get().connection_id, now())
        run.look_at_lane(Lane.objects.get().pk)

    def wanted(self) -> set[str]:
        with tenant(self.team.pk):
            return set(Wanted.objects.filter(stream="head_checks").values_list("item", flat=True))

    def checks(self, sha: str) -> list[tuple[str | None, bool]]:
        with tenant(self.team.pk):
            rows = PRCheckRun.objects.filter(head_sha=sha).order_by("id")
            return list(rows.values_list("conclusion", "is_final_head"))


@pytest.fixture
def play(db: None, tmp_path: Path) -> Iterator[Play]:
    world = World()
    pull = world.pull()
    world.commit(pull)
    world.check(pull, name="first", status="COMPLETED", conclusion="SUCCESS", app="ci")
    with (
        receiving() as receiver,
        running(world.write(tmp_path), hooks=[(receiver.url, SECRET)]) as (sandbox, client),
    ):
        team = Team.objects.create(slug="acme", name="Acme")
        connection = connections.connect_github(team.pk, sandbox.url, "token")
        connections.follow(team.pk, connection.id, ["acme/shop"])
        endpoint = make_endpoint(team)
        play = Play(client, receiver, sandbox, team, endpoint)
        play.read()
        Route.objects.update(endpoint=endpoint)
        yield play


def test_a_late_failure_on_a_head_that_was_forced_away_is_shown(play: Play) -> None:
    play.do("late_check", conclusion="failure")
    forced = play.do("force_push")
    play.hear()
    play.read()
    assert play.checks(forced["before"]) == [("success", False), ("failure", False)]
    assert play.wanted() == set()


def test_a_head_that_came_and_went_between_two_readings_keeps_its_checks(play: Play) -> None:
    """It is neither among the commits nor what was forced away last, so only the message knows of it."""
    first = play.do("push")
    play.do("late_check", conclusion="failure")
    play.do("push")
    play.do("force_push")
    play.hear()
    play.read()
    assert ("failure", False) in play.checks(first["after"])
    assert play.wanted() == set()


def test_a_check_that_ends_after_its_commit_was_forced_away_is_shown(play: Play) -> None:
    first = play.do("push")
    play.do("push")
    play.do("force_push")
    play.hear()
    play.read()
    play.sandbox.live.check(play.sandbox.live.pull("PR_1"), first["after"], "2026-01-03T00:00:00Z", "FAILURE")
    message = {"action": "completed", "check_run": {"head_sha": first["after"], "pull_requests": []}}
    deliver(play.endpoint, "check_run", message | {"repository": {"id": 77}})
    inbox.drain()
    play.read()
    assert ("failure", False) in play.checks(first["after"])


def test_a_whole_reading_leaves_nothing_to_be_asked_of_heads(play: Play) -> None:
    pushed = play.do("push")
    play.do("late_check", conclusion="failure")
    play.hear()
    assert play.wanted() == {f"PR_1@{pushed['before']}", f"PR_1@{pushed['after']}"}
    play.read()
    assert play.wanted() == set()
    assert "ChecksOfCommit" not in play.sandbox.stats.report()["operations"]


def test_where_only_the_last_commit_counts_nothing_is_asked_of_others(play: Play) -> None:
    with tenant(play.team.pk):
        connection = Scope.objects.filter(kind="repository").get().connection_id
    connections.read_every_head(play.team.pk, connection, [])
    play.do("late_check", conclusion="failure")
    play.do("force_push")
    play.hear()
    assert play.wanted() == set()
