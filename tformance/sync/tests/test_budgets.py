"""A credential has several budgets; each is judged by itself."""

from datetime import timedelta

import time_machine

from tformance.accounts.models import Team
from tformance.sources.contract import Allowance
from tformance.sync import data_health
from tformance.sync.models import Connection
from tformance.sync.session import LentSession
from tformance.sync.tests.conftest import NOON, lane_of
from tformance.sync.tests.test_run import look
from tformance.sync.tests.toy import Provider

SOON, LATER = NOON + timedelta(minutes=10), NOON + timedelta(minutes=40)


def after(*told: Allowance | None) -> LentSession:
    session = LentSession(lambda: "key", {}, clock=lambda: NOON)
    for left in told:
        session.spend(1, 1, left)
    return session


def test_one_budget_that_is_low_is_not_hidden_by_another_that_is_not() -> None:
    session = after(Allowance("core", 10, SOON, 5000), Allowance("graphql", 4000, LATER, 5000))
    assert (session.budget_is_low(), session.reset_at) == (True, SOON)


def test_an_answer_that_tells_no_budget_changes_nothing() -> None:
    assert after(Allowance("core", 10, SOON), None).reset_at == SOON


def test_what_was_low_is_not_once_it_is_full_again() -> None:
    low = Allowance("core", 10, NOON, 5000)
    assert not after(low).budget_is_low()
    assert not after(Allowance("core", 10, SOON), Allowance("core", 4999, LATER)).budget_is_low()


def test_where_both_are_low_the_later_one_is_waited_for() -> None:
    assert after(Allowance("core", 10, SOON), Allowance("graphql", 10, LATER)).reset_at == LATER


def test_of_a_small_budget_a_tenth_is_left_to_others() -> None:
    assert not after(Allowance("search", 3, SOON, 30)).budget_is_low()
    assert after(Allowance("search", 2, SOON, 30)).budget_is_low()


def test_the_lane_remembers_each_and_the_last_limit_that_was_told(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.budget = Allowance("core", 900, SOON, 1000)
    provider.before_page = lambda provider: setattr(provider, "budget", Allowance("graphql", 4000, LATER, 5000))
    look(connection)
    provider.budget = Allowance("graphql", 3000, LATER)
    clock.shift(timedelta(minutes=30))
    provider.before_page = lambda provider: None
    look(connection)
    (budget,) = data_health.budgets(team.pk)
    assert budget.left == (Allowance("core", 900, SOON, 1000), Allowance("graphql", 3000, LATER, 5000))
    assert lane_of(connection).blocked_until is None
