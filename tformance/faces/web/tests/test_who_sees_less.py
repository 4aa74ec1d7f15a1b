"""A team may decide that less is told: who sees single people, and from how many people on groups are told of."""

import json

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import ROLES, Params
from tformance.faces.web.tests.test_pages import PERIOD, body, text
from tformance.faces.web.tests.test_who_sees_what import opened
from tformance.facts.models.people import Actor, TeamMember

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
