"""The walls as people meet them: what each sees, what is refused, why, and how they get out of there."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Browser, Page, expect

from tformance.accounts.models import Group, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.browser.problems import Problems
from tformance.faces.web.tests.browser.test_access import HTML
from tformance.faces.web.tests.browser.test_use import PERIOD
from tformance.facts import testing
from tformance.facts.models.people import Actor, GroupMembership

pytestmark = pytest.mark.browser

PASSWORD = "a long password"
MARKUP = "\"'><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>{{7*7}}"
CLOSED = re.compile("This page is Ada.s own")
WORK = "1 pull request merged and 0 reviews given"
NOT_YOURS = "This address asks for numbers that are not yours to see"


@pytest.fixture
def opened(browser: Browser, live_server: Any) -> Iterator[Callable[[], Page]]:
    """Browsers of other people, to whom some pages are refused or missing; nothing else may go wrong in them."""
    seen: list[Problems] = []
    contexts = []

    def another() -> Page:
        contexts.append(browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800}))
        page = contexts[-1].new_page()
        seen.append(Problems(page, 403, 404))
        return page

    yield another
    for context in contexts:
        context.close()
    assert [problem for problems in seen for problem in problems.found] == []


@pytest.fixture
def bobs_work(acme: Team) -> None:
    """He merged something before he ever came here; his commit tells his address."""
    mine = testing.commit(50, author=testing.actor("bob"), author_email="bob@acme.example")
    pull = testing.pull_request(50, author=testing.actor("bob"), commits=testing.whole([mine]))
    testing.write(acme, testing.page(pull))


def member(team: Team, name: str, role: Role) -> User:
    user = User.objects.create_user(f"{name}@acme.example", PASSWORD, name=name.title())
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(team=team, user=user, role=role)
    return user


def come_in(page: Page, name: str) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(f"{name}@acme.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/t/acme/")


def test_an_invited_developer_sees_the_team_and_their_own_page_and_nobody_elses(
    ada: Page, opened: Callable[[], Page], bobs_work: None
) -> None:
    ada.goto("/t/acme/settings/members/")
    ada.get_by_label("E-mail address").fill("bob@acme.example")
    ada.get_by_role("button", name="Make a link").click()
    bob = opened()
    bob.goto(ada.locator("#invitation-link").inner_text())
    bob.get_by_role("button", name="Make an account").click()
    bob.get_by_label("Name").fill("Bob")
    bob.get_by_label("Password", exact=True).fill(PASSWORD)
    bob.get_by_label("Password (again)").fill(PASSWORD)
    bob.get_by_role("button", name="Make the account").click()
    bob.get_by_role("button", name="Join Acme").click()
    bob.wait_for_url("**/t/acme/")

    bob.goto(f"/t/acme/?{PERIOD}")
    expect(bob.get_by_role("link", name="Explain: Cycle time")).to_be_visible()
    bob.goto(f"/t/acme/me/?{PERIOD}")
    expect(bob.get_by_role("heading", level=1)).to_contain_text(WORK)
    bob.goto(f"/t/acme/people/ada/?{PERIOD}")
    expect(bob.get_by_role("heading", level=1)).to_have_text(CLOSED)
    expect(bob.get_by_text("to whoever leads a group they are in, and to admins of Acme")).to_be_visible()
    bob.get_by_role("link", name="Open my page").click()
    bob.wait_for_url("**/t/acme/me/")

    ada.goto(f"/t/acme/people/bob/?{PERIOD}")
    expect(ada.get_by_role("heading", level=1)).to_contain_text(WORK)
    bob.goto("/t/acme/me/seen/")
    looks = bob.get_by_role("region", name="Who looked at my page")
    expect(looks).to_contain_text("ada@acme.example")


def test_a_lead_sees_the_people_of_their_group_and_no_others(
    acme: Team, opened: Callable[[], Page], bobs_work: None
) -> None:
    lea = member(acme, "lea", Role.LEAD)
    with tenant(acme.pk):
        group = Group.objects.create(team=acme, name="Squad", lead=lea)
        bob = Actor.everything.get(login="bob").member
        GroupMembership.objects.create(team=acme, group=group, member=bob, joined_on=date(2026, 1, 1))
    page = opened()
    come_in(page, "lea")
    page.goto(f"/t/acme/people/?{PERIOD}")
    people = page.get_by_role("table").first
    expect(people).to_contain_text("Bob")
    expect(people).not_to_contain_text("Ada")
    page.goto(f"/t/acme/people/bob/?{PERIOD}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(WORK)
    page.goto(f"/t/acme/people/ada/?{PERIOD}")
    expect(page.get_by_role("heading", level=1)).to_have_text(CLOSED)
    page.get_by_role("link", name="Back to people").click()
    page.wait_for_url("**/t/acme/people/")


def test_a_refused_page_says_who_may_and_leads_out(acme: Team, opened: Callable[[], Page]) -> None:
    testing.team("other")
    member(acme, "dev", Role.DEVELOPER)
    page = opened()
    come_in(page, "dev")
    page.goto("/t/acme/settings/members/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Only admins of Acme may change this")
    page.get_by_role("link", name="Back to the overview").click()
    page.wait_for_url("**/t/acme/")
    for address in ("/t/other/", "/t/other/pulls/", "/nowhere/"):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing at this address")
        page.get_by_role("link", name="Go to the start").click()
        page.wait_for_url("**/t/acme/")
    with tenant(acme.pk):
        foreign = Actor.everything.get(login="grace").pk
    page.goto(f"/t/acme/delivery/?{PERIOD}&author={foreign}")
    expect(page.get_by_role("heading", level=1)).to_have_text(NOT_YOURS)
    page.get_by_role("link", name="Show the page without filters").click()
    page.wait_for_url("**/t/acme/delivery/")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(NOT_YOURS)


def test_what_people_wrote_runs_on_no_page(acme: Team, ada: Page) -> None:
    """A dialog, a refused script or any other complaint of the browser fails it."""
    author = testing.actor("eve", name=MARKUP)
    written: dict[str, Any] = {
        "title": MARKUP,
        "body": MARKUP,
        "head_ref": MARKUP,
        "labels": (MARKUP,),
        "author": author,
        "reviews": testing.whole([testing.review(90, body=MARKUP, author=author)]),
        "files": testing.whole([testing.file(f"{MARKUP}/x.py")]),
        "checks": testing.whole([testing.check(90, name=MARKUP, app=MARKUP)]),
        "commits": testing.whole([testing.commit(90, author=author, author_name=MARKUP, message=MARKUP)]),
        "threads": testing.whole([testing.thread(90, path=MARKUP)]),
    }
    asked = testing.whole([testing.event(90, kind="review_requested", subject="eve")])
    pulls = testing.pull_request(7, **written), testing.open_pull_request(91, **written, events=asked)
    testing.write(acme, testing.page(*pulls, deployments=(testing.deployment(9, environment=f"production {MARKUP}"),)))
    Team.objects.filter(pk=acme.pk).update(name=MARKUP)
    User.objects.update(name=MARKUP)
    with tenant(acme.pk):
        Group.objects.create(team=acme, name=MARKUP, lead=User.objects.get())
    for address in (*HTML, "/t/acme/people/eve/", "/account/"):
        ada.goto(f"{address}?{PERIOD}")
        ada.wait_for_load_state("networkidle")
    ada.goto(f"/t/acme/pulls/?{PERIOD}&q=alert")
    expect(ada.get_by_text("<script>alert(1)</script>").first).to_be_visible()
