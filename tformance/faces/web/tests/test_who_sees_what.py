"""Who sees what at every address: each role, each form of an answer, by each way of naming people."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tformance.accounts.models import Group, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.faces.web.tests.conftest import PEOPLE, ROLES, Params, signed_in, stays
from tformance.faces.web.tests.test_pages import PERIOD, body, text
from tformance.facts.models.people import Actor

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
PART = {"HX-Request": "true"}


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
