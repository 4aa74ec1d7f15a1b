"""Menus of many: what a page is about is chosen from a list that comes when the menu is opened, or is a page of its own."""

import re

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.faces.web import scope
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import PERIOD
from tformance.facts import testing

MANY = scope.MANY + 1
PART = {"HX-Request": "true"}


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


@pytest.fixture
def many(acme: Team) -> Team:
    """So many repositories, people who opened something, and people who reviewed something."""
    for key in range(MANY):
        who, reviewer = (
            testing.actor(f"{name}{key:03}", provider_id=key + first) for name, first in (("a", 0), ("r", 500))
        )
        given = {"author": who, "reviews": testing.whole([testing.review(1000 + key, author=reviewer)])}
        repository = testing.repository(f"acme/r{key:03}", provider_id=5000 + key, node_id=f"R_{5000 + key}")
        testing.write(acme, testing.page(testing.pull_request(2000 + key, **given), repository=repository))
    return acme


def more(client: Client, address: str) -> list[str]:
    page = client.get(f"{address}?{PERIOD}").content.decode()
    return [
        found.replace("&amp;", "&")
        for found in re.findall(r'<details class="choice" hx-get="([^"]+/choices/[^"]+)"', page)
    ]


@pytest.mark.parametrize("address", ["/t/acme/", "/t/acme/delivery/", "/t/acme/people/"])
def test_a_menu_of_many_repositories_is_asked_for_when_it_is_opened(address: str, admin: Client, many: Team) -> None:
    (menu,) = more(admin, address)
    part = admin.get(menu, headers=PART).content.decode()
    assert "<html" not in part
    options = re.findall(r'href="([^"]+)" data-words="([^"]+)"', part)
    assert [words for _, words in options] == [
        "all repositories",
        *(f"acme/r{key:03}" for key in range(MANY)),
        "acme/shop",
    ]
    assert {href.partition("?")[0] for href, _ in options} == {address}
    assert admin.get(options[7][0].replace("&amp;", "&")).status_code == 200


def test_the_menus_of_the_list_are_asked_for_too_and_keep_its_filters(admin: Client, many: Team) -> None:
    people, repositories = more(admin, "/t/acme/pulls/")
    assert ("/authors/" in people, "/repositories/" in repositories) == (True, True)
    part = admin.get(f"{people}&q=change", headers=PART).content.decode()
    href = re.search(r'href="([^"]+)" data-words="a007"', part)
    assert href
    page = admin.get(href[1].replace("&amp;", "&")).content.decode()
    assert page.count("data-row") == 1
    assert "has “change”" in page


def test_without_scripts_the_menu_is_a_page_that_says_what_it_is_for(admin: Client, many: Team) -> None:
    (menu,) = more(admin, "/t/acme/review/")
    page = admin.get(menu).content.decode()
    assert page.count("<h1>") == 1
    assert "acme/r007" in page


def test_a_short_menu_is_there_at_once(admin: Client) -> None:
    assert more(admin, "/t/acme/") == more(admin, "/t/acme/pulls/") == []


@pytest.mark.parametrize("elsewhere", ["/t/other/", "https://evil.example/t/acme/", "/accounts/login/", "javascript:x"])
def test_options_lead_to_pages_of_the_same_team_only(elsewhere: str, admin: Client) -> None:
    assert admin.get("/t/acme/choices/repositories/", {"for": elsewhere}).status_code == 400


def test_what_no_menu_has_is_not_found(admin: Client) -> None:
    assert admin.get("/t/acme/choices/anything/").status_code == 404


def test_review_names_the_first_fifty_and_says_where_everybody_is(admin: Client, many: Team) -> None:
    page = admin.get(f"/t/acme/review/people/?{PERIOD}").content.decode()
    assert page.count('<th scope="row" class="name">r0') == 50
    door = re.search(r'href="([^"]+)">Everybody, ', page)
    assert door
    assert "r050" in admin.get(door[1].replace("&amp;", "&")).content.decode()
