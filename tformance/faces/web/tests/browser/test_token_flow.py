"""From nothing to numbers with a token, in a real browser: a wrong token first, one that is withdrawn on the way, and on."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.request import Request, urlopen

import pytest
from django.db import connections as databases
from playwright.sync_api import Page, expect

from tformance.accounts.models import Team
from tformance.faces.web.tests.browser.conftest import let_in, sign_in
from tformance.facts import testing
from tformance.sandbox import generate
from tformance.sandbox.server import Sandbox
from tformance.sandbox.tests.conftest import running
from tformance.sync.drive import run_until_done

pytestmark = pytest.mark.browser

TOKENS = "ghp_first/repo+read:org,ghp_second/repo+read:org"
SLOW, PATIENCE = 0.25, 20_000  # seconds per answer, milliseconds


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    generate.write(tmp_path / "o", prs=150, people=8, repositories=3, months=6)
    with running(tmp_path / "o", tokens=TOKENS) as (server, _):
        yield server


@pytest.fixture
def fresh(live_db: str, page: Page) -> Team:
    """A team without anything, and the browser of its admin in it."""
    team = testing.team("fresh")
    let_in(team)
    sign_in(page)
    page.wait_for_url("**/t/fresh/setup/source/")
    return team


@contextmanager
def worker(team: Team) -> Iterator[None]:
    """Reads until everything is read, or nothing can be; or until the block has failed."""
    failed = Event()

    def tick() -> None:
        if failed.is_set():
            sys.exit()

    def work() -> None:
        try:
            run_until_done(team.pk, tick)
        finally:
            databases.close_all()

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    except BaseException:
        failed.set()
        raise
    finally:
        thread.join()


def give(page: Page, url: str, token: str) -> None:
    page.get_by_label("API address").fill(url)
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Check the token").click()


def withdraw(sandbox: Sandbox, token: str) -> None:
    said = json.dumps({"action": "revoke_token", "token": token}).encode()
    urlopen(Request(f"{sandbox.url}/_sandbox/do", said)).close()


def headline(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_from_nothing_to_the_whole_history_over_a_wrong_and_a_withdrawn_token(
    fresh: Team, page: Page, sandbox: Sandbox
) -> None:
    page.get_by_role("button", name="Use GitHub").click()
    page.get_by_role("link", name="Give a token").click()
    give(page, sandbox.url, "ghp_wrong")
    expect(page.get_by_role("alert")).to_have_text("GitHub refuses the token: Bad credentials.")
    give(page, sandbox.url, "ghp_first")
    expect(page.get_by_text("3 shown, 3 chosen")).to_be_visible()
    sandbox.latency = SLOW
    page.get_by_role("button", name="Read these repositories").click()
    expect(page.get_by_text("First the last 30 days: 0 of 3 done.")).to_be_visible()
    page.goto("/t/fresh/connections/")

    with worker(fresh):
        expect(page.get_by_text("The last 30 days are ready.")).to_be_visible(timeout=PATIENCE)
        withdraw(sandbox, "ghp_first")
        expect(page.get_by_role("heading", level=1)).to_contain_text("the access was withdrawn", timeout=PATIENCE)
    sandbox.latency = 0
    page.goto("/t/fresh/")
    expect(page.get_by_text("is not read any more: the access was withdrawn.")).to_be_visible()
    expect(page.get_by_text("Read in full from")).to_be_visible()
    first_numbers = headline(page)

    page.get_by_role("link", name="Open connections").click()
    page.get_by_role("link", name="Give a new token").click()
    give(page, sandbox.url, "ghp_second")
    expect(page.get_by_text("reading goes on where it stopped")).to_be_visible()
    page.goto("/t/fresh/connections/")
    with worker(fresh):
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Yes: all 3 repositories are read to the end.", timeout=PATIENCE
        )
    page.goto("/t/fresh/")
    expect(page.get_by_text("is not read any more")).to_be_hidden()
    expect(page.get_by_text("Read in full from")).to_be_hidden()
    assert headline(page) != first_numbers
