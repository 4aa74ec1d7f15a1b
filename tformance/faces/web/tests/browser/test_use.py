import hashlib
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tformance.accounts.models import OneTimeKey
from tformance.core import clock

pytestmark = pytest.mark.browser

PERIOD = "from=2026-03-01&to=2026-03-31"


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1440])
def test_no_page_scrolls_sideways(width: int, ada: Page) -> None:
    ada.set_viewport_size({"width": width, "height": 800})
    for address in (
        "/",
        "/pulls/",
        "/pulls/acme/shop/3/",
        "/people/",
        "/people/ada/",
        "/connections/",
        "/explain/size/median/",
    ):
        ada.goto(f"/t/acme{address}?{PERIOD}")
        assert sideways(ada) <= 0, address


def test_everything_can_be_reached_by_keys(ada: Page) -> None:
    ada.goto(f"/t/acme/?{PERIOD}")
    ada.keyboard.press("?")
    expect(ada.get_by_role("dialog", name="Keys")).to_be_visible()
    ada.keyboard.press("Escape")
    ada.keyboard.press("g")
    ada.keyboard.press("p")
    ada.wait_for_url("**/t/acme/pulls/")
    ada.goto(f"/t/acme/pulls/?{PERIOD}")
    ada.keyboard.press("/")
    expect(ada.get_by_role("searchbox")).to_be_focused()
    ada.keyboard.press("Tab")
    ada.keyboard.press("j")
    ada.keyboard.press("j")
    ada.keyboard.press("k")
    first = ada.locator("tr[data-row] .c-t a").first
    expect(first).to_be_focused()
    ada.keyboard.press("o")
    expect(ada.get_by_role("link", name="Everything about it")).to_be_visible()
    ada.keyboard.press("o")
    expect(ada.get_by_role("link", name="Everything about it")).to_have_count(0)
    expect(first).to_be_focused()
    ada.keyboard.press("Enter")
    ada.wait_for_url("**/pulls/acme/shop/**")


def test_a_figure_turns_into_its_table_and_back(ada: Page) -> None:
    ada.goto(f"/t/acme/?{PERIOD}")
    figure = ada.locator("#phases")
    expect(figure.locator("svg").first).to_be_attached()
    ada.keyboard.press("t")
    expect(figure).to_have_class("figure as-table")
    expect(figure.get_by_role("table")).to_be_visible()
    ada.keyboard.press("t")
    expect(figure).to_have_class("figure")


def test_a_number_is_explained_beside_the_page(ada: Page) -> None:
    ada.goto(f"/t/acme/?{PERIOD}")
    ada.get_by_role("link", name="Explain: Cycle time").click()
    panel = ada.get_by_role("dialog", name="Explain this number")
    expect(panel).to_contain_text("From opening to the merge")
    expect(panel).to_contain_text("Counted here")
    ada.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(ada.get_by_role("link", name="Explain: Cycle time")).to_be_focused()


def test_what_waits_arrives_after_the_numbers(ada: Page) -> None:
    ada.goto(f"/t/acme/?{PERIOD}")
    expect(ada.get_by_role("heading", name="Where work waits right now")).to_be_visible()


def test_the_theme_stays_over_pages(ada: Page) -> None:
    ada.emulate_media(color_scheme="light")
    ada.goto(f"/t/acme/?{PERIOD}")
    ada.get_by_role("button", name="Light or dark").first.click()
    expect(ada.locator("html")).to_have_attribute("data-theme", "tformance-dark")
    ada.goto("/t/acme/connections/")
    expect(ada.locator("html")).to_have_attribute("data-theme", "tformance-dark")


def test_a_filter_is_added_and_dropped_by_its_chip(ada: Page) -> None:
    ada.goto(f"/t/acme/pulls/?{PERIOD}")
    ada.keyboard.press("f")
    ada.get_by_role("link", name="no sign of AI").click()
    ada.wait_for_url("**ai=no_evidence**")
    ada.get_by_role("link", name="Remove filter: no sign of AI").click()
    expect(ada.locator("tr[data-row]")).to_have_count(15)
    assert "ai=" not in ada.url


def test_the_printed_address_signs_the_operator_in_and_leaves_no_key_behind(page: Page, live_db: str) -> None:
    digest = hashlib.sha256(b"one-time").hexdigest()
    OneTimeKey.objects.create(digest=digest, expires_at=clock.now() + timedelta(minutes=1))
    page.goto("/welcome/#key=one-time")
    page.wait_for_url("**/t/main/setup/team/")
    expect(page.get_by_role("heading", name="What is your team called?")).to_be_visible()
    page.go_back()
    assert "one-time" not in page.url


def test_a_menu_at_the_edge_stays_on_the_page(ada: Page) -> None:
    ada.goto(f"/t/acme/?{PERIOD}")
    ada.get_by_text("Download").click()
    expect(ada.get_by_role("link", name="JSON")).to_be_visible()
    assert sideways(ada) <= 0
    for width in (360, 1280):
        ada.set_viewport_size({"width": width, "height": 800})
        ada.goto(f"/t/acme/pulls/?{PERIOD}")
        ada.get_by_text("newest first").first.click()
        expect(ada.get_by_role("link", name="oldest first")).to_be_visible()
        assert sideways(ada) <= 0, width


def test_what_waits_opens_its_list(ada: Page) -> None:
    ada.goto(f"/t/acme/pulls/?{PERIOD}&state=open")
    ada.keyboard.press("f")
    ada.get_by_role("link", name="Approved, not merged").click()
    ada.wait_for_url("**waiting=approved**")
    expect(ada.get_by_role("link", name="Remove filter: Approved, not merged")).to_be_visible()
