"""The list of pull requests: its filters, columns, row details and the views that a member keeps."""

import json
import re
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Membership, Role, SavedView, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.kit.address import View
from tformance.faces.web import scope
from tformance.faces.web.tests.conftest import NOON, Visit
from tformance.faces.web.tests.test_pages import PERIOD, add, body, text
from tformance.facts import testing
from tformance.facts.models.people import Actor

LIST = "/t/acme/pulls/"


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


@pytest.fixture
def varied(acme: Team) -> Team:
    add(acme, 1, first=100, title="Labelled", labels=("bug", "ui"))
    add(acme, 1, first=101, title="Based", base_ref="release")
    add(acme, 1, first=102, title="Linked", linked_issues=testing.whole([testing.linked_issue()]))
    add(acme, 1, first=103, title="Unlinked", linked_issues=testing.whole([]))
    testing.write(acme, testing.page(testing.open_pull_request(104, title="Drafted", is_draft=True)))
    add(acme, 1, first=105, title="Reviewed", reviews=testing.whole([testing.review(1)]))
    late = testing.review(2, submitted_at=testing.at(24 * 60))
    add(acme, 1, first=106, title="Late", reviews=testing.whole([late]))
    add(acme, 1, first=107, title="Mended", labels=("hotfix",))
    add(acme, 1, first=108, title="Slow", opened_at=testing.at(-24 * 5))
    return acme


def titles(client: Client, query: str) -> set[str]:
    page = client.get(f"{LIST}?{PERIOD}&{query}").content.decode()
    shown = set(re.findall(r'class="c-t"><a href="[^"]+">([^<]+)<', page))
    exported = json.loads(body(client.get(f"/t/acme/pulls.json?{PERIOD}&{query}")))
    assert {row["title"].replace("'", "&#x27;") for row in exported} == shown
    return shown


@pytest.mark.parametrize(
    ("query", "expected", "chip"),
    [
        ("label=bug", {"Labelled"}, "labelled bug"),
        ("base=release", {"Based"}, "goes to release"),
        ("linked=yes", {"Linked"}, "closes an issue"),
        ("state=all&draft=yes", {"Drafted"}, "is a draft"),
        ("signal=hotfix&signal=revert", {"Mended"}, "a hotfix"),
        ("over=3", {"Slow"}, "open for more than 3\N{NO-BREAK SPACE}days"),
    ],
)
def test_a_filter_leaves_what_fits_on_the_page_and_in_the_file(
    query: str, expected: set[str], chip: str, admin: Client, varied: Team
) -> None:
    assert titles(admin, query) == expected
    assert f'aria-label="Remove filter: {chip}"' in admin.get(f"{LIST}?{PERIOD}&{query}").content.decode()


def test_closing_no_issue_is_said_only_where_the_links_were_read(admin: Client, varied: Team) -> None:
    assert titles(admin, "linked=no") == {"Unlinked"}


def test_who_reviewed_is_asked_of_all_time_or_of_the_days_of_the_review(admin: Client, varied: Team) -> None:
    with tenant(varied.pk):
        grace = Actor.everything.get(login="grace").pk
    assert titles(admin, f"reviewer={grace}") == {"Reviewed", "Late"}
    assert titles(admin, f"reviewer={grace}&by=reviewed") == {"Reviewed"}


@pytest.mark.parametrize(
    "query", ["draft=2", "linked=x", "column=nothing", "signal=x", "over=0", "over=soon", f"over={'9' * 5000}"]
)
def test_what_a_filter_cannot_mean_is_refused(query: str, admin: Client) -> None:
    assert admin.get(f"{LIST}?{query}").status_code == 400


@pytest.mark.parametrize("name", ["label", "base", "work", "tool", "folder", "category", "q"])
def test_any_bytes_in_an_address_are_only_words(name: str, admin: Client) -> None:
    assert admin.get(f"{LIST}?{name}=%00").status_code == 200


def test_all_filters_are_offered_and_lead_to_the_list(admin: Client, varied: Team) -> None:
    menu = admin.get(f"{LIST}filters/?{PERIOD}", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in menu
    for words in (
        "bug",
        "release",
        "closes an issue",
        "is a draft",
        "a hotfix",
        "grace",
        "docs",
        "opened in this period",
    ):
        assert f">{words}<" in menu
    for href in re.findall(r'href="([^"]+)"', menu):
        assert admin.get(href.replace("&amp;", "&")).status_code == 200


def test_clearing_keeps_the_days_and_drops_every_chip(admin: Client, varied: Team) -> None:
    page = admin.get(f"{LIST}?{PERIOD}&label=bug&size=M&q=x").content.decode()
    door = re.search(r'href="([^"]+)">Clear all<', page)
    assert door
    assert door[1].replace("&amp;", "&") == f"{LIST}?{PERIOD}"


def test_columns_are_part_of_the_address(admin: Client, varied: Team) -> None:
    page = text(admin.get(f"{LIST}?{PERIOD}&column=rounds&column=size"))
    assert "Rounds" in page
    assert "Lead time and phases" not in page.partition("Merged ↓")[0].partition("Details")[2]
    plain = admin.get(f"{LIST}?{PERIOD}&column=none").content.decode()
    assert "c-ph" not in plain


def test_a_row_opens_in_place(admin: Client, varied: Team, as_role: Visit) -> None:
    part = admin.get(f"{LIST}acme/shop/105/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "First review" in part
    assert as_role("stranger").get(f"{LIST}acme/shop/105/", headers={"HX-Request": "true"}).status_code == 404


def kept(team: Team) -> list[tuple[str, str]]:
    with tenant(team.pk):
        return list(SavedView.objects.order_by("name").values_list("name", "query"))


def test_a_view_is_saved_found_again_renamed_and_deleted(as_role: Visit, acme: Team) -> None:
    ann = as_role("developer")
    answer = ann.post(f"{LIST}views/", {"name": " Large  bugs ", "query": "?size=L&label=bug&after=x"})
    assert answer.url == f"{LIST}?size=L&label=bug"
    assert kept(acme) == [("Large bugs", "?size=L&label=bug")]
    assert "Large bugs" in text(ann.get(LIST))
    with tenant(acme.pk):
        view = SavedView.objects.get().pk
    ann.post(f"{LIST}views/{view}/rename/", {"name": "Bugs"})
    assert kept(acme) == [("Bugs", "?size=L&label=bug")]
    ann.post(f"{LIST}views/{view}/delete/")
    assert kept(acme) == []


def test_saving_under_a_known_name_replaces_it(admin: Client, acme: Team) -> None:
    for query in ("?size=L", "?size=M"):
        admin.post(f"{LIST}views/", {"name": "Mine", "query": query})
    assert kept(acme) == [("Mine", "?size=M")]


def test_a_view_belongs_to_who_saved_it(as_role: Visit, acme: Team) -> None:
    admin, stranger, developer = as_role("admin"), as_role("stranger"), as_role("developer")
    admin.post(f"{LIST}views/", {"name": "Mine", "query": "?size=L"})
    with tenant(acme.pk):
        view = SavedView.objects.get().pk
    assert "Mine" not in text(developer.get(LIST))
    for action in ("rename", "delete"):
        for client in (stranger, developer):
            assert client.post(f"{LIST}views/{view}/{action}/", {"name": "Taken"}).status_code == 404
        assert Client().post(f"{LIST}views/{view}/{action}/").status_code == 302
        assert admin.get(f"{LIST}views/{view}/{action}/").status_code == 405
    assert stranger.post(f"{LIST}views/", {"name": "Theirs", "query": ""}).status_code == 404
    assert kept(acme) == [("Mine", "?size=L")]


def test_the_views_of_one_person_in_two_teams_are_apart(as_role: Visit, acme: Team, other: Team) -> None:
    admin = as_role("admin")
    Membership.objects.create(team=other, user=User.objects.get(email="admin@acme.example"), role=Role.LEAD)
    admin.post(f"{LIST}views/", {"name": "Mine", "query": "?size=L"})
    assert "Mine" in text(admin.get(LIST))
    assert "Mine" not in text(admin.get("/t/other/pulls/"))


def test_only_addresses_that_mean_something_are_kept(admin: Client, acme: Team) -> None:
    assert admin.post(f"{LIST}views/", {"name": "Bad", "query": "?size=huge"}).status_code == 400
    admin.post(f"{LIST}views/", {"name": " ", "query": "?size=L"})
    assert kept(acme) == []


def test_visitors_of_the_sample_cannot_keep_views(acme: Team) -> None:
    Team.objects.filter(pk=acme.pk).update(is_demo=True)
    cache.clear()
    assert "Save view" not in text(Client().get(LIST))
    assert Client().post(f"{LIST}views/", {"name": "X", "query": ""}).status_code == 403


def test_addresses_of_many_choices_are_those_that_each_would_be_given() -> None:
    view = View.read(QueryDict("state=all&author=7&q=a+b&period=30d&label=x&repository=3"), ZoneInfo("UTC"), NOON)

    def address(key: int | None) -> str:
        return LIST + view.with_filters(reviewers=(key,)).query

    quick = scope.each(address)
    assert [quick(key) for key in (1, 22, 10**9)] == [address(key) for key in (1, 22, 10**9)]


def test_a_page_of_the_list_is_kept_until_something_changes(admin: Client, varied: Team) -> None:
    cache.clear()
    assert "Labelled" in titles(admin, "")
    with CaptureQueriesContext(connection) as again:
        admin.get(f"{LIST}?{PERIOD}&")
    assert not [query for query in again if 'FROM "facts_pullrequest"' in query["sql"]]
    add(varied, 1, first=120, title="Newer")
    assert "Newer" in titles(admin, "")


def test_a_kept_page_is_refused_to_who_may_not_ask_for_it(as_role: Visit, varied: Team) -> None:
    cache.clear()
    with tenant(varied.pk):
        ada = Actor.objects.get(login="ada").pk
    asked = f"{LIST}?{PERIOD}&author={ada}"
    assert as_role("admin").get(asked).status_code == 200
    assert as_role("developer").get(asked).status_code == 403
