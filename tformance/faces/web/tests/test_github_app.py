"""Making and installing an App from the pages: who may, what is asked, and that no way back can be forged."""

import html
import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.sync import connections
from tformance.sync.models import AppRegistration, Connection, WebhookEndpoint
from tformance.sync.tests import github
from tformance.sync.tests.github import Account, GitHub, Token

BACK = ["/connect/github/made/", "/connect/github/installed/", "/connect/github/signed-in/"]


@pytest.fixture
def world() -> Iterator[GitHub]:
    with github.served() as world:
        world.manifests["fresh"] = world.app()
        world.accounts[7] = Account("acme", repositories=("acme/shop",), seen_by=("user-ada",))
        world.accounts[8] = Account("rival", seen_by=("user-eve",))
        world.tokens["user-ada"] = Token("ada")
        world.codes["ada-signs-in"] = "user-ada"
        yield world


def state_of(address: str) -> str:
    return parse_qs(urlsplit(html.unescape(address)).query)["state"][0]


def begin(client: Client, world: GitHub, **more: str) -> tuple[str, dict[str, object], str]:
    """The form for GitHub: where it goes, its manifest, and the page's content policy."""
    answer = client.post("/t/acme/connections/app/", {"organization": "acme", "api_url": world.url, **more})
    assert answer.status_code == 200
    page = answer.content.decode()
    action = re.search(r'method="post" action="(http[^"]+)"', page)
    manifest = re.search(r'name="manifest" value="([^"]+)"', page)
    assert action
    assert manifest
    policy = answer.headers["Content-Security-Policy"]
    return html.unescape(action[1]), json.loads(html.unescape(manifest[1])), policy


def make(client: Client, world: GitHub) -> str:
    """The state with which GitHub comes back from installing."""
    action, _, _ = begin(client, world)
    answer = client.get("/connect/github/made/", {"code": "fresh", "state": state_of(action)})
    assert answer.status_code == 302
    return state_of(answer.headers["Location"])


def sign_in(client: Client, state: str, installation: int) -> str:
    answer = client.get("/connect/github/installed/", {"installation_id": installation, "state": state})
    assert answer.status_code == 302  # nobody has to press a button between two of GitHub's questions
    going: str = answer["Location"]
    assert "/login/oauth/authorize" in going
    return going


def test_the_form_asks_to_read_only_and_may_go_to_that_github_only(as_role: Visit, world: GitHub) -> None:
    action, manifest, policy = begin(as_role("admin"), world)
    site = world.url.removesuffix("/api/v3")
    assert action.startswith(f"{site}/organizations/acme/settings/apps/new?state=")
    assert set(manifest["default_permissions"].values()) == {"read"}  # type: ignore[attr-defined]
    assert re.search(rf"form-action 'self' {re.escape(site)}(;|$)", policy)


def test_other_pages_may_post_nowhere_else(as_role: Visit) -> None:
    policy = as_role("admin").get("/t/acme/connections/app/").headers["Content-Security-Policy"]
    assert re.search(r"form-action 'self'(;|$)", policy)


def test_a_server_that_github_cannot_reach_gets_an_app_without_messages(as_role: Visit, world: GitHub) -> None:
    client = as_role("admin")
    action, manifest, _ = begin(client, world, is_unreachable="on")
    assert manifest["hook_attributes"]["active"] is False  # type: ignore[index]
    client.get("/connect/github/made/", {"code": "fresh", "state": state_of(action)})
    assert AppRegistration.objects.get().endpoint is None


def test_the_address_for_messages_is_the_one_that_the_form_named(as_role: Visit, world: GitHub) -> None:
    client = as_role("admin")
    action, manifest, _ = begin(client, world)
    client.get("/connect/github/made/", {"code": "fresh", "state": state_of(action)})
    assert str(WebhookEndpoint.objects.get().pk) in manifest["hook_attributes"]["url"]  # type: ignore[index]


def test_from_the_form_to_the_choice_of_repositories(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    going = sign_in(client, make(client, world), 7)
    answer = client.get("/connect/github/signed-in/", {"code": "ada-signs-in", "state": state_of(going)})
    (made,) = connections.connected(acme.pk)
    assert answer.headers["Location"] == f"/t/acme/connections/{made.id}/repositories/"
    assert b"acme/shop" in client.get(answer.headers["Location"]).content


def test_the_number_of_anothers_installation_connects_nothing(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    going = sign_in(client, make(client, world), 8)
    answer = client.get("/connect/github/signed-in/", {"code": "ada-signs-in", "state": state_of(going)}, follow=True)
    assert b"has no say in this installation" in answer.content
    with tenant(acme.pk):
        assert not Connection.objects.exists()


def test_a_way_back_works_once(as_role: Visit, world: GitHub) -> None:
    client = as_role("admin")
    action, _, _ = begin(client, world)
    back = {"code": "fresh", "state": state_of(action)}
    assert client.get("/connect/github/made/", back).status_code == 302
    assert client.get("/connect/github/made/", back).status_code == 400
    assert AppRegistration.objects.count() == 1


def test_a_way_back_works_only_for_the_step_it_was_begun_for(as_role: Visit, world: GitHub) -> None:
    client = as_role("admin")
    action, _, _ = begin(client, world)
    assert client.get("/connect/github/installed/", {"state": state_of(action)}).status_code == 400


def test_a_way_back_works_only_in_the_browser_that_began(as_role: Visit, world: GitHub) -> None:
    action, _, _ = begin(as_role("admin"), world)
    stranger = as_role("stranger")
    assert stranger.get("/connect/github/made/", {"code": "fresh", "state": state_of(action)}).status_code == 400
    assert not AppRegistration.objects.exists()


@pytest.mark.parametrize("address", BACK)
def test_nobody_comes_back_without_having_begun(address: str, as_role: Visit, db: None) -> None:
    assert as_role("admin").get(address).status_code == 400
    assert as_role("developer").get(address, {"state": "guess"}).status_code == 400
    assert Client().get(address, {"state": "guess"}).status_code == 400
    assert Client().post(address).status_code == 405


@pytest.mark.parametrize("what", ["install", "find"])
def test_an_app_is_used_by_posts_of_its_own_team_only(what: str, as_role: Visit, world: GitHub, other: Team) -> None:
    client = as_role("admin")
    make(client, world)
    app = AppRegistration.objects.get().pk
    assert client.post(f"/t/acme/connections/app/{app}/{what}/").status_code == 200
    assert client.get(f"/t/acme/connections/app/{app}/{what}/").status_code == 405
    assert as_role("developer").post(f"/t/acme/connections/app/{app}/{what}/").status_code == 403
    assert as_role("stranger").post(f"/t/acme/connections/app/{app}/{what}/").status_code == 404
