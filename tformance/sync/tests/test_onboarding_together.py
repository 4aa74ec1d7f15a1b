"""What several people, or two clicks of one, ask for at the same instant happens once."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections as databases

from tformance.accounts.models import Team, User
from tformance.accounts.tenancy import tenant
from tformance.sources.registry import SOURCES
from tformance.sync import connections, onboarding
from tformance.sync.models import Scope, SyncRun, SyncStep
from tformance.sync.set_up import SetUp
from tformance.sync.tests.conftest import make_team
from tformance.sync.tests.toy import Provider

TOGETHER = 6
PATIENCE = 20.0  # seconds


@pytest.fixture
def team(live_db: str, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Team:
    monkeypatch.setitem(SOURCES, "github", provider.source())
    return make_team("acme")


def together(ask: Callable[[int], object]) -> None:
    """Six at once; an error of any of them is the test's."""
    ready = Barrier(TOGETHER)

    def one(number: int) -> None:
        try:
            ready.wait()
            ask(number)
        finally:
            databases.close_all()

    with ThreadPoolExecutor(TOGETHER) as pool:
        list(pool.map(one, range(TOGETHER)))


def test_a_token_that_is_given_twice_at_once_is_one_connection(team: Team) -> None:
    together(lambda _: connections.connect_github(team.pk, "", "ada"))
    assert [each.account for each in connections.connected(team.pk)] == ["ada"]


def test_repositories_that_are_chosen_twice_at_once_are_read_once(team: Team) -> None:
    made = connections.connect_github(team.pk, "", "ada")
    together(lambda _: connections.follow(team.pk, made.id, ["toys/one", "toys/two"]))
    with tenant(team.pk):
        assert Scope.objects.count() == 2
        assert SyncRun.objects.count() == 1
        assert SyncStep.objects.count() == 6


def test_of_several_who_begin_at_once_one_is_told(team: Team) -> None:
    users = [User.objects.create_user(f"{number}@acme.example") for number in range(TOGETHER)]
    together(lambda number: onboarding.begin(team.pk, users[number], f"https://{number}.example/"))
    with tenant(team.pk):
        row = SetUp.objects.get()
    assert row.site == f"https://{users.index(row.user)}.example/"
    assert row.state == SetUp.State.CONNECTING


def test_questions_that_are_skipped_at_once_are_all_kept(team: Team) -> None:
    together(lambda number: onboarding.leave_behind(team.pk, f"question {number}"))
    with tenant(team.pk):
        assert sorted(SetUp.objects.get().passed) == [f"question {number}" for number in range(TOGETHER)]


def test_who_moves_a_set_up_second_moves_nothing(team: Team) -> None:
    """The second one has seen the state of before and waits for the first one's row, which says something else then."""
    made = connections.connect_github(team.pk, "", "ada")
    connections.follow(team.pk, made.id, ["toys/one"])
    with tenant(team.pk):
        SyncStep.objects.filter(window="recent").update(state="complete")  # so that there is something to move to
    with ThreadPoolExecutor(1) as pool:
        with tenant(team.pk):
            connections.pause(team.pk, made.id, "Ada wanted it.")
            second = pool.submit(follow_and_leave, team)
            wait_until_somebody_waits()
        second.result()
    with tenant(team.pk):
        assert SetUp.objects.get().state == SetUp.State.FAILED


def follow_and_leave(team: Team) -> None:
    try:
        with tenant(team.pk):
            onboarding.follow(team.pk)
    finally:
        databases.close_all()


def wait_until_somebody_waits() -> None:
    ends_at = time.monotonic() + PATIENCE
    with databases["default"].cursor() as cursor:
        while time.monotonic() < ends_at:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
            if cursor.fetchone():
                return
    raise AssertionError("nobody waits")
