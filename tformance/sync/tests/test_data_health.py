from datetime import datetime, timedelta

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as facts
from tformance.facts.models.repository import Repository
from tformance.facts.records import RepositoryPage
from tformance.sources.contract import Allowance
from tformance.sync import connections, data_health, health
from tformance.sync.lane import Lane
from tformance.sync.models import Connection, Quarantined, Scope, SyncStep
from tformance.sync.tests.conftest import NOON, make_connection, make_team
from tformance.sync.tests.test_run import look, stored_numbers
from tformance.sync.tests.toy import Provider

DAY = timedelta(days=1)


def test_every_stream_tells_how_far_it_was_read(team: Team, connection: Connection, provider: Provider) -> None:
    look(connection)
    (scope,) = data_health.scopes(team.pk)
    pulls = scope.streams[1]
    assert (scope.name, pulls.stream, pulls.state) == ("toys/one", "pull_requests", "complete")
    assert (pulls.seen, pulls.expected) == (20, 20)
    assert (pulls.covered_from, pulls.covered_to, pulls.completed_at) == (None, NOON, NOON)


def test_what_a_credential_spent_is_told_to_every_team_that_shares_it(
    team: Team, connection: Connection, provider: Provider
) -> None:
    provider.budget = left = Allowance("graphql", 4000, NOON + timedelta(minutes=20), 5000)
    look(connection)
    other = make_team("other")
    make_connection(other, "toys/one")
    (mine,), (theirs,) = data_health.budgets(team.pk), data_health.budgets(other.pk)
    assert mine.requests == theirs.requests == provider.requests
    assert mine.points == 2 * provider.requests
    assert mine.left == theirs.left == (left,)


def test_an_item_that_was_left_out_can_be_asked_for_again(
    team: Team, connection: Connection, provider: Provider
) -> None:
    provider.unreadable = frozenset({17})
    look(connection)
    (left,) = data_health.left_out(team.pk)
    assert (left.scope, left.item, left.attempts) == ("toys/one", "17", 1)
    provider.unreadable = frozenset()
    assert data_health.retry(team.pk, left.id)
    look(connection)
    assert 17 in stored_numbers(team)
    assert data_health.left_out(team.pk) == ()
    assert not data_health.retry(team.pk, left.id)


def test_one_team_cannot_ask_again_for_what_another_left_out(
    team: Team, connection: Connection, provider: Provider
) -> None:
    provider.unreadable = frozenset({17})
    look(connection)
    (left,) = data_health.left_out(team.pk)
    other = make_team("other")
    assert not data_health.retry(other.pk, left.id)
    assert data_health.left_out(other.pk) == ()


def test_time_left_contains_the_waits_for_a_new_budget(clock: time_machine.Traveller) -> None:
    steps = [SyncStep(window="history", seen=100, expected=1100, counts={"seconds": 10, "fetched": 100, "points": 100})]
    rate_only = health.progress_of(steps, None).left
    assert rate_only == timedelta(seconds=100)
    reset = NOON + timedelta(minutes=30)
    enough = lane_with(Allowance("graphql", 1050, reset, 5000))
    assert health.progress_of(steps, enough).left == rate_only
    scarce = lane_with(Allowance("graphql", 550, reset, 550))
    assert health.progress_of(steps, scarce).left == rate_only + timedelta(minutes=90)


def lane_with(*left: Allowance) -> Lane:
    lane = Lane()
    lane.note(left)
    return lane


def test_what_is_known_of_a_problem_is_said_in_words(team: Team, connection: Connection) -> None:
    with tenant(team.pk):
        Connection.objects.update(state="reconnect", problem="suspended", reason="GitHub says so.")
    words = health.connections(team.pk)[0].words
    assert words == "The installation is suspended; its owner can resume it at GitHub. It is tried again every hour."


def test_statements_do_not_grow_with_repositories(
    team: Team, connection: Connection, provider: Provider, django_assert_num_queries: object
) -> None:
    with tenant(team.pk):
        assert not Quarantined.objects.exists()
    with django_assert_num_queries(8) as few:  # type: ignore[operator]
        data_health.scopes(team.pk)
    connections.follow(team.pk, connection.pk, [f"toys/{number}" for number in range(10)])
    with django_assert_num_queries(len(few)):  # type: ignore[operator]
        data_health.scopes(team.pk)


KINDS = ("reviews", "checks", "commits", "deployments")


def a_repository(name: str, merged_at: datetime, *has: str) -> RepositoryPage:
    """One merged pull request, and of each kind that is named something."""
    key = sum(name.encode())
    sets = {kind: facts.whole() for kind in KINDS[:3]}
    rows = {"reviews": facts.review(key), "checks": facts.check(key), "commits": facts.commit(key)}
    sets |= {kind: facts.whole([row]) for kind, row in rows.items() if kind in has}
    pull = facts.pull_request(key, merged_at=merged_at, closed_at=merged_at, **sets)
    deployed = facts.deployment(key, created_at=merged_at) if "deployments" in has else None
    return facts.page(pull, repository=facts.repository(name), deployments=(deployed,) if deployed else ())


def suspected(team: Team) -> set[tuple[str, str, int]]:
    return {(each.repository, each.lacks, each.merged) for each in data_health.suspicions(team.pk)}


@pytest.mark.parametrize("lacks", KINDS)
def test_what_one_repository_lacks_and_another_has_looks_like_a_hole(
    team: Team, clock: time_machine.Traveller, lacks: str
) -> None:
    facts.write(team, a_repository("acme/whole", NOON - DAY, *KINDS))
    facts.write(team, a_repository("acme/odd", NOON - DAY, *(kind for kind in KINDS if kind != lacks)))
    assert suspected(team) == {("acme/odd", lacks, 1)}


@pytest.mark.parametrize("lacks", KINDS)
def test_what_no_repository_has_is_no_hole(team: Team, clock: time_machine.Traveller, lacks: str) -> None:
    kinds = tuple(kind for kind in KINDS if kind != lacks)
    facts.write(team, a_repository("acme/one", NOON - DAY, *kinds), a_repository("acme/other", NOON - DAY, *kinds))
    assert suspected(team) == set()


def test_nothing_is_missing_where_it_is_still_being_read(team: Team, connection: Connection) -> None:
    facts.write(team, a_repository("acme/whole", NOON - DAY, *KINDS))
    facts.write(team, a_repository("acme/begun", NOON - DAY, *KINDS[:3]))
    assert suspected(team) == {("acme/begun", "deployments", 1)}
    with tenant(team.pk):
        begun = Repository.objects.get(full_name="acme/begun")
        Scope.objects.filter(connection=connection).update(repository=begun)
        step = (
            SyncStep.objects.filter(scope__connection=connection, state="pending").exclude(window="incremental").first()
        )
        SyncStep.objects.filter(pk=step.pk).update(stream="deployments")
    assert suspected(team) == set()


@pytest.mark.parametrize("lacks", KINDS)
def test_what_was_merged_long_ago_is_not_suspected(team: Team, clock: time_machine.Traveller, lacks: str) -> None:
    facts.write(team, a_repository("acme/whole", NOON - DAY, *KINDS))
    facts.write(team, a_repository("acme/asleep", NOON - 91 * DAY, *(kind for kind in KINDS if kind != lacks)))
    assert suspected(team) == set()


def test_a_repository_where_nothing_was_merged_is_not_suspected(team: Team, clock: time_machine.Traveller) -> None:
    facts.write(team, a_repository("acme/whole", NOON - DAY, *KINDS))
    facts.write(team, facts.page(facts.open_pull_request(9), repository=facts.repository("acme/idle")))
    assert suspected(team) == set()


def test_suspicions_are_of_the_own_team(team: Team, clock: time_machine.Traveller) -> None:
    facts.write(team, a_repository("acme/odd", NOON - DAY))
    facts.write(make_team("other"), a_repository("acme/whole", NOON - DAY, *KINDS))
    assert suspected(team) == set()
