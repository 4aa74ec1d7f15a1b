"""Reading the checks of every commit that was a head: turned off it stops at once, turned on it begins."""

from dataclasses import replace

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sources.registry import SOURCES
from tformance.sync import connections, plan
from tformance.sync.models import Connection, Scope, SyncRun, SyncStep, Wanted
from tformance.sync.tests.conftest import lane_of, make_connection
from tformance.sync.tests.test_run import look, steps_of
from tformance.sync.tests.toy import Provider
from tformance.sync.wanted import HEAD_CHECKS, want

ONE, THREE = "toys/one", "toys/three"


@pytest.fixture
def deep(provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> None:
    source = provider.source()
    stream = replace(source.stream("pull_requests"), id=HEAD_CHECKS, title="Checks", backfill="deep", inventory=None)
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, stream)))


@pytest.fixture
def connection(team: Team, deep: None) -> Connection:
    return make_connection(team, ONE, THREE)


def choose(connection: Connection, *names: str) -> None:
    connections.read_every_head(connection.team_id, connection.pk, names)


def deep_steps(team: Team) -> list[tuple[str, str, str]]:
    with tenant(team.pk):
        rows = SyncStep.objects.filter(stream=HEAD_CHECKS).order_by("id")
        return list(rows.values_list("scope__name", "window", "state"))


def test_how_much_there_is_to_read_is_told_by_the_first_page_of_pull_requests(
    team: Team, connection: Connection, provider: Provider
) -> None:
    provider.before_translation = lambda provider: told.append(expected(team))
    told: list[set[int | None]] = []
    look(connection)
    assert told[0] == {None}
    assert told[-1] == expected(team) == {20}


def expected(team: Team) -> set[int | None]:
    with tenant(team.pk):
        return set(SyncStep.objects.filter(stream=HEAD_CHECKS).values_list("expected", flat=True))


def test_turned_off_it_stops_at_once_in_that_repository_alone(team: Team, connection: Connection) -> None:
    choose(connection, ONE)
    assert deep_steps(team) == [(ONE, "whole", "pending")]
    assert len([step for step in steps_of(team) if step.stream == "pull_requests"]) == 4


def test_a_page_that_is_being_read_when_it_is_turned_off_is_not_stored(
    team: Team, connection: Connection, provider: Provider
) -> None:
    choose(connection, ONE)
    fence = lane_of(connection).fence
    choose(connection)
    assert lane_of(connection).fence == fence + 1
    choose(connection)
    assert lane_of(connection).fence == fence + 1  # there was nothing to stop
    assert look(connection)
    assert deep_steps(team) == []
    assert {step.state for step in steps_of(team)} == {"complete"}


def test_a_round_of_which_nothing_else_is_left_is_over(team: Team, connection: Connection) -> None:
    with tenant(team.pk):
        SyncStep.objects.exclude(stream=HEAD_CHECKS).update(state="complete")
    choose(connection)
    with tenant(team.pk):
        assert set(SyncRun.objects.values_list("state", flat=True)) == {"complete"}


def test_single_commits_are_no_longer_asked_for_either(team: Team, connection: Connection) -> None:
    with tenant(team.pk):
        for scope in Scope.objects.filter(kind="repository"):
            want(scope, HEAD_CHECKS, ["PR_1@abc"], "webhook", now())
            want(scope, "pull_requests", ["PR_1"], "webhook", now())
    choose(connection, ONE)
    with tenant(team.pk):
        left = set(Wanted.objects.values_list("scope__name", "stream"))
    assert left == {(ONE, HEAD_CHECKS), (ONE, "pull_requests"), (THREE, "pull_requests")}


def test_turned_on_again_before_it_came_to_its_end_it_begins_anew(team: Team, connection: Connection) -> None:
    choose(connection)
    assert deep_steps(team) == []
    choose(connection, THREE)
    assert deep_steps(team) == [(THREE, "whole", "pending")]


def test_turned_on_again_after_it_was_read_only_what_changed_meanwhile_is_read(
    team: Team, connection: Connection
) -> None:
    look(connection)
    choose(connection, ONE)
    choose(connection, ONE, THREE)
    done = [(ONE, "whole", "complete"), (THREE, "whole", "complete")]
    assert deep_steps(team) == [*done, (THREE, "incremental", "pending")]


def test_daily_rounds_leave_it_out_while_it_is_off(team: Team, connection: Connection) -> None:
    look(connection)
    choose(connection, ONE)
    with tenant(team.pk):
        plan.plan_incremental(Connection.objects.get())
    assert [name for name, window, _ in deep_steps(team) if window == "incremental"] == [ONE]
