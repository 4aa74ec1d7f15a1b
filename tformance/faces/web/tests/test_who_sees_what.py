"""Who sees what at every address: each role, each form of an answer, by each way of naming people."""

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from tformance.accounts.models import Group, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.faces.web.tests.test_pages import PERIOD, body, text
from tformance.facts import testing
from tformance.facts.models.organization import ProviderTeam
from tformance.facts.models.people import Actor, GroupMembership, TeamMember
from tformance.facts.records import MembershipRecord

BIG = ["ann", "b1", "b2", "b3", "b4", "b5", "b6"]
SMALL = ["s1", "s2"]
OTHERS = ["o1", "o2", "o3", "o4", "o5"]
PEOPLE = [*BIG, *SMALL, *OTHERS]
LISTS = ("pulls/", "pulls.csv", "pulls.json", "pulls/filters/")
PAGES = (
    *("", "now/", "explain/cycle_time/median/", "delivery/", "delivery/open/", "quality/", "review/"),
    *("review/people/", "review/threads/", "review/asked/", "commits/", "choices/authors/"),
)
FILES = (
    *(".csv", ".json", "delivery.csv", "quality.json", "review.csv", "review.json"),
    "explain/cycle_time/median.csv",
)
SCOPED = (*PAGES, *FILES)
BY_GROUP_ONLY = ("people/", "people.csv", "people.json", "deployments/list/")
ROLES = ("admin", "lead", "developer", "unknown")
PART = {"HX-Request": "true"}

Params = Callable[..., str]


@pytest.fixture
def crowd(acme: Team) -> Team:
    """Ann is one of seven in Big, two are in Small, five in none; all merged, reviewed and are waited for."""
    squads = [
        testing.provider_team(1, *map(testing.actor, BIG), name="Big", slug="big"),
        testing.provider_team(2, *map(testing.actor, SMALL), name="Small", slug="small"),
    ]
    known = [MembershipRecord(testing.actor(login), "member") for login in PEOPLE]
    testing.write_org(acme, testing.organization(members=testing.whole(known), teams=testing.whole(squads)))
    mine = testing.whole([testing.commit(1, author=testing.actor("ann"), author_email="ann@acme.example")])
    pulls = []
    for key, login in enumerate(PEOPLE, 1):
        author, reviewer = testing.actor(login), testing.actor(PEOPLE[key % len(PEOPLE)])
        given = {"author": author, "merged_by": author, **({"commits": mine} if login == "ann" else {})}
        reviews = testing.whole([testing.review(key, author=reviewer)])
        pulls.append(testing.pull_request(100 + key, reviews=reviews, **given))
        asked = testing.event(key, kind="review_requested", subject=login)
        pulls.append(testing.open_pull_request(200 + key, author=author, events=testing.whole([asked])))
    queue = [
        testing.event(90 + place, kind="review_requested", subject=slug) for place, slug in enumerate(("big", "small"))
    ]
    ann = testing.actor("ann")
    program = testing.pull_request(190, author=testing.actor("copilot-swe-agent", kind="bot"), merged_by=ann)
    testing.write(
        acme, testing.page(*pulls, program, testing.open_pull_request(290, author=ann, events=testing.whole(queue)))
    )
    return acme


@pytest.fixture
def group(crowd: Team) -> Group:
    with tenant(crowd.pk):
        return Group.objects.create(team=crowd, name="Shop")


@pytest.fixture
def roles(crowd: Team, group: Group) -> dict[str, Client]:
    """Ann is a developer; the lead leads s1; of the unknown developer no commit tells who they are."""
    found = {name: signed_in(crowd, name, Role.DEVELOPER if name == "unknown" else Role(name)) for name in ROLES}
    EmailAddress.objects.create(
        user=User.objects.get(email="developer@acme.example"), email="ann@acme.example", verified=True
    )
    with tenant(crowd.pk):
        Group.objects.filter(pk=group.pk).update(lead=User.objects.get(email="lead@acme.example"))
    stays(crowd, group, "s1")
    return found


def signed_in(team: Team, name: str, role: Role) -> Client:
    user = User.objects.create_user(f"{name}@acme.example")
    Membership.objects.create(team=team, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def stays(team: Team, group: Group, login: str, left: date | None = None) -> None:
    with tenant(team.pk):
        GroupMembership.objects.filter(member__github_username=login).delete()
        member = TeamMember.objects.get(github_username=login)
        GroupMembership.objects.create(team=team, group=group, member=member, joined_on=date(2026, 1, 1), left_on=left)


@pytest.fixture
def person(crowd: Team) -> Params:
    """A query string that names accounts under this name."""

    def params(name: str, *logins: str) -> str:
        with tenant(crowd.pk):
            ids = [Actor.everything.get(login=login).pk for login in logins]
        return "&".join(f"{name}={each}" for each in ids)

    return params


@pytest.fixture
def squad(crowd: Team) -> Params:
    def params(name: str, *names: str) -> str:
        with tenant(crowd.pk):
            ids = [ProviderTeam.objects.get(name=each).pk if each else "unknown" for each in names]
        return "&".join(f"{name}={each}" for each in ids)

    return params


def opened(client: Client, place: str, params: str, **headers: str) -> int:
    slash = "" if place.startswith(".") else "/"
    answer = client.get(f"/t/acme{slash}{place}?{PERIOD}&{params}", headers=headers)
    if answer.streaming:
        b"".join(answer.streaming_content)
    return answer.status_code


# Who may name whom, by role: what each may not is refused at every address.
PERSONS = {
    ("ann",): ("admin", "developer"),
    ("s1",): ("admin", "lead"),
    ("b1",): ("admin",),
    ("ann", "b1"): ("admin",),
    ("s1", "s2"): ("admin",),
    ("copilot-swe-agent",): ROLES,
    ("ann", "copilot-swe-agent"): ("admin", "developer"),
}


@pytest.mark.parametrize("logins", PERSONS)
@pytest.mark.parametrize("place", [*LISTS, *SCOPED])
def test_authors_are_named_by_those_who_may_see_them(
    place: str, logins: tuple[str, ...], roles: dict[str, Client], person: Params
) -> None:
    given = person("author", *logins)
    for role, client in roles.items():
        expected = 200 if role in PERSONS[logins] else 403
        assert opened(client, place, given) == expected, role


@pytest.mark.parametrize("logins", PERSONS)
@pytest.mark.parametrize("place", LISTS)
def test_so_are_reviewers(place: str, logins: tuple[str, ...], roles: dict[str, Client], person: Params) -> None:
    given = person("reviewer", *logins)
    for role, client in roles.items():
        expected = 200 if role in PERSONS[logins] else 403
        for by in ("own", "reviewed"):
            assert opened(client, place, f"{given}&by={by}") == expected, role


@pytest.mark.parametrize("place", LISTS)
def test_so_is_whose_review_is_waited_for(place: str, roles: dict[str, Client]) -> None:
    allowed = {"ann": ("admin", "developer"), "S1": ("admin", "lead"), "b1": ("admin",), ".": ROLES, "*": ROLES}
    allowed |= {"big": ROLES, "small": ("admin",), "nobody-here": ("admin",)}
    for name, may in allowed.items():
        for role, client in roles.items():
            expected = 200 if role in may else 403
            assert opened(client, place, f"asked={name}") == expected, (role, name)


@pytest.mark.parametrize("place", [*LISTS, *SCOPED, *BY_GROUP_ONLY])
def test_groups_are_named_where_they_are_open(place: str, roles: dict[str, Client], squad: Params) -> None:
    for names, may in (
        (("Big",), ROLES),
        (("Small",), ("admin",)),
        (("Big", "Small"), ("admin",)),
        (("",), ("admin",)),
    ):
        for name in ("group", "reviewer_group"):
            if name == "reviewer_group" and place not in LISTS:
                continue
            given = squad(name, *names)
            for role, client in roles.items():
                expected = 200 if role in may else 403
                assert opened(client, place, given) == expected, (role, names, name)


def test_a_lead_of_another_group_sees_nobody(crowd: Team, roles: dict[str, Client], person: Params) -> None:
    other = signed_in(crowd, "other-lead", Role.LEAD)
    with tenant(crowd.pk):
        Group.objects.create(team=crowd, name="Pay", lead=User.objects.get(email="other-lead@acme.example"))
    assert opened(other, "pulls/", person("author", "s1")) == 403
    assert other.get("/t/acme/people/s1/").status_code == 403
    assert roles["lead"].get("/t/acme/people/s1/").status_code == 200


def test_who_left_the_group_yesterday_is_not_the_leads_any_more(
    crowd: Team, group: Group, roles: dict[str, Client], person: Params
) -> None:
    today = clock.now().date()
    for left, status in ((today + timedelta(days=3), 200), (today - timedelta(days=1), 403)):
        stays(crowd, group, "s1", left)
        assert opened(roles["lead"], "pulls.csv", person("author", "s1")) == status
        assert roles["lead"].get("/t/acme/people/s1/").status_code == status
        assert roles["lead"].get("/t/acme/people/s1.json").status_code == status
        assert ("s1" in text(roles["lead"].get(f"/t/acme/people/?{PERIOD}")).lower()) is (status == 200)


def test_somebody_who_leads_a_group_without_being_a_lead_sees_nobody(
    crowd: Team, roles: dict[str, Client], person: Params
) -> None:
    Membership.objects.filter(user__email="lead@acme.example").update(role=Role.DEVELOPER)
    assert opened(roles["lead"], "pulls/", person("author", "s1")) == 403


def test_a_person_of_another_team_tells_nothing(crowd: Team, other: Team, roles: dict[str, Client]) -> None:
    with tenant(other.pk):
        mallory = Actor.everything.get(login="mallory").pk
    for client in roles.values():
        answer = client.get(f"/t/acme/pulls/?{PERIOD}&author={mallory}")
        assert answer.status_code == 200
        assert "mallory" not in answer.content.decode()
        assert "No pull requests in this view" in answer.content.decode()


def test_lists_without_people_in_their_filters_are_the_same_for_all(roles: dict[str, Client]) -> None:
    for place in ("pulls.csv", "pulls.json"):
        assert len({body(client.get(f"/t/acme/{place}?{PERIOD}&state=all")) for client in roles.values()}) == 1
    counts = {
        re.search(r'<b class="b">(\d+)</b>', client.get(f"/t/acme/pulls/?{PERIOD}").content.decode())[1]  # type: ignore[index]
        for client in roles.values()
    }
    assert counts == {str(len(PEOPLE) + 2)}
    for client in roles.values():
        assert "by others" in text(client.get("/t/acme/pulls/acme/shop/102/"))


def test_a_cut_by_people_has_those_who_may_be_seen(roles: dict[str, Client]) -> None:
    everybody = len(PEOPLE)
    shown = {"admin": everybody, "lead": 1, "developer": 1, "unknown": 0}
    for role, client in roles.items():
        document = json.loads(body(client.get(f"/t/acme/review.json?{PERIOD}")))
        people = {number["of"] for number in document["numbers"] if number["cut"] == "author"}
        assert (len(people), document["left_out"]) == (shown[role], everybody - shown[role]), role
        rows = body(client.get(f"/t/acme/review.csv?{PERIOD}")).splitlines()
        assert sum(",author," in row for row in rows) == shown[role]
        page = text(client.get(f"/t/acme/review/people/?{PERIOD}"))
        left = everybody - shown[role]
        assert (f"14 people reviewed. {left} people are not listed" in page) is (left > 0)
    assert "s1" in body(roles["lead"].get(f"/t/acme/review.csv?{PERIOD}"))
    assert "s1" not in body(roles["developer"].get(f"/t/acme/review.csv?{PERIOD}"))


def test_memory_of_what_one_saw_is_not_shown_to_another(roles: dict[str, Client]) -> None:
    addresses = (f"/t/acme/review.json?{PERIOD}", f"/t/acme/people.json?{PERIOD}")
    for order in (("admin", "developer"), ("developer", "admin")):
        cache.clear()
        for role in order:
            for address in addresses:
                assert ("b1" in body(roles[role].get(address))) is (role == "admin")


def test_the_table_of_people_has_the_lines_of_those_who_may_be_seen(roles: dict[str, Client]) -> None:
    lines = {"admin": ["ada", *PEOPLE], "lead": ["s1"], "developer": ["ann"], "unknown": []}
    for role, client in roles.items():
        document = json.loads(body(client.get(f"/t/acme/people.json?{PERIOD}")))
        logins = [row["login"] for row in document["people"] if row["belongs"] == "member"]
        assert logins == sorted(lines[role])
        assert document["left_out"] >= len(PEOPLE) - len(lines[role])
        assert document["people"][-1]["merged_prs"] == len(PEOPLE) + 2
        page = text(client.get(f"/t/acme/people/?{PERIOD}"))
        assert ("are not listed: numbers of single people" in page) is (role != "admin")


@pytest.mark.parametrize("place", ["pulls/", "pulls/filters/?state=open", "review/asked/", "review/", "people/", ""])
def test_no_menu_and_no_link_leads_to_what_is_refused(place: str, roles: dict[str, Client]) -> None:
    for role, client in roles.items():
        address = f"/t/acme/{place}{'&' if '?' in place else '?'}{PERIOD}"
        page = client.get(address).content.decode()
        found = {unescape(href) for href in re.findall(r'(?:href|hx-get)="(/t/acme/[^"]*)"', page)}
        naming = {href for href in found if re.search(r"[?&](author|reviewer|asked|group|reviewer_group)=", href)}
        for href in sorted(naming):
            assert client.get(href).status_code == 200, (role, href)
        assert naming or role == "unknown" or not place


def test_menus_are_of_those_who_may_be_seen(roles: dict[str, Client]) -> None:
    known = {"admin": {"ann", "b1", "s1"}, "lead": {"s1"}, "developer": {"ann"}, "unknown": set()}
    groups = {"admin": {"Big", "Small", "no group"}, "lead": {"Big"}, "developer": {"Big"}, "unknown": {"Big"}}
    for role, client in roles.items():
        menu = text(client.get("/t/acme/choices/authors/")).split()
        assert {login for login in ("ann", "b1", "s1") if login in menu} == known[role]
        page = client.get("/t/acme/choices/groups/").content.decode()
        assert {name for name in ("Big", "Small", "no group") if f">{name}<" in page} == groups[role]


def test_a_refusal_says_what_it_is_about_and_what_to_do(
    roles: dict[str, Client], person: Params, squad: Params
) -> None:
    client, foreign = roles["developer"], person("author", "b1")
    page = client.get(f"/t/acme/delivery/?{PERIOD}&{foreign}")
    assert "<html" in page.content.decode()
    assert "It names a person whose numbers are not yours to see." in text(page)
    assert 'href="/t/acme/delivery/"' in page.content.decode()
    assert "b1" not in text(page)
    part = client.get(f"/t/acme/delivery/open/?{PERIOD}&{foreign}", headers=PART)
    assert part.status_code == 403
    assert "<html" not in part.content.decode()
    assert "not yours to see" in text(part)
    for kind in ("csv", "json"):
        file: Any = client.get(f"/t/acme/pulls.{kind}?{PERIOD}&{foreign}")
        assert file["Content-Type"] == "text/plain; charset=utf-8"
        assert "Nothing was exported" in file.content.decode()
        assert "Content-Disposition" not in file
    closed = text(client.get(f"/t/acme/delivery/?{PERIOD}&{squad('group', 'Small')}"))
    assert "too small, or too close to another one" in closed


def test_the_people_of_the_sample_are_invented_and_shown_to_all(
    crowd: Team, roles: dict[str, Client], person: Params
) -> None:
    Team.objects.filter(pk=crowd.pk).update(is_demo=True)
    for client in (*roles.values(), Client()):
        assert opened(client, "pulls/", person("author", "b1")) == 200
        assert client.get("/t/acme/people/b1/").status_code == 200


# Who sees whom, where a team decided that fewer people do; what each role is shown of its own stays.
STRICTER = {
    "leads": {"b1": ("admin",), "s1": ("admin", "lead"), "ann": ("admin", "developer")},
    "admins": {"b1": ("admin",), "s1": ("admin",), "ann": ("admin", "developer")},
    "nobody": {"b1": (), "s1": (), "ann": ("developer",)},
}


@pytest.mark.parametrize("seen_by", STRICTER)
@pytest.mark.parametrize("place", ["pulls/", "pulls.csv", "delivery/", "review.json", "choices/authors/"])
def test_single_people_are_seen_by_whom_the_team_decided(
    place: str, seen_by: str, crowd: Team, roles: dict[str, Client], person: Params
) -> None:
    Team.objects.filter(pk=crowd.pk).update(people_seen_by=seen_by)
    for login, may in STRICTER[seen_by].items():
        for role, client in roles.items():
            expected = 200 if role in may else 403
            assert opened(client, place, person("author", login)) == expected, (role, login)


@pytest.mark.parametrize("seen_by", STRICTER)
def test_pages_and_tables_of_people_follow(seen_by: str, crowd: Team, roles: dict[str, Client]) -> None:
    Team.objects.filter(pk=crowd.pk).update(people_seen_by=seen_by)
    for login, may in STRICTER[seen_by].items():
        for role, client in roles.items():
            expected = 200 if role in may else 403
            for address in (f"people/{login}/", f"people/{login}.csv"):
                assert client.get(f"/t/acme/{address}").status_code == expected, (role, login)
            listed = {row["login"] for row in json.loads(body(client.get(f"/t/acme/people.json?{PERIOD}")))["people"]}
            assert (login in listed) == (role in may)


@pytest.mark.parametrize("seen_by", STRICTER)
def test_everybody_is_told_what_was_decided(seen_by: str, crowd: Team, roles: dict[str, Client]) -> None:
    Team.objects.filter(pk=crowd.pk).update(people_seen_by=seen_by, least_people=9)
    told = text(roles["developer"].get("/t/acme/me/seen/"))
    assert "at least 9 people are on either side" in told
    assert ("leads see no numbers of single people" in told) == (seen_by != "leads")
    assert ("numbers of single people are theirs alone" in told) == (seen_by == "nobody")
    assert roles["developer"].get("/t/acme/me/").status_code == 200


def test_what_accounts_did_is_not_told_on_their_way_to_a_person(crowd: Team, roles: dict[str, Client]) -> None:
    with tenant(crowd.pk):
        b1, s1 = (TeamMember.objects.get(github_username=login) for login in ("b1", "s1"))
        account = Actor.objects.get(login="b1").pk
    base = "/t/acme/settings/identities"
    pages = (f"{base}/accounts/{account}/", f"{base}/people/{b1.pk}/", f"{base}/people/{s1.pk}/merge/{b1.pk}/")
    for seen_by, is_told in (("admins", True), ("nobody", False)):
        Team.objects.filter(pk=crowd.pk).update(people_seen_by=seen_by)
        for page in pages:
            answer = roles["admin"].get(page)
            assert (answer.status_code, "2 pull requests" in text(answer)) == (200, is_told), page


@pytest.mark.parametrize(("least", "may"), [(5, ROLES), (6, ROLES), (8, ("admin",))])
def test_groups_are_told_of_from_as_many_people_on_as_the_team_decided(
    least: int, may: tuple[str, ...], crowd: Team, roles: dict[str, Client], squad: Params
) -> None:
    Team.objects.filter(pk=crowd.pk).update(least_people=least)
    for place in ("pulls/", "delivery.csv", "people/"):
        for role, client in roles.items():
            assert opened(client, place, squad("group", "Big")) == (200 if role in may else 403), (role, place)
    refused = text(roles["developer"].get(f"/t/acme/pulls/?{PERIOD}&{squad('group', 'Small')}"))
    assert f"what fewer than {least} people did" in refused


def test_admins_who_see_nobody_are_held_to_the_smallest_group_too(
    crowd: Team, roles: dict[str, Client], squad: Params
) -> None:
    Team.objects.filter(pk=crowd.pk).update(people_seen_by="nobody")
    assert opened(roles["admin"], "pulls/", squad("group", "Small")) == 403
    assert opened(roles["admin"], "pulls/", squad("group", "Big")) == 200
