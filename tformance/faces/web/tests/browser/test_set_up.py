"""From a printed address to the first own chart, in a real browser: how long it takes, and how many clicks."""

import hashlib
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tformance.accounts.models import OneTimeKey, Team
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.faces.web.tests.browser.conftest import let_in, sign_in
from tformance.faces.web.tests.browser.problems import Problems
from tformance.faces.web.tests.browser.test_access import problems
from tformance.faces.web.tests.browser.test_account import shoot
from tformance.faces.web.tests.browser.test_token_flow import PATIENCE, TOKENS, give, worker
from tformance.facts import testing
from tformance.sandbox import generate
from tformance.sandbox.server import Sandbox
from tformance.sandbox.tests.conftest import running
from tformance.sync.models import Connection, SyncRun
from tformance.sync.set_up import SetUp

pytestmark = pytest.mark.browser

MOST_CLICKS, MOST_SECONDS = 8, 60
SLOW = 0.15  # seconds per answer of the sandbox, so that there is something to see on the way


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    generate.write(tmp_path / "o", prs=300, people=8, repositories=3, months=6)
    with running(tmp_path / "o", tokens=TOKENS) as (server, _):
        yield server


class Clicks:
    """A hand on a page's mouse that counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def __call__(self, role: Any, name: str) -> None:
        self.page.get_by_role(role, name=name).click()
        self.count += 1


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def fill_token(page: Page, sandbox: Sandbox) -> None:
    page.get_by_label("API address").fill(sandbox.url)
    page.get_by_label("Token").fill("ghp_first")


def see(page: Page, name: str, found: dict[str, list[str]]) -> None:
    page.wait_for_load_state("networkidle")
    shoot(page, name)
    found[name] = list(problems(page))


def test_the_first_own_chart_is_a_minute_and_eight_clicks_away(page: Page, live_db: str, sandbox: Sandbox) -> None:
    digest = hashlib.sha256(b"one-time").hexdigest()
    OneTimeKey.objects.create(digest=digest, expires_at=clock.now() + timedelta(minutes=1))
    click, started = Clicks(page), time.monotonic()
    page.goto("/welcome/#key=one-time")
    expect(heading(page)).to_have_text("What is your team called?")
    page.get_by_label("Name").fill("Rockets")
    click("button", "Go on")
    click("button", "Use GitHub")
    click("link", "Give a token")
    fill_token(page, sandbox)
    click("button", "Check the token")
    sandbox.latency = SLOW
    click("button", "Read these repositories")
    expect(heading(page)).to_have_text("Your first chart comes when the last 30 days are read.")
    expect(page.get_by_text("First the last 30 days: 0 of 3 done.")).to_be_visible()
    with worker(Team.objects.get(slug="main")):
        expect(page.locator("#phases svg").first).to_be_attached(timeout=MOST_SECONDS * 1000)
        seconds = time.monotonic() - started
        expect(page.get_by_text("The last 30 days are ready.")).to_be_visible()  # older history goes on meanwhile
        sandbox.latency = 0
    assert (click.count <= MOST_CLICKS, seconds < MOST_SECONDS) == (True, True), (click.count, seconds)
    click("button", "Go on")
    expect(heading(page)).to_have_text("Who else should see these numbers?")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_every_question_can_be_read_by_everybody(
    scheme: Any, width: int, page: Page, live_db: str, sandbox: Sandbox
) -> None:
    team = testing.team("my-team")
    Team.objects.update(name="My team")
    let_in(team)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        see(page, f"set-up {scheme} {width} {name}", found)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    sign_in(page)
    page.wait_for_url("**/setup/team/")
    look("1 team")
    page.get_by_label("Name").fill("Rockets")
    page.get_by_role("button", name="Go on").click()
    look("2 source")
    page.get_by_role("button", name="Use GitHub").click()
    look("3 access")
    page.get_by_role("link", name="Give a token").click()
    look("4 token")
    give(page, sandbox.url, "ghp_first")
    look("5 repositories")
    sandbox.latency = SLOW
    page.get_by_role("button", name="Read these repositories").click()
    shoot(page, f"set-up {scheme} {width} 6 waiting")
    with worker(team):
        expect(page.locator("#phases svg").first).to_be_attached(timeout=PATIENCE)
        shoot(page, f"set-up {scheme} {width} 7 chart while history is read")
        sandbox.latency = 0
    page.reload()
    look("8 chart")
    page.get_by_role("button", name="Go on").click()
    page.goto("/t/my-team/setup/people/")
    look("9 people")
    page.get_by_label("E-mail address").fill("bob@rockets.example")
    page.get_by_role("button", name="Make a link").click()
    look("10 link")
    page.get_by_role("link", name="Finish").click()
    look("11 over")
    page.goto("/t/my-team/")
    look("12 overview")
    assert {name: each for name, each in found.items() if each} == {}


def test_by_keys_alone_and_in_two_browsers_it_is_done_once(
    page: Page, browser: Browser, live_server: Any, sandbox: Sandbox
) -> None:
    """The other browser goes on where the first one was left."""
    team = testing.team("fresh")
    let_in(team)
    sign_in(page)
    expect(heading(page)).to_have_text("Where are your pull requests?")
    press(page, "button", "Use GitHub")
    press(page, "link", "Give a token")
    fill_token(page, sandbox)
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 shown, 3 chosen")).to_be_visible()

    other = browser.new_context(base_url=live_server.url).new_page()
    seen = Problems(other)
    sign_in(other)
    expect(other.get_by_text("3 shown, 3 chosen")).to_be_visible()
    for each in (page, other):
        press(each, "button", "Read these repositories")
        expect(heading(each)).to_have_text("Your first chart comes when the last 30 days are read.")
    with worker(team):
        for each in (page, other):
            expect(each.locator("#phases svg").first).to_be_attached(timeout=PATIENCE)
    other.context.close()
    assert seen.found == []
    with tenant(team.pk):
        assert Connection.objects.count() == 1
        assert SyncRun.objects.filter(kind="history").count() == 1
        assert SetUp.objects.get().state == "complete"


def press(page: Page, role: Any, name: str) -> None:
    page.get_by_role(role, name=name).focus()
    page.keyboard.press("Enter")
