"""Weeks and kept roll-ups follow every decision: they are what working them out anew gives, and what the measures answer."""

from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.test import override_settings

from tformance.accounts.models import Team, User
from tformance.accounts.tenancy import tenant
from tformance.curation import deciding
from tformance.curation.tests.conftest import of
from tformance.facts import testing as t
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.repository import DataVersion
from tformance.facts.touched import touch_all
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.models.rollup import Rollup
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.query import Filters, Period, Query
from tformance.measures.rollups.keeping import keep
from tformance.measures.weekly.columns import NAMES
from tformance.measures.weekly.follow import follow

pytestmark = pytest.mark.django_db
Row = dict[str, Any]
EVERYBODY = Filters(ai=("yes", "no_evidence", "unknown"))  # leaves all rows, and is none of what is kept
MEASURED = {"prs_merged": ("merged_prs", "count"), "median_review_time_hours": ("review_time", "median")}
MEASURED |= {"commits_count": ("commits", "count"), "lines_added": ("lines_added", "sum")}

DECISIONS: dict[str, Callable[[Team, User], bool]] = {
    "link": lambda team, user: deciding.link(team.pk, user, of(team, "grace").pk, of(team, "ada").member_id),
    "link of somebody's": lambda team, user: deciding.link(
        team.pk, user, of(team, "bob").pk, of(team, "ada").member_id
    ),
    "merge": lambda team, user: deciding.merge(team.pk, user, of(team, "ada").member_id, of(team, "bob").member_id),
    "outside": lambda team, user: deciding.release(team.pk, user, of(team, "bob").pk),
    "a person of their own": lambda team, user: deciding.split(team.pk, user, of(team, "grace").pk),
    "a bot": lambda team, user: deciding.judge(team.pk, user, of(team, "helper").pk, "bot"),
    "united": lambda team, user: deciding.unite(team.pk, user, of(team, "grace").pk, of(team, "bob").pk),
    "left": lambda team, user: deciding.set_dates(team.pk, user, of(team, "bob").member_id, None, date(2026, 3, 10)),
}


@pytest.fixture(autouse=True)
def later() -> Any:
    cache.clear()
    with time_machine.travel(t.at(24 * 29), tick=False):
        yield


def weeks(team: Team) -> dict[tuple[int | None, date], Row]:
    while follow(team.pk).left:
        pass
    with tenant(team.pk):
        rows = WeeklyMetrics.objects.values("member", "week_start", "final", "partial", *NAMES)
        return {(row.pop("member"), row.pop("week_start")): row for row in rows}


def anew(team: Team) -> dict[tuple[int | None, date], Row]:
    with tenant(team.pk):
        WeeklyMetrics.objects.all().delete()
        touch_all()
    return weeks(team)


def check_measures(team: Team, found: dict[tuple[int | None, date], Row]) -> None:
    """Of every member, with all of their accounts, and of the team."""
    period = Period.of_dates(date(2026, 3, 2), date(2026, 3, 30), ZoneInfo("UTC"))
    with tenant(team.pk):
        members = [None, *TeamMember.objects.values_list("pk", flat=True)]
        assert {member for member, _ in found} == set(members)
        for member in members:
            accounts = tuple(Actor.objects.filter(member=member).values_list("pk", flat=True)) if member else ()
            queries = [
                Query(*asked, period, every="week", filters=Filters(authors=accounts)) for asked in MEASURED.values()
            ]
            for name, result in zip(MEASURED, answer(queries), strict=True):
                for row in result.rows:
                    assert found[member, row.day][name] == row.value, (name, row.day, member)


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS.keys())
def test_weeks_follow(decide: Callable[[Team, User], bool], acme: Team, admin: User) -> None:
    before = weeks(acme)
    check_measures(acme, before)
    with tenant(acme.pk):
        version = DataVersion.objects.get().version
    assert decide(acme, admin)
    after = weeks(acme)
    check_measures(acme, after)
    assert anew(acme) == after
    with tenant(acme.pk):
        assert DataVersion.objects.get().version > version
    assert (before != after) == (decide is not DECISIONS["left"])


def test_what_is_undone_leaves_the_weeks_as_they_were(acme: Team, admin: User) -> None:
    before = weeks(acme)
    deciding.judge(acme.pk, admin, of(acme, "helper").pk, "bot")
    assert weeks(acme) != before
    deciding.judge(acme.pk, admin, of(acme, "helper").pk, "")
    renamed = {old: of(acme, "helper").member_id for old, _ in before if old and old not in members(acme)}
    after = weeks(acme)
    assert {(renamed.get(member, member), day): row for (member, day), row in before.items()} == after


def members(team: Team) -> set[int]:
    with tenant(team.pk):
        return set(TeamMember.objects.values_list("pk", flat=True))


@override_settings(EXACT_ROWS=0)
def test_kept_roll_ups_of_days_on_which_rows_count_otherwise_are_followed(acme: Team, admin: User) -> None:
    """Before and after the decision is followed, kept parts answer as the rows do."""
    period = Period.of_dates(date(2026, 2, 23), date(2026, 4, 6), ZoneInfo("UTC"))

    def told(filters: Filters) -> list[Any]:
        cache.clear()
        asked = ("merged_prs", "opened_prs", "reviews_given", "comments")
        queries = [
            Query(measure, MEASURES[measure].statistics[0], period, every="week", filters=filters) for measure in asked
        ]
        with tenant(acme.pk):
            return [[(row.day, row.value) for row in result.rows] for result in answer(queries)]

    weeks(acme)
    while keep(acme.pk):
        pass
    with tenant(acme.pk):
        assert Rollup.objects.exists()
    before = told(Filters())
    assert before == told(EVERYBODY)
    deciding.judge(acme.pk, admin, of(acme, "helper").pk, "bot")
    assert told(Filters()) == told(EVERYBODY) != before
    weeks(acme)
    while keep(acme.pk):
        pass
    assert told(Filters()) == told(EVERYBODY) != before
