"""A real browser on a live server. Skipped where there is no Chromium."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Browser, Page, sync_playwright

from tformance.accounts.models import Membership, Role, Team, User
from tformance.faces.web.tests.browser.problems import Problems
from tformance.facts import testing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip("skipped: no Chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the tests' thread
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture
def acme(live_db: str) -> Team:
    team = testing.team("acme")
    pulls = [
        testing.pull_request(
            number,
            title=f"Change number {number}",
            opened_at=testing.at(-number),
            commits=testing.whole([testing.commit(number, authored_at=testing.at(-number - 5))]),
            reviews=testing.whole([testing.review(number)]),
        )
        for number in range(1, 16)
    ]
    testing.write(team, testing.page(*pulls))
    let_in(team)
    return team


def let_in(team: Team) -> None:
    user = User.objects.create_user("ada@acme.example", "a long password")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)


@pytest.fixture
def page(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A stranger's page; the test fails when the console has an error, such as a broken content security policy."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    problems = Problems(opened)
    yield opened
    context.close()
    assert problems.found == []


@pytest.fixture
def ada(acme: Team, page: Page) -> Page:
    """The same, signed in as acme's admin."""
    sign_in(page)
    page.wait_for_url("**/t/acme/")
    return page


def sign_in(page: Page) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("ada@acme.example")
    page.get_by_label("Password", exact=True).fill("a long password")
    page.get_by_role("button", name="Sign in").click()
