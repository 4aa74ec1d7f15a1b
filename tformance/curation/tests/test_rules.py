"""Weeks, kept roll-ups and answers follow rules and zones: they are what working them out anew gives."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.test import override_settings

from tformance.accounts import teams
from tformance.accounts.models import AuditEntry, Team, User
from tformance.accounts.tenancy import tenant
from tformance.curation import rules
from tformance.curation.groups import Refused
from tformance.curation.tests.test_deciding import at_once
from tformance.curation.tests.test_following import anew, weeks
from tformance.facts import testing as t
from tformance.facts.derive.outcome import HOTFIX, HotfixRule
from tformance.facts.rules import in_force
from tformance.measures.answer import answer
from tformance.measures.models.rollup import Rollup
from tformance.measures.query import Filters, Period, Query
from tformance.measures.rollups.keeping import keep
from tformance.measures.weekly.standing import standing
from tformance.sync.load import follow_rules

EVERYBODY = Filters(ai=("yes", "no_evidence", "unknown"))  # leaves all rows, and is none of what is kept
URGENT = HotfixRule(labels=("urgent",), branches=("fire/",), titles=("change 2",))
MARCH = Period.of_dates(date(2026, 2, 23), date(2026, 4, 6), ZoneInfo("UTC"))


@pytest.fixture(autouse=True)
def later() -> Any:
    cache.clear()
    with time_machine.travel(t.at(24 * 29), tick=False):
        yield


@pytest.fixture
def busy(acme: Team) -> Team:
    """Beside the sixteen changes of four weeks, of which seven have titles that begin with "Change 1"."""
    merged = [t.at(24 * day) for day in (3, 9, 17, 26)]
    t.write(
        acme,
        t.page(
            *(
                t.pull_request(20 + place, labels=("urgent",) if place % 2 else ("hotfix",), merged_at=at, closed_at=at)
                for place, at in enumerate(merged)
            ),
            deployments=tuple(t.deployed(key, 20 + key, key * 150, "eu") for key in range(4)),
        ),
    )
    return acme


def change(team: Team, user: User, rule: HotfixRule) -> bool:
    with tenant(team.pk):
        seen = in_force().version
    return rules.change_hotfixes(team.pk, user, rule, seen)


def shares(filters: Filters = Filters()) -> list[Any]:  # noqa: B008
    cache.clear()
    queries = [
        Query(measure, "sum", MARCH, every="week", filters=filters) for measure in ("hotfix_share", "revert_share")
    ]
    return [[(row.day, row.value) for row in result.rows] for result in answer(queries)]


@pytest.mark.parametrize("rule", [URGENT, HotfixRule((), (), ()), HotfixRule((), (), ("change",))])
def test_weeks_follow_a_rule_and_what_is_taken_back_leaves_them_as_they_were(
    rule: HotfixRule, busy: Team, admin: User
) -> None:
    before = weeks(busy)
    assert change(busy, admin, rule)
    follow_rules(seconds=60)
    after = weeks(busy)
    assert after == anew(busy) != before
    assert change(busy, admin, HOTFIX)
    follow_rules(seconds=60)
    assert weeks(busy) == before


@override_settings(EXACT_ROWS=0)
def test_kept_roll_ups_answer_as_rows_do_at_every_moment(busy: Team, admin: User) -> None:
    def told() -> tuple[list[Any], list[Any]]:
        with tenant(busy.pk):
            return shares(), shares(EVERYBODY)

    weeks(busy)
    while keep(busy.pk):
        pass
    with tenant(busy.pk):
        assert Rollup.objects.filter(measure="hotfix_share").exists()
    before, by_rows = told()
    assert before == by_rows
    change(busy, admin, URGENT)
    follow_rules(seconds=60)
    kept, by_rows = told()
    assert kept == by_rows != before
    weeks(busy)
    while keep(busy.pk):
        pass
    assert told() == (kept, by_rows)


def test_another_zone_is_followed_by_every_week_and_seen_to_be(busy: Team, admin: User) -> None:
    before = weeks(busy)
    known = len({day for _, day in before})
    with tenant(busy.pk):
        assert standing(busy.pk).weeks.left == 0
    teams.rename(admin, busy.pk, busy.name, "Pacific/Auckland")
    with tenant(busy.pk):
        assert standing(busy.pk).weeks.left >= known > 3
    after = weeks(busy)
    with tenant(busy.pk):
        assert standing(busy.pk).weeks.left == 0
    assert after == anew(busy) != before
    busy.refresh_from_db()
    assert busy.definition_version == 2


def test_answers_kept_in_memory_are_of_the_rules_in_force(busy: Team, admin: User) -> None:
    question = [Query("hotfix_share", "sum", MARCH)]
    with tenant(busy.pk):
        before = answer(question)[0].total.value
    change(busy, admin, URGENT)
    follow_rules(seconds=60)
    with tenant(busy.pk):
        assert answer(question)[0].total.value != before


def test_the_same_again_is_no_news_and_not_written_down(busy: Team, admin: User) -> None:
    assert change(busy, admin, URGENT)
    assert not change(busy, admin, URGENT)
    assert not rules.change_environments(busy.pk, admin, {"eu": None}, 1)
    with tenant(busy.pk):
        assert in_force().version == 2


@pytest.mark.parametrize(
    "rule",
    [
        HotfixRule(("",), (), ()),
        HotfixRule((), ("x" * 61,), ()),
        HotfixRule((), (), tuple(f"fix {number}" for number in range(21))),
    ],
)
def test_what_cannot_be_a_rule_is_refused_below_the_pages_too(rule: HotfixRule, busy: Team, admin: User) -> None:
    with pytest.raises(Refused):
        change(busy, admin, rule)


def test_more_environments_than_anybody_decides_about_are_refused(busy: Team, admin: User) -> None:
    names = [f"preview-{number}" for number in range(501)]
    t.write(busy, t.page(deployments=tuple(t.deployed(1000 + key, 1, 9, name) for key, name in enumerate(names))))
    with pytest.raises(Refused, match="At most 500 environments"):
        rules.change_environments(busy.pk, admin, dict.fromkeys(names, True), 1)
    with tenant(busy.pk):
        found = rules.environments(in_force().rules.environments)
        assert (len(found.shown), found.total) == (100, 502)
        assert [each.name for each in rules.environments(in_force().rules.environments, "WIEW-499").shown] == []
        assert [each.name for each in rules.environments(in_force().rules.environments, "VIEW-499").shown] == [
            "preview-499"
        ]


Way = Callable[[Team, User], bool]
WAYS: dict[str, Way] = {
    "hotfix": lambda team, user: rules.change_hotfixes(team.pk, user, URGENT, 1),
    "environment": lambda team, user: rules.change_environments(team.pk, user, {"production": False}, 1),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_of_two_who_save_at_once_one_is_told(way: Way, live_db: str) -> None:
    team, user = t.team("acme"), User.objects.create_user("admin@acme.example")
    t.write(team, t.page(t.pull_request(1), deployments=(t.deployment(),)))
    mine = HotfixRule(("mine",), (), ())
    results = at_once(lambda: rules.change_hotfixes(team.pk, user, mine, 1), lambda: way(team, user))
    assert sorted(type(each).__name__ for each in results) == ["Outdated", "bool"]
    with tenant(team.pk):
        assert in_force().version == 2
        assert (in_force().rules.hotfix == mine) == (results[0] is True)
        kinds = set(AuditEntry.objects.values_list("what", flat=True))
    assert kinds == {"rules_hotfix" if results[0] is True or way is WAYS["hotfix"] else "rules_environment"}
