"""What a team decides about hotfixes and environments holds for every row, whenever it was decided."""

import itertools
import threading
from dataclasses import replace
from typing import Any, Final

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.decisions import Outdated
from tformance.facts.derive.deployments import EnvironmentRule
from tformance.facts.derive.outcome import HOTFIX, HotfixRule
from tformance.facts.derive.rules import PLAIN, Rules
from tformance.facts.models.delivery import Deployment, DeploymentPullRequest
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.rules import RulesRound, TeamRules
from tformance.facts.rules import NewRules, in_force
from tformance.facts.tests.dump import dump
from tformance.facts.tests.test_deliveries import change
from tformance.facts.write import derive_stale, follow_rules, write_page, write_rules

slugs = (f"rules-team-{number}" for number in itertools.count())
URGENT: Final = HotfixRule(labels=("urgent",), branches=("fire/",), titles=("now:",))
EUROPE: Final = EnvironmentRule(production=frozenset({"eu"}), others=frozenset({"production"}))
STAGING: Final = EnvironmentRule(production=frozenset({"staging"}))
RULES: Final = (
    PLAIN,
    Rules(hotfix=URGENT),
    Rules(environments=EUROPE),
    Rules(URGENT, STAGING),
    Rules(HotfixRule((), (), ()), EnvironmentRule(others=frozenset({"production", "prod/eu"}))),
)
OTHER: Final = t.repository("acme/till")
# Three environments, each of which would be production to somebody; the third change mends the second.
PAGES: Final = (
    t.page(change(1, 1), change(2, 5, title="Now: it"), change(3, 8, head_ref="hotfix/it", labels=("urgent",))),
    t.page(change(4, 10, body="Reverts acme/shop#3"), change(5, 30, labels=("Hotfix",))),
    t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 2, 6), t.deployed(3, 3, 9), t.deployed(4, 4, 11))),
    t.page(deployments=(t.deployed(5, 1, 2.5, "eu"), t.deployed(6, 2, 7, "eu"), t.deployed(7, 3, 9.5, "eu"))),
    t.page(deployments=(t.deployed(8, 1, 1.5, "staging"), t.deployed(9, 2, 5.5, "staging"))),
    t.page(deployments=(t.deployed(10, 1, 3, "prod/eu"), t.deployed(11, 2, 8, "prod/eu"))),
    t.page(comparisons=(t.comparison(1, 2, 2), t.comparison(2, 3, 3), t.comparison(3, 4, 4))),
    t.page(t.pull_request(901, head_ref="fire/x"), t.pull_request(902, title="Hotfix: y"), repository=OTHER),
)


@pytest.fixture
def team(db: None) -> Team:
    return t.team()


def decide(team: Team, rules: Rules) -> None:
    with tenant(team.pk):
        write_rules(NewRules(rules, in_force().version), team_id=team.pk)


def progress(team: Team) -> tuple[int, int] | None:
    """How many of how many; None where everything follows."""
    return RulesRound.objects.filter(team=team).values_list("done", "total").first()


def step(team: Team, limit: int = 500) -> bool:
    """One transaction, as the background does it."""
    with tenant(team.pk):
        return follow_rules(limit) is not None


def follow_all(team: Team, limit: int = 500) -> int:
    steps = 0
    while step(team, limit):
        steps += 1
    return steps


def story() -> tuple[Any, ...]:
    return tuple(replace(page, fetched_at=t.at(100 + place)) for place, page in enumerate(PAGES))


def difference(one: Team, other: Team) -> dict[str, Any]:
    first, second = dump(one), dump(other)
    return {name: (rows, second[name]) for name, rows in first.items() if rows != second[name]}


def hotfixes(team: Team) -> list[int]:
    with tenant(team.pk):
        return list(PullRequest.objects.filter(is_hotfix=True).order_by("number").values_list("number", flat=True))


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    before=st.sampled_from(RULES),
    after=st.sampled_from(RULES),
    order=st.permutations(range(len(PAGES))),
    changed=st.integers(0, len(PAGES)),
    steps=st.integers(0, 6),
    limit=st.integers(1, 4),
)
def test_rules_that_change_among_readings_leave_what_they_would_have_made_from_the_start(
    db: None, before: Rules, after: Rules, order: list[int], changed: int, steps: int, limit: int
) -> None:
    """A part of what is stored may follow before the rest of the pages arrives, the other part afterwards."""
    plain, other, pages = t.team(next(slugs)), t.team(next(slugs)), story()
    decide(plain, after)
    t.write(plain, *pages)
    decide(other, before)
    t.write(other, *(pages[place] for place in order[:changed]))
    decide(other, after)
    for _ in range(steps):
        step(other, limit)
    t.write(other, *(pages[place] for place in order[changed:]))
    follow_all(other, limit)
    assert difference(plain, other) == {}


@pytest.mark.parametrize("there", RULES)
def test_rules_that_are_taken_back_leave_no_trace(there: Rules, team: Team) -> None:
    t.write(team, *story())
    before = dump(team)
    decide(team, there)
    follow_all(team)
    assert (dump(team) == before) == (there == PLAIN)
    decide(team, PLAIN)
    follow_all(team)
    assert dump(team) == before


def test_a_hotfix_by_the_teams_rule_tells_of_a_failed_delivery(team: Team) -> None:
    t.write(team, t.page(change(1, 1), change(2, 5), change(3, 8, labels=("urgent",))))
    t.write(team, t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 2, 6), t.deployed(3, 3, 9))))
    t.write(team, t.page(comparisons=(t.comparison(1, 2, 2), t.comparison(2, 3, 3))))

    def failures() -> list[str]:
        with tenant(team.pk):
            return list(Deployment.objects.order_by("provider_id").values_list("failure", flat=True))

    assert failures() == ["", "", ""]
    decide(team, Rules(hotfix=URGENT))
    assert follow_all(team)
    assert (hotfixes(team), failures()) == ([3], ["", "hotfix", ""])


def test_an_environment_that_is_production_no_more_brings_nothing(team: Team) -> None:
    t.write(team, *story())
    decide(team, Rules(environments=EnvironmentRule(others=frozenset({"production", "prod/eu"}))))
    follow_all(team)
    with tenant(team.pk):
        assert not Deployment.objects.filter(is_production=True).exists()
        left = Deployment.objects.values_list("relation", "previous", "is_delivery", "failure", "is_linked").distinct()
        assert list(left) == [(None, None, False, "", None)]
        assert not DeploymentPullRequest.objects.exists()
        assert not PullRequest.objects.filter(deployed_at__isnull=False).exists()


def test_only_rows_that_the_rules_make_something_else_of_are_written(team: Team) -> None:
    t.write(team, *story())
    with tenant(team.pk):
        PullRequest.objects.update(size_lines=7)
    decide(team, Rules(hotfix=URGENT))
    follow_all(team)
    with tenant(team.pk):
        kept = PullRequest.objects.filter(size_lines=7).order_by("number").values_list("number", flat=True)
        assert list(kept) == [1, 3, 4]  # no hotfix either way, or one by both rules


def test_it_goes_on_where_it_was_broken_off(team: Team) -> None:
    t.write(team, *story())
    decide(team, Rules(hotfix=URGENT))
    assert [progress(team), step(team, 2), progress(team)] == [(0, 7), True, (0, 7)]
    step(team, 2)
    assert progress(team) == (2, 7)

    class Killed(BaseException):
        pass

    def killed() -> None:
        with tenant(team.pk):
            follow_rules(2)
            raise Killed

    with pytest.raises(Killed):
        killed()
    assert progress(team) == (2, 7)
    follow_all(team, 2)
    assert (progress(team), hotfixes(team)) == (None, [2, 3, 901])
    assert not step(team)


def test_a_change_in_the_middle_begins_anew(team: Team) -> None:
    t.write(team, *story())
    decide(team, Rules(hotfix=URGENT))
    for _ in range(3):
        step(team, 2)
    decide(team, PLAIN)
    assert progress(team) == (0, 7)
    follow_all(team, 2)
    assert hotfixes(team) == [3, 5, 902]


def test_rows_of_an_older_definition_are_derived_by_the_teams_rules(team: Team) -> None:
    t.write(team, *story())
    decide(team, Rules(URGENT, EUROPE))
    follow_all(team)
    before = dump(team)
    with tenant(team.pk):
        PullRequest.objects.update(derived_version=0, is_hotfix=False)
        Deployment.objects.update(derived_version=0)
        while derive_stale():
            pass
    assert dump(team) == before


def test_every_change_raises_the_definition_version_and_is_lost_to_no_other(team: Team) -> None:
    decide(team, Rules(hotfix=URGENT))
    team.refresh_from_db()
    assert team.definition_version == 2
    with tenant(team.pk):
        assert in_force().rules == Rules(hotfix=URGENT)
        with pytest.raises(Outdated):
            write_rules(NewRules(PLAIN, 1), team_id=team.pk)
    team.refresh_from_db()
    assert team.definition_version == 2


def test_rules_of_another_team_do_not_concern_this_one(team: Team) -> None:
    other = t.team("other")
    decide(other, Rules(hotfix=URGENT))
    t.write(team, *story())
    assert (hotfixes(team), step(team)) == ([3, 5, 902], False)
    with tenant(team.pk):
        assert in_force().rules == PLAIN


def test_the_products_own_list_is_not_kept_as_the_teams(team: Team) -> None:
    decide(team, Rules(hotfix=URGENT))
    decide(team, Rules(hotfix=HOTFIX))
    with tenant(team.pk):
        assert TeamRules.objects.get().hotfix_labels is None


@pytest.mark.parametrize(
    "values",
    [
        {"hotfix_labels": ["x"]},
        {"hotfix_labels": [], "hotfix_branches": [""], "hotfix_titles": []},
        {"production": ["eu"], "not_production": ["us", "eu"]},
    ],
)
def test_the_database_refuses_rules_that_say_nothing_sensible(values: dict[str, list[str]], team: Team) -> None:
    decide(team, PLAIN)
    with tenant(team.pk), pytest.raises(IntegrityError), transaction.atomic():
        TeamRules.objects.update(**values)


def test_who_writes_while_rules_change_leaves_nothing_that_follows_older_ones(live_db: str) -> None:
    """The change waits for the page that is being written, and so knows its rows."""
    team = t.team()
    t.write(team, t.page(t.pull_request(1)))
    is_written, is_decided = threading.Event(), threading.Event()

    def late() -> None:
        try:
            is_written.wait(30)
            decide(team, Rules(hotfix=URGENT))
            is_decided.set()
        finally:
            connections.close_all()

    other = threading.Thread(target=late)
    other.start()
    with tenant(team.pk):
        write_page(t.page(t.pull_request(2, labels=("urgent",)), fetched_at=t.at(30)), team_id=team.pk)
        is_written.set()
        assert not is_decided.wait(0.5)
    other.join(30)
    assert is_decided.is_set()
    assert RulesRound.objects.get().total == 2
    follow_all(team)
    assert hotfixes(team) == [2]
