"""Choosing among many repositories, with a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tformance.accounts.models import Team
from tformance.sync import installations
from tformance.sync.tests import github
from tformance.sync.tests.github import Account, GitHub, Token

pytestmark = pytest.mark.browser
MANY = 2_000


@pytest.fixture
def many() -> Iterator[GitHub]:
    with github.served() as world:
        names = tuple(f"acme/service-{number:04}" for number in range(MANY))
        world.accounts[7] = Account("acme", repositories=names, seen_by=("user-ada",))
        world.tokens["user-ada"] = Token("ada")
        world.codes["signs-in"] = "user-ada"
        world.manifests["fresh"] = world.app()
        yield world


def test_repositories_are_found_among_thousands(ada: Page, acme: Team, many: GitHub) -> None:
    app = installations.made(acme.pk, many.url, "fresh", "")
    (made,) = installations.connect(acme.pk, app.id, 7, "signs-in", "verifier", "http://127.0.0.1/back")
    ada.goto(f"/t/acme/connections/{made.id}/repositories/")
    rows = ada.locator("[data-name]")
    assert rows.count() == MANY
    ada.get_by_label("Find a repository").fill("service 0042")
    assert rows.locator("visible=true").count() == 1
    ada.get_by_label("All that are shown").check()
    assert ada.get_by_text("1 shown").is_visible()
