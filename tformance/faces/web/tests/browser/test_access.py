"""Every page for people who do not see well or use no mouse, by the rules of axe and by the keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tformance.accounts.models import Team
from tformance.faces.web.tests.browser.test_use import PERIOD
from tformance.faces.web.tests.test_boards import deploy, life
from tformance.faces.web.tests.test_door import ADMIN_PAGES, FORMS, PAGES
from tformance.faces.web.tests.test_pages import add
from tformance.facts import testing

pytestmark = pytest.mark.browser

AXE = settings.FRONTEND_DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
HTML = [address for address in (*PAGES, *ADMIN_PAGES, *FORMS) if "." not in address and not address.endswith("/live/")]
FIND = """async () => (await axe.run()).violations.map(
    found => ({impact: found.impact, rule: found.id, nodes: found.nodes.map(node => node.html.slice(0, 160))}))"""
FOCUS = """() => { const on = document.activeElement, around = on.matches('input') ? on.closest('label') : null
    const seen = [on, around].filter(Boolean).map((part) => getComputedStyle(part))
        .some((style) => style.outlineStyle !== 'none' && style.outlineWidth !== '0px')
    return {tag: on.tagName, words: (on.ariaLabel || on.innerText || on.name || '').trim(), seen} }"""
MOST_STOPS = 60


@pytest.fixture
def full(acme: Team, ada: Page) -> Page:
    """A browser of a team that has something of everything."""
    for key in range(100, 112):
        add(acme, 1, first=key, **life(key))
    testing.write(acme, testing.page(*(testing.open_pull_request(400 + key) for key in range(3))))
    for key in range(6):
        deploy(acme, key + 1, 9 + key, 100 + key)
    return ada


def open_page(page: Page, address: str) -> None:
    answer = page.goto(f"{address}?{PERIOD}")
    assert answer
    assert answer.ok, address


def problems(page: Page) -> Iterator[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(AXE.read_text())
    for found in page.evaluate(FIND):
        if found["impact"] in SERIOUS:
            yield f"{found['rule']}: {found['nodes'][:3]}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_page(scheme: Any, full: Page) -> None:
    full.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = {}
    for address in HTML:
        open_page(full, address)
        full.wait_for_load_state("networkidle")
        found[address] = list(problems(full))
    assert {address: each for address, each in found.items() if each} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_what_opens_on_a_page(scheme: Any, full: Page) -> None:
    full.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    full.goto(f"/t/acme/?{PERIOD}")
    full.wait_for_load_state("networkidle")
    full.get_by_role("link", name="Explain: Cycle time").click()
    expect(full.get_by_role("dialog", name="Explain this number")).to_be_visible()
    found = list(problems(full))
    full.keyboard.press("Escape")
    full.keyboard.press("?")
    expect(full.get_by_role("dialog", name="Keys")).to_be_visible()
    found += problems(full)
    full.keyboard.press("Escape")
    full.keyboard.press("t")
    found += problems(full)
    full.goto(f"/t/acme/pulls/?{PERIOD}")
    full.keyboard.press("f")
    expect(full.get_by_role("link", name="no sign of AI")).to_be_visible()
    found += problems(full)
    assert found == []


def stops(page: Page) -> list[str]:
    """Where the tab key leads from the top of the page to its end; each stop can be seen."""
    reached = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["tag"] == "BODY":
            break
        assert stop["seen"], stop
        reached.append(stop["words"])
    return reached


def test_the_tab_key_reaches_the_content_of_every_page_and_shows_where_it_is(full: Page) -> None:
    for address in HTML:
        open_page(full, address)
        full.wait_for_load_state("networkidle")
        reached = stops(full)
        assert reached[:1] == ["Skip to content"], address
        assert {"Overview", "Pull requests", "Connections"} <= set(reached), address
        assert full.get_by_role("heading", level=1).count() == 1, address


def test_a_skip_leads_past_the_navigation(full: Page) -> None:
    full.goto(f"/t/acme/delivery/?{PERIOD}")
    full.keyboard.press("Tab")
    full.keyboard.press("Enter")
    expect(full.locator("#content")).to_be_focused()
    full.keyboard.press("Tab")
    assert "Explain" in full.evaluate(FOCUS)["words"] or full.evaluate(FOCUS)["tag"] == "A"


@pytest.mark.parametrize(("address", "words"), [("/t/acme/", "Download"), ("/t/acme/pulls/", "newest first")])
def test_a_menu_opens_and_closes_by_keys_and_gives_the_focus_back(address: str, words: str, full: Page) -> None:
    open_page(full, address)
    menu = full.locator("details.choice", has_text=words).first
    menu.locator("summary").focus()
    full.keyboard.press("Enter")
    expect(menu.get_by_role("link").first).to_be_visible()
    full.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    full.keyboard.press("Escape")
    expect(menu.get_by_role("link").first).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_a_menu_of_many_is_found_in_and_chosen_from_by_keys(full: Page, acme: Team) -> None:
    for key in range(60):
        repository = testing.repository(f"acme/r{key:02}", provider_id=5000 + key, node_id=f"R_{5000 + key}")
        testing.write(acme, testing.page(testing.pull_request(2000 + key), repository=repository))
    open_page(full, "/t/acme/delivery/")
    menu = full.locator("details.choice", has_text="repositories").first
    menu.locator("summary").focus()
    full.keyboard.press("Enter")
    expect(menu.get_by_role("searchbox")).to_be_focused()
    assert list(problems(full)) == []
    full.keyboard.type("r07")
    expect(menu.get_by_role("link")).to_have_text(["acme/r07"])
    full.keyboard.press("Tab")
    full.keyboard.press("Enter")
    full.wait_for_url("**/t/acme/delivery/?**repository=**")
    expect(full.locator("details.choice", has_text="acme/r07").first).to_be_visible()
