"""The table of people: what each did, by name, in few statements however many they are."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.records import MembershipRecord
from tformance.facts.testing import (
    actor,
    at,
    commit,
    event,
    open_pull_request,
    organization,
    provider_team,
    review,
    team,
    whole,
    write_org,
)
from tformance.measures.groups import known_groups
from tformance.measures.guard import Viewer, looking
from tformance.measures.people import Breakdown, Line, get_team_breakdown, person_called
from tformance.measures.query import Filters
from tformance.measures.tests.conftest import WEEK, Land, merged

FIRST, END = date(2026, 3, 2), date(2026, 3, 9)


def members(acme: Team, *logins: str, hours: float = 24) -> None:
    known = [MembershipRecord(actor(login), "member") for login in logins]
    squad = provider_team(1, *(actor(login) for login in logins[:1]), name="Squad")
    write_org(acme, organization(members=whole(known), teams=whole([squad]), fetched_at=at(hours)))


def table(acme: Team, filters: Filters = Filters()) -> Breakdown:  # noqa: B008
    return get_team_breakdown(acme, FIRST, END, filters)


def line(found: Breakdown, login: str) -> Line:
    (wanted,) = (each for each in found.lines if each.person.login == login)
    return wanted


def request(key: int, asked: str, hours: float = 1) -> object:
    return event(key, kind="review_requested", subject=asked, occurred_at=at(hours))


def test_each_person_has_what_they_did_and_what_waits_for_them(acme: Team, land: Land) -> None:
    members(acme, "ann", "bob")
    ann, bob = actor("ann"), actor("bob")
    land(
        merged(1, 8, author=ann, reviews=whole([review(1, author=bob), review(2, author=bob, submitted_at=at(6))])),
        merged(2, 12, author=ann, commits=whole([commit(2, author=ann, committed_at=at(1))])),
        merged(3, 200, author=ann),
        open_pull_request(4, author=ann, events=whole([request(1, "bob")])),
        open_pull_request(5, author=ann, is_draft=True, events=whole([request(2, "bob")])),
    )
    found = table(acme)
    assert line(found, "ann").numbers == (2, 10, 2, 0, 2, 0, 1)
    assert line(found, "bob").numbers == (0, None, 0, 2, 0, 1, 0)
    assert found.whole == (2, 10, 2, 2, 2, 1, 1)


def test_people_come_by_name_members_first_and_programs_last(acme: Team, land: Land) -> None:
    members(acme, "zoe", "Bea", "ann")
    bot = actor("dependabot", kind="bot")
    land(
        merged(1, 8, author=actor("carl"), author_association="NONE"),
        merged(2, 8, author=bot),
        merged(3, 8, author=actor("bea2"), author_association="NONE"),
    )
    assert [(each.person.login, each.person.belongs) for each in table(acme).lines] == [
        ("ann", "member"),
        ("Bea", "member"),
        ("zoe", "member"),
        ("bea2", "outside"),
        ("carl", "outside"),
        ("dependabot", "program"),
    ]
    assert line(table(acme), "dependabot").numbers.merged == 1
    assert table(acme).whole.merged == 2, "automation is in no total"


def test_who_left_is_no_member_but_what_they_did_stays(acme: Team, land: Land) -> None:
    members(acme, "ann", "bob")
    land(merged(1, 8, author=actor("bob")))
    members(acme, "ann", hours=48)
    assert line(table(acme), "bob").person.belongs == "outside"
    assert [each.person.login for each in table(acme).lines] == ["ann", "bob"]
    assert table(acme).whole.merged == 1


def test_a_group_is_the_people_in_it_and_what_is_asked_of_them(acme: Team, land: Land) -> None:
    members(acme, "ann", "bob")
    ann, bob = actor("ann"), actor("bob")
    land(
        merged(1, 8, author=bob, reviews=whole([review(1, author=ann)])),
        merged(2, 8, author=ann, reviews=whole([review(2, author=bob)])),
        open_pull_request(3, author=bob, events=whole([request(1, "ann")])),
        open_pull_request(4, author=bob, events=whole([request(2, "bob")])),
    )
    with tenant(acme.pk):
        (squad,) = known_groups()
    found = table(acme, Filters(groups=(squad.id,)))  # type: ignore[arg-type]
    assert [each.person.login for each in found.lines] == ["ann"]
    assert found.asked == frozenset({"ann"})
    assert found.whole == (1, 8, 1, 1, 0, 1, 0)


def test_what_is_asked_of_a_group_or_of_nobody_stands_apart(acme: Team, land: Land) -> None:
    members(acme, "ann")
    land(open_pull_request(1, events=whole([request(1, "squad-a")])), open_pull_request(2))
    assert {queue.asked: queue.count for queue in table(acme).queues} == {"squad-a": 1, "": 1}
    assert line(table(acme), "ann").numbers.waiting == 0


@pytest.mark.parametrize("people", [5, 50, 500])
def test_it_takes_three_statements_for_any_number_of_people(people: int, acme: Team, land: Land) -> None:
    logins = [f"p{key}" for key in range(people)]
    members(acme, *logins)
    land(
        *(
            merged(key, 8, author=actor(login), reviews=whole([review(key, author=actor(logins[key - 2]))]))
            for key, login in enumerate(logins, 1)
        ),
        *(open_pull_request(1000 + key, events=whole([request(key, login)])) for key, login in enumerate(logins[:5])),
    )
    with tenant(acme.pk), CaptureQueriesContext(connection) as statements:
        found = table(acme)
    assert len([each for each in statements if each["sql"].startswith(("SELECT", "("))]) == 3
    assert len(found.lines) == people + 1, "and the author of what is open"
    assert found.whole.reviews == people


def test_balance_is_said_by_how_few_gave_half(acme: Team, land: Land) -> None:
    given = [review(key, author=actor(login), submitted_at=at(key)) for key, login in enumerate("aaaabbcd", 1)]
    land(merged(1, 9, author=actor("zoe"), reviews=whole(given)))
    found = table(acme)
    assert (found.whole.reviews, found.reviewers, found.fewest) == (8, 4, 1)
    assert found.balance == pytest.approx(0.3125)


def test_of_nothing_there_is_nothing_to_tell(acme: Team) -> None:
    found = table(acme)
    assert (found.lines, found.balance, found.fewest, found.requests) == ((), None, 0, 0)
    assert found.whole == (0, None, 0, 0, 0, 0, 0)


def test_another_teams_people_are_nowhere(acme: Team, land: Land) -> None:
    other = team("other")
    land(merged(1, 8, author=actor("mallory")), team=other)
    assert table(acme).lines == ()
    with tenant(acme.pk):
        assert person_called("mallory") is None


def test_only_admins_leads_and_the_person_see_a_line(acme: Team, land: Land) -> None:
    bot = actor("dependabot", kind="bot")
    mine = whole([commit(1, author=actor("ann"), author_email="ann@acme.example")])
    pulls = (merged(1, 8, author=actor("ann"), commits=mine), merged(2, 8, author=actor("bob")))
    land(*pulls, merged(3, 8, author=bot))
    found = table(acme)
    assert (len(found.lines), found.left_out) == (3, 0)
    with looking(Viewer(user=1, addresses=lambda: ["ann@acme.example"])):
        mine = table(acme)
    assert [each.person.login for each in mine.lines] == ["ann", "dependabot"]
    assert (mine.whole, mine.left_out) == (found.whole, 1)
    with looking(Viewer()):
        others = table(acme)
    assert [each.person.login for each in others.lines] == ["dependabot"]
    assert (others.whole, others.left_out) == (found.whole, 2)


def test_the_week_is_the_teams_own(acme: Team, land: Land) -> None:
    land(merged(1, 8, author=actor("ann")))
    assert get_team_breakdown(acme, WEEK.first_day, WEEK.end_day).whole.merged == 1
    assert get_team_breakdown(acme, END, date(2026, 3, 16)).whole.merged == 0
