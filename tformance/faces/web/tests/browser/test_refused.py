"""What somebody is shown who asks for numbers that are not theirs to see, in a browser."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tformance.accounts.models import Membership, Role, Team
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.browser.conftest import sign_in
from tformance.faces.web.tests.browser.test_use import PERIOD
from tformance.facts.models.people import Actor

pytestmark = pytest.mark.browser


def test_a_part_of_a_page_that_is_refused_says_why_in_its_place(browser: Browser, live_server: Any, acme: Team) -> None:
    """Its address is changed on the way; the console tells of the refusal, which is why this page is not watched."""
    Membership.objects.update(role=Role.DEVELOPER)
    with tenant(acme.pk):
        foreign = Actor.everything.get(login="grace").pk
    page = browser.new_context(base_url=live_server.url).new_page()

    def naming_somebody(route: Route) -> None:
        route.continue_(url=f"{route.request.url}&author={foreign}")

    page.route("**/review/threads/?*", naming_somebody)
    sign_in(page)
    page.wait_for_url("**/t/acme/")
    page.goto(f"/t/acme/review/?{PERIOD}")
    expect(page.get_by_role("heading", name="These numbers are not yours to see")).to_be_visible()
    expect(page.get_by_role("heading", name="Whose review is waited for right now")).to_be_visible()
    page.get_by_role("link", name="Who sees what").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What can others see about me?")
    page.context.close()
