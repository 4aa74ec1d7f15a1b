"""Teams of people: distinct people and distinct rows at each level, as the provider keeps the teams now."""

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import (
    actor,
    at,
    commit,
    comparison,
    deployed,
    organization,
    provider_team,
    pull_request,
    review,
    team,
    whole,
    write_org,
)
from tformance.measures.query import Filters
from tformance.measures.records import pull_requests, reviews_given
from tformance.measures.result import Result
from tformance.measures.tests.conftest import WEEK, Ask, Land, merged


def by_group(result: Result) -> dict[str, float | None]:
    return {row.key[0].label: row.value for row in result.rows}


def group_ids(ask: Ask) -> dict[str, int | None]:
    return {row.key[0].label: row.key[0].id for row in ask("merged_prs", by=("group",)).rows}  # type: ignore[misc]


@pytest.fixture
def squads(land: Land, acme: Team) -> Team:
    """Ann is in both teams, bob in the second, and zoe in none."""
    ann, bob, zoe = actor("ann"), actor("bob"), actor("zoe")
    teams = (provider_team(1, ann, name="Shop"), provider_team(2, ann, bob, name="Pay"))
    write_org(acme, organization(members=whole(), teams=whole(teams)))
    land(
        merged(1, 8, author=ann, reviews=whole([review(1, author=bob), review(2, author=zoe)])),
        merged(2, 8, author=ann, commits=whole([commit(2, author=ann, committed_at=at(1))])),
        merged(3, 20, author=bob, reviews=whole([review(3, author=ann)])),
        merged(4, 30, author=zoe, commits=whole([commit(4, author=None, committed_at=at(1))])),
    )
    return acme


def test_who_is_in_two_teams_counts_in_both_and_once_in_the_whole(squads: Team, ask: Ask) -> None:
    assert by_group(ask("merged_prs", by=("group",))) == {"Pay": 3, "Shop": 2, "no group": 1}
    assert ask("merged_prs").total.value == 4
    ids = group_ids(ask)
    both = Filters(groups=(ids["Pay"], ids["Shop"]))
    assert ask("merged_prs", filters=both).total.value == 3
    assert ask("active_authors", filters=both).total.value == 2
    assert by_group(ask("active_authors", by=("group",))) == {"Pay": 2, "Shop": 1, "no group": 1}
    assert by_group(ask("cycle_time", by=("group",))) == {"Pay": 8, "Shop": 8, "no group": 30}


def test_reviews_and_commits_are_of_the_groups_of_who_made_them(squads: Team, ask: Ask) -> None:
    assert by_group(ask("reviews_given", by=("group",))) == {"Pay": 2, "Shop": 1, "no group": 1}
    assert by_group(ask("commits", by=("group",))) == {"Pay": 1, "Shop": 1, "no group": 1}
    for name, group in group_ids(ask).items():
        for measure in ("reviews_given", "commits"):
            alone = ask(measure, filters=Filters(groups=(group,))).total.value
            assert alone == by_group(ask(measure, by=("group",)))[name]


def test_the_list_behind_a_groups_reviews_rests_on_as_many(squads: Team, ask: Ask) -> None:
    for name, group in group_ids(ask).items():
        with tenant(squads.pk):
            given = reviews_given(Filters(reviewer_groups=(group,)), WEEK)
        assert given == by_group(ask("reviews_given", by=("group",)))[name]


def test_a_deployment_is_of_the_groups_whose_work_it_brought(acme: Team, land: Land, ask: Ask) -> None:
    ann, zoe = actor("ann"), actor("zoe")
    write_org(acme, organization(members=whole(), teams=whole([provider_team(1, ann, name="Shop")])))
    pulls = [pull_request(key, author=who, merge_sha=f"{key:040x}") for key, who in ((1, zoe), (2, ann), (3, ann))]
    land(
        *pulls,
        deployments=(deployed(1, 1, 9), deployed(2, 3, 10), deployed(3, 4, 11)),
        comparisons=(comparison(1, 3, 2, 3), comparison(3, 4, 4)),
    )
    assert by_group(ask("deployment_frequency", "count", by=("group",))) == {"Shop": 1, "no group": 2}
    shop = ask("deployment_frequency", "count", by=("group",)).rows[0].key[0].id
    for groups, count in (((shop,), 1), ((None,), 2), ((shop, None), 3)):
        assert ask("deployment_frequency", "count", filters=Filters(groups=groups)).total.value == count  # type: ignore[arg-type]


def test_who_left_a_team_is_in_it_no_more(squads: Team, ask: Ask) -> None:
    teams = (provider_team(1, name="Shop"), provider_team(2, actor("bob"), name="Pay"))
    write_org(squads, organization(members=whole(), teams=whole(teams), fetched_at=at(48)))
    assert by_group(ask("merged_prs", by=("group",))) == {"Pay": 1, "no group": 3}


def test_another_teams_groups_hold_nobody_here(squads: Team, ask: Ask) -> None:
    other = team("other")
    write_org(other, organization(members=whole(), teams=whole([provider_team(9, actor("zoe"), name="Theirs")])))
    assert "Theirs" not in by_group(ask("merged_prs", by=("group",)))
    with tenant(other.pk):
        assert pull_requests(Filters(groups=(None,)), WEEK).count == 0
