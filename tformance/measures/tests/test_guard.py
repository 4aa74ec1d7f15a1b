"""Who sees what below the pages: whatever is asked, it is refused, cut or shown by one rule."""

from collections.abc import Callable
from contextvars import Context
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Group, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.facts.models.organization import ProviderTeam
from tformance.facts.models.people import Actor, GroupMembership, TeamMember
from tformance.facts.records import MembershipRecord
from tformance.facts.testing import (
    actor,
    commit,
    event,
    open_pull_request,
    organization,
    provider_team,
    review,
    whole,
    write_org,
)
from tformance.measures.agreement import pairs
from tformance.measures.answer import answer
from tformance.measures.committed import commits
from tformance.measures.copying import pull_request_lines
from tformance.measures.groups import groups_to_choose
from tformance.measures.guard import EVERYBODY, NobodyLooks, NotYours, Viewer, current_viewer, leads_of, looking
from tformance.measures.narrow import filtered
from tformance.measures.open_work import still_open
from tformance.measures.people import get_team_breakdown
from tformance.measures.query import Filters, Query
from tformance.measures.records import choices, more_choices, pull_requests, reviews_given, stream_pull_requests
from tformance.measures.rows.listed import LISTED
from tformance.measures.shipped import deliveries
from tformance.measures.tests.conftest import WEEK, Land, merged
from tformance.measures.waiting import ageing, asked_of, waiting_for, waiting_now
from tformance.measures.waterfall import waterfall

TODAY = date(2026, 3, 10)
BIG = ["ann", "b1", "b2", "b3", "b4", "b5", "b6"]
SMALL = ["s1", "s2"]
OTHERS = ["o1", "o2", "o3", "o4", "o5"]
PEOPLE = [*BIG, *SMALL, *OTHERS]

Asks = Callable[[Team, Filters], Any]
FILTERED: dict[str, Asks] = {
    "number": lambda team, filters: answer([Query("merged_prs", "count", WEEK, filters=filters)]),
    "list": lambda team, filters: pull_requests(filters, WEEK),
    "rows": lambda team, filters: filtered(LISTED, filters),
    "lines of CSV": lambda team, filters: pull_request_lines(team.pk, filters, WEEK, "own"),
    "stream of JSON": lambda team, filters: stream_pull_requests(team.pk, filters, WEEK),
    "count of reviews": lambda team, filters: reviews_given(filters, WEEK),
    "what waits": lambda team, filters: waiting_now(filters),
    "what is old": lambda team, filters: ageing(filters, WEEK),
    "what is still open": lambda team, filters: still_open(filters, WEEK, [1.0]),
    "steps to a number": lambda team, filters: waterfall(Query("merged_prs", "count", WEEK, filters=filters)),
}
BY_GROUP: dict[str, Asks] = FILTERED | {
    "table of people": lambda team, filters: get_team_breakdown(team, WEEK.first_day, WEEK.end_day, filters),
    "commits": lambda team, filters: commits(filters, WEEK),
    "deployments": lambda team, filters: deliveries(filters, WEEK),
    "pairs": lambda team, filters: pairs(filters, WEEK),
    "queues": lambda team, filters: waiting_for(filters),
}
UNFILTERED: dict[str, Asks] = {
    "authors": lambda team, filters: choices(),
    "reviewers": lambda team, filters: more_choices(),
    "groups": lambda team, filters: groups_to_choose(),
    "who is asked": lambda team, filters: asked_of(["ann"]),
}


@pytest.fixture
def crowd(acme: Team, land: Land) -> Team:
    """Seven people of one group, two of another and five of none; each merged, reviewed, and is waited for."""
    squads = (
        provider_team(1, *map(actor, BIG), name="Big", slug="big"),
        provider_team(2, *map(actor, SMALL), name="Small", slug="small"),
    )
    known = [MembershipRecord(actor(login), "member") for login in PEOPLE]
    write_org(acme, organization(members=whole(known), teams=whole(squads)))
    mine = whole([commit(1, author=actor("ann"), author_email="ann@acme.example")])
    pulls = []
    for key, login in enumerate(PEOPLE, 1):
        reviewer = actor(PEOPLE[key % len(PEOPLE)])
        given = {"author": actor(login), "merged_by": actor(login), "reviews": whole([review(key, author=reviewer)])}
        pulls.append(merged(key, 8, **given, **({"commits": mine} if login == "ann" else {})))
        asked = event(key, kind="review_requested", subject=login)
        pulls.append(open_pull_request(100 + key, author=actor(login), events=whole([asked])))
    program = actor("copilot-swe-agent", kind="bot")
    pulls.append(merged(90, 8, author=program, merged_by=actor("ann")))
    queue = [
        event(91 + place, kind="review_requested", subject=slug) for place, slug in enumerate(("big", "small", "gone"))
    ]
    land(*pulls, open_pull_request(191, author=actor("ann"), events=whole(queue)))
    return acme


def an_author() -> Viewer:
    """Ann, who leads nobody."""
    return Viewer(user=1, addresses=lambda: ["ann@acme.example"])


def account(team: Team, login: str) -> int:
    with tenant(team.pk):
        return int(Actor.everything.get(login=login).pk)


def group(team: Team, name: str) -> int:
    with tenant(team.pk):
        return int(ProviderTeam.objects.get(name=name).pk)


def lead(team: Team, *stays: tuple[str, date, date | None]) -> Viewer:
    """Somebody who leads a group in which these people were or are, between these days."""
    user = User.objects.create_user("lead@acme.example")
    Membership.objects.create(team=team, user=user, role=Role.LEAD)
    with tenant(team.pk):
        mine = Group.objects.create(team=team, name="Mine", lead=user)
        for login, joined, left in stays:
            member = TeamMember.objects.get(github_username=login)
            GroupMembership.objects.create(team=team, group=mine, member=member, joined_on=joined, left_on=left)
    return Viewer(user=user.pk, is_lead=True, today=TODAY)


def by_author(team: Team, viewer: Viewer, measure: str = "merged_prs") -> tuple[list[str], int]:
    """Whose rows are shown, and how many people are left out."""
    with tenant(team.pk), looking(viewer):
        (result,) = answer([Query(measure, "count", WEEK, by=("author",))])
    return [row.key[0].label for row in result.rows], result.left_out


@pytest.mark.parametrize("what", [*BY_GROUP, *UNFILTERED])
def test_nothing_is_told_where_nobody_looks(what: str, crowd: Team) -> None:
    asks = (BY_GROUP | UNFILTERED)[what]

    def unseen() -> None:
        with tenant(crowd.pk):
            asks(crowd, Filters())

    with pytest.raises(NobodyLooks):
        Context().run(unseen)


def test_what_is_kept_in_memory_is_not_told_either_where_nobody_looks(crowd: Team) -> None:
    for what in ("number", "what is still open", "steps to a number"):
        with tenant(crowd.pk):
            FILTERED[what](crowd, Filters())
        test_nothing_is_told_where_nobody_looks(what, crowd)


def test_the_outer_viewer_returns_after_a_nested_one() -> None:
    outer, inner = Viewer(), Viewer()
    with looking(outer):
        with looking(inner):
            assert current_viewer() is inner
        assert current_viewer() is outer
    assert current_viewer() is EVERYBODY


@pytest.mark.parametrize("what", FILTERED)
def test_people_are_filtered_by_by_those_who_may_see_them(what: str, crowd: Team) -> None:
    ann, other, program = (account(crowd, login) for login in ("ann", "b1", "copilot-swe-agent"))
    asks = FILTERED[what]
    with tenant(crowd.pk):
        for field in ("authors", "reviewers"):
            for named in ((other,), (ann, other)):
                with looking(an_author()), pytest.raises(NotYours, match="not yours to see"):
                    asks(crowd, Filters(**{field: named}))
                with looking(EVERYBODY):
                    asks(crowd, Filters(**{field: named}))
        with looking(Viewer()), pytest.raises(NotYours):
            asks(crowd, Filters(authors=(ann,)))
        with looking(an_author()):
            asks(crowd, Filters(authors=(ann, program)))
            asks(crowd, Filters(reviewers=(ann, None)))


@pytest.mark.parametrize("what", BY_GROUP)
def test_groups_are_filtered_by_where_that_tells_of_no_few_people(what: str, crowd: Team) -> None:
    big, small = group(crowd, "Big"), group(crowd, "Small")
    asks = BY_GROUP[what]
    for closed in ((small,), (big, small), (None,), (big, None), (999_999,)):
        with (
            pytest.raises(NotYours, match="fewer than 5 people"),
            tenant(crowd.pk),
            looking(an_author()),
        ):
            asks(crowd, Filters(groups=closed))
    with tenant(crowd.pk):
        with looking(an_author()):
            asks(crowd, Filters(groups=(big,)))
        with looking(EVERYBODY):
            asks(crowd, Filters(groups=(small, None)))


@pytest.mark.parametrize(("least", "is_open"), [(5, True), (7, True), (8, False), (50, False)])
def test_a_team_may_ask_for_larger_groups(least: int, is_open: bool, crowd: Team) -> None:
    big, viewer = group(crowd, "Big"), Viewer(least=least)
    with tenant(crowd.pk), looking(viewer):
        assert [key.label for key in groups_to_choose()] == (["Big"] if is_open else [])
        assert [queue.asked for queue in waiting_for(Filters()).queues] == (["big"] if is_open else [])
        if is_open:
            assert pull_requests(Filters(groups=(big,), state="merged"), WEEK).count == 7
        else:
            with pytest.raises(NotYours, match=f"fewer than {least} people"):
                pull_requests(Filters(groups=(big,)), WEEK)


def test_groups_of_reviewers_follow_the_same_rule(crowd: Team) -> None:
    big, small = group(crowd, "Big"), group(crowd, "Small")
    with tenant(crowd.pk), looking(an_author()):
        assert pull_requests(Filters(reviewer_groups=(big,)), WEEK).count == 7
        with pytest.raises(NotYours):
            pull_requests(Filters(reviewer_groups=(small,)), WEEK)


@pytest.mark.parametrize(("asked", "is_open"), [("ann", True), ("b1", False), ("big", True), ("small", False)])
def test_whose_review_is_waited_for_follows_the_same_rule(asked: str, is_open: bool, crowd: Team) -> None:
    for names in ((asked,), (asked, "")):
        with tenant(crowd.pk), looking(an_author()):
            if is_open:
                assert pull_requests(Filters(state="open", asked=names), WEEK).count == 1
            else:
                with pytest.raises(NotYours):
                    pull_requests(Filters(state="open", asked=names), WEEK)


def test_a_name_that_nobody_here_has_may_be_somebodys(crowd: Team) -> None:
    with tenant(crowd.pk), looking(an_author()):
        for names in (("gone",), ("ann", "gone")):
            with pytest.raises(NotYours):
                pull_requests(Filters(state="open", asked=names), WEEK)
            with pytest.raises(NotYours):
                asked_of(names)
        assert pull_requests(Filters(state="open", asked=("*",)), WEEK).count == 15
        assert [pull.row.number for pull in asked_of(["ann"])] == [101]


def test_queues_and_menus_have_what_would_not_be_refused(crowd: Team) -> None:
    with tenant(crowd.pk):
        with looking(an_author()):
            found = waiting_for(Filters())
            assert [queue.asked for queue in found.queues] == ["ann", "big"]
            assert (found.names, found.left_out) == (17, 15)
            assert [key.label for key in choices().authors] == ["ann", "copilot-swe-agent"]
            assert [key.label for key in more_choices().reviewers] == ["ann"]
            assert [key.label for key in groups_to_choose()] == ["Big"]
            for menu in (choices().authors, more_choices().reviewers):
                for key in menu:
                    pull_requests(Filters(authors=(key.id,)), WEEK)  # type: ignore[arg-type]
        with looking(EVERYBODY):
            assert len(waiting_for(Filters()).queues) == 17
            assert len(choices().authors) == 15
            assert [key.label for key in groups_to_choose()] == ["Big", "Small", "no group"]


def test_the_table_of_people_has_the_lines_that_are_theirs(crowd: Team) -> None:
    with looking(EVERYBODY):
        all_of_them = get_team_breakdown(crowd, WEEK.first_day, WEEK.end_day)
    with looking(an_author()):
        found = get_team_breakdown(crowd, WEEK.first_day, WEEK.end_day)
        narrowed = get_team_breakdown(crowd, WEEK.first_day, WEEK.end_day, Filters(groups=(group(crowd, "Big"),)))
    assert [line.person.login for line in found.lines] == ["ann", "copilot-swe-agent"]
    assert found.left_out == len(PEOPLE) - 1
    assert (found.whole, found.halves, found.balance) == (
        all_of_them.whole,
        all_of_them.halves,
        all_of_them.balance,
    )
    with looking(Viewer(least=len(PEOPLE) + 1)):
        assert get_team_breakdown(crowd, WEEK.first_day, WEEK.end_day).halves == {}, "as few people as a group's"
    assert [queue.asked for queue in all_of_them.queues] == ["big", "gone", "small"]
    assert [queue.asked for queue in found.queues] == ["big"]
    assert (narrowed.whole.merged, narrowed.left_out, narrowed.asked) == (7, 6, frozenset())


def test_a_cut_by_people_keeps_those_who_are_theirs_and_counts_the_others(crowd: Team) -> None:
    assert by_author(crowd, EVERYBODY) == (sorted([*PEOPLE, "copilot-swe-agent"]), 0)
    assert by_author(crowd, an_author()) == (["ann", "copilot-swe-agent"], len(PEOPLE) - 1)
    assert by_author(crowd, Viewer()) == (["copilot-swe-agent"], len(PEOPLE))
    assert by_author(crowd, an_author(), "reviews_given") == (["ann"], len(PEOPLE) - 1)
    assert by_author(crowd, EVERYBODY) == (sorted([*PEOPLE, "copilot-swe-agent"]), 0), "memory has it for all viewers"


@pytest.mark.parametrize("by", [("reviewer",), ("author", "repository"), ("repository", "reviewer")])
def test_so_does_every_other_cut_by_people(by: tuple[str, ...], crowd: Team) -> None:
    with tenant(crowd.pk), looking(an_author()):
        (result,) = answer([Query("merged_prs", "count", WEEK, by=by, every="week", compare=True)])
    labels = {key.label for row in (*result.rows, *result.previous) for key in row.key}
    assert labels.isdisjoint({*PEOPLE} - {"ann"})
    assert result.left_out == len(PEOPLE) - 1


def test_a_cut_by_groups_keeps_those_that_are_open(crowd: Team) -> None:
    with tenant(crowd.pk), looking(an_author()):
        (result,) = answer([Query("merged_prs", "count", WEEK, by=("group",))])
    assert [(row.key[0].label, row.value, result.left_out) for row in result.rows] == [("Big", 7, 2)]


def test_two_accounts_of_a_person_are_one_that_is_left_out(crowd: Team) -> None:
    with tenant(crowd.pk):
        member = TeamMember.objects.get(github_username="b1")
        Actor.everything.filter(login="b2").update(member=member)
    assert by_author(crowd, an_author())[1] == len(PEOPLE) - 2


def test_all_accounts_of_a_person_are_their_own(crowd: Team) -> None:
    second = account(crowd, "b1")
    with tenant(crowd.pk):
        Actor.everything.filter(login="b1").update(member=TeamMember.objects.get(github_username="ann"))
        with looking(an_author()):
            assert pull_requests(Filters(authors=(second,), state="merged"), WEEK).count == 1
    assert by_author(crowd, an_author())[0] == ["ann", "b1", "copilot-swe-agent"]


def test_a_lead_sees_the_people_of_their_group_and_nobody_else(crowd: Team) -> None:
    viewer = lead(crowd, ("s1", date(2026, 1, 1), None), ("b1", date(2026, 1, 1), date(2026, 4, 1)))
    assert by_author(crowd, viewer) == (["b1", "copilot-swe-agent", "s1"], len(PEOPLE) - 2)
    with tenant(crowd.pk), looking(viewer):
        assert (
            pull_requests(Filters(authors=(account(crowd, "s1"), account(crowd, "b1")), state="merged"), WEEK).count
            == 2
        )
        for login in ("s2", "ann"):
            with pytest.raises(NotYours):
                pull_requests(Filters(authors=(account(crowd, login),)), WEEK)


@pytest.mark.parametrize(
    ("joined", "left", "is_seen"),
    [
        (TODAY, None, True),
        (TODAY + timedelta(days=1), None, False),
        (date(2026, 1, 1), TODAY + timedelta(days=1), True),
        (date(2026, 1, 1), TODAY, False),
        (date(2026, 1, 1), TODAY - timedelta(days=1), False),
    ],
)
def test_a_lead_sees_who_is_in_the_group_today(joined: date, left: date | None, is_seen: bool, crowd: Team) -> None:
    viewer = lead(crowd, ("s1", joined, left))
    assert ("s1" in by_author(crowd, viewer)[0]) is is_seen
    accounts = frozenset({account(crowd, "s1")})
    with tenant(crowd.pk):
        assert leads_of(accounts, TODAY) == (frozenset({viewer.user}) if is_seen else frozenset())


def test_a_group_of_somebody_else_is_not_the_leads(crowd: Team) -> None:
    lead(crowd, ("s1", date(2026, 1, 1), None))
    another = User.objects.create_user("another@acme.example")
    assert by_author(crowd, Viewer(user=another.pk, is_lead=True, today=TODAY))[0] == ["copilot-swe-agent"]


def test_whom_a_lead_sees_hide_nobody_in_a_group(crowd: Team) -> None:
    """Of the seven of Big three are seen: the other four would be what is left."""
    everybody_small = lead(crowd, *((login, date(2026, 1, 1), None) for login in ("ann", "b1", "b2", "s1", "s2")))
    with tenant(crowd.pk), looking(everybody_small):
        assert [key.label for key in groups_to_choose()] == ["Small"]
        with pytest.raises(NotYours):
            pull_requests(Filters(groups=(group(crowd, "Big"),)), WEEK)
        assert pull_requests(Filters(groups=(group(crowd, "Small"),), state="merged"), WEEK).count == 2


def test_agreement_is_told_of_pairs_of_whom_both_are_seen(acme: Team, land: Land) -> None:
    both = [review(0, author=actor("s1")), review(1, author=actor("s2"))]
    members = [MembershipRecord(actor(login), "member") for login in ("s1", "s2")]
    write_org(acme, organization(members=whole(members)))
    for key in range(1, 6):
        given = [review(key * 10 + place, author=each.author) for place, each in enumerate(both)]
        land(merged(key, 8, reviews=whole(given)))
    one = lead(acme, ("s1", date(2026, 1, 1), None))
    with tenant(acme.pk):
        assert len(pairs(Filters(), WEEK)) == 1
        with looking(one):
            assert pairs(Filters(), WEEK) == ()
        stay = GroupMembership.objects.get()
        GroupMembership.objects.create(
            team=acme, group=stay.group, member=TeamMember.objects.get(github_username="s2"), joined_on=stay.joined_on
        )
        with looking(Viewer(user=one.user, is_lead=True, today=TODAY)):
            assert len(pairs(Filters(), WEEK)) == 1


def test_numbers_without_people_cost_a_viewer_no_statement(crowd: Team) -> None:
    questions = [Query("merged_prs", "count", WEEK), Query("merged_prs", "count", WEEK, by=("repository",))]

    def statements(viewer: Viewer) -> int:
        with tenant(crowd.pk), looking(viewer), CaptureQueriesContext(connection) as captured:
            answer(questions)
            pull_requests(Filters(), WEEK)
        return len(captured)

    statements(EVERYBODY)  # keeps the answers
    assert statements(an_author()) == statements(EVERYBODY)
