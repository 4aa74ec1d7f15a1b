"""An invited person's way in, second factors and passkeys, as a browser with our content policy does them."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils.text import slugify
from playwright.sync_api import Browser, Page, expect

from tformance.accounts.models import Team
from tformance.faces.web.tests.browser.problems import Problems
from tformance.faces.web.tests.browser.test_access import problems
from tformance.faces.web.tests.test_account import PAGES, code_of

pytestmark = pytest.mark.browser

PASSWORD = "a long password"
SETTINGS = ("/t/acme/tokens/", "/t/acme/settings/", "/t/acme/settings/members/", "/t/acme/settings/audit/")
ENTRANCE = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")


@pytest.fixture
def bob(browser: Browser, live_server: Any) -> Any:
    """Another person's browser, on a telephone."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 390, "height": 800})
    page = context.new_page()
    seen = Problems(page)
    yield page
    context.close()
    assert seen.found == []


def confirm_password(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def shoot(page: Page, name: str) -> None:
    """Pictures to look at, where somebody asks for them."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{slugify(name)}.png", full_page=True)


def test_an_invited_person_comes_in_on_a_telephone(ada: Page, bob: Page) -> None:
    ada.goto("/t/acme/settings/members/")
    ada.get_by_label("E-mail address").fill("bob@acme.example")
    ada.get_by_role("button", name="Make a link").click()
    link = ada.locator("#invitation-link").inner_text()
    shoot(ada, "link")
    bob.goto(link)
    shoot(bob, "invitation")
    bob.get_by_role("button", name="Make an account").click()
    shoot(bob, "sign up")
    bob.get_by_label("Name").fill("Bob")
    bob.get_by_label("Password", exact=True).fill(PASSWORD)
    bob.get_by_label("Password (again)").fill(PASSWORD)
    bob.get_by_role("button", name="Make the account").click()
    bob.get_by_role("button", name="Join Acme").click()
    bob.wait_for_url("**/t/acme/")
    expect(bob.get_by_text("Welcome to Acme.")).to_be_visible()
    ada.goto("/t/acme/settings/members/")
    expect(ada.get_by_role("listitem").filter(has_text="Bob")).to_contain_text("bob@acme.example")


def test_an_authenticator_app_is_set_up_and_used(ada: Page) -> None:
    ada.goto("/account/")
    ada.goto("/accounts/2fa/totp/activate/")
    confirm_password(ada)
    assert ada.locator("img.qr").evaluate("(image) => image.naturalWidth") > 0
    secret = ada.locator("code.copied").inner_text()
    now = ada.evaluate("Date.now()") / 1000
    shoot(ada, "app")
    ada.get_by_label("Authenticator code").fill(code_of(secret, now))
    ada.get_by_role("button", name="Switch it on").click()
    expect(ada.get_by_role("heading", name="Recovery codes")).to_be_visible()
    shoot(ada, "codes")


def test_a_passkey_is_added_and_signs_in(ada: Page) -> None:
    session = ada.context.new_cdp_session(ada)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    ada.goto("/accounts/2fa/webauthn/add/")
    confirm_password(ada)
    shoot(ada, "passkey")
    ada.get_by_label("Passwordless").check()
    ada.get_by_role("button", name="Add it").click()
    expect(ada.get_by_role("heading", name="Recovery codes")).to_be_visible()
    ada.goto("/accounts/logout/")
    ada.get_by_role("button", name="Sign out").click()
    ada.get_by_role("button", name="Use a passkey").click()
    ada.wait_for_url("**/t/acme/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_about_the_account(scheme: Any, ada: Page, bob: Page, acme: Team) -> None:
    found = {}
    for page, addresses in ((ada, (*PAGES, *SETTINGS)), (bob, ENTRANCE)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for address in addresses:
            page.goto(address)
            if "/reauthenticate/" in page.url and address != "/accounts/reauthenticate/":
                confirm_password(page)
            page.wait_for_load_state("networkidle")
            shoot(page, f"{scheme} {address.replace('/', ' ')}")
            found[address] = list(problems(page))
    assert {address: each for address, each in found.items() if each} == {}


@pytest.mark.parametrize("page_address", ["/account/", "/accounts/email/", *SETTINGS])
def test_nothing_is_wider_than_a_telephone(page_address: str, ada: Page) -> None:
    ada.set_viewport_size({"width": 390, "height": 800})
    ada.goto(page_address)
    shoot(ada, f"narrow {page_address.replace('/', ' ')}")
    assert ada.evaluate("document.documentElement.scrollWidth") <= 390
