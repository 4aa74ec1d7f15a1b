"""Consent by OAuth: only where it is set up, with what it allows said first, and for whoever began it only."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import Reconnect
from tformance.faces.web.tests.conftest import Visit
from tformance.sandbox.tests.conftest import put, receiving, running
from tformance.sandbox.tests.test_apps import Made
from tformance.sync import connections, credentials
from tformance.sync.credentials import Grant, credential_for
from tformance.sync.models import Connection

ASK, BACK = "/t/acme/connections/oauth/", "/connect/github/consented/"
ISO = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class GitHub:
    """A local GitHub with an OAuth client whose people are asked."""

    url: str
    made: Made

    def approve(self, going: str, **more: str) -> dict[str, str]:
        """What the person's browser brings back after they said yes there."""
        asked = dict(parse_qsl(urlsplit(going).query))
        _, headers, _ = self.made.form("/login/oauth/authorize", **(asked | {"approve": "yes"} | more))
        return dict(parse_qsl(urlsplit(headers["location"]).query))


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> Iterator[GitHub]:
    folder = tmp_path / "organisation"
    put(folder, "users", {"id": "U1", "login": "ada", "type": "User"})
    put(
        folder,
        "repositories",
        {"id": "R1", "name_with_owner": "ada/shop", "created_at": ISO, "updated_at": ISO, "pushed_at": ISO},
    )
    with receiving() as receiver, running(folder) as (sandbox, client):
        made = Made(sandbox, client, receiver, callback_urls=[f"http://testserver{BACK}"])
        settings.GITHUB_OAUTH_CLIENT_ID = made.secrets["client_id"]
        settings.GITHUB_OAUTH_CLIENT_SECRET = made.secrets["client_secret"]
        settings.GITHUB_OAUTH_API_URL = f"http://127.0.0.1:{client.port}"
        yield GitHub(settings.GITHUB_OAUTH_API_URL, made)


def begin(client: Client, ask: str = ASK) -> str:
    """GitHub's address that the page leads to."""
    page = client.post(ask).content.decode()
    going = re.search(r'href="([^"]+/login/oauth/authorize[^"]+)"', page)
    assert going
    return html.unescape(going[1])


def stored(team: Team) -> Connection:
    with tenant(team.pk):
        connection: Connection = Connection.objects.get()
    return connection


def test_it_stands_last_and_says_that_it_may_write(as_role: Visit, world: GitHub) -> None:
    client = as_role("admin")
    ways = client.get("/t/acme/connections/new/").content.decode()
    assert ways.index("A GitHub App of your own") < ways.index("A fine-grained token") < ways.index("Consent by OAuth")
    assert "write access to all your code" in client.get(ASK).content.decode()


def test_where_it_is_not_set_up_one_line_says_how(as_role: Visit) -> None:
    client = as_role("admin")
    ways = client.get("/t/acme/connections/new/").content.decode()
    assert "GITHUB_OAUTH_CLIENT_ID and GITHUB_OAUTH_CLIENT_SECRET" in ways
    assert ASK not in ways
    assert client.post(ASK).headers["Location"] == "/t/acme/connections/new/"


def test_github_is_asked_for_these_scopes_with_a_proof(as_role: Visit, world: GitHub) -> None:
    asked = dict(parse_qsl(urlsplit(begin(as_role("admin"))).query))
    assert asked["scope"] == "repo read:org"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://testserver{BACK}"


def test_from_the_question_to_the_choice_of_repositories(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    answer = client.get(BACK, world.approve(begin(client)))
    (made,) = connections.connected(acme.pk)
    assert (made.kind, made.account, made.api_url) == ("oauth", "ada", world.url)
    assert answer.headers["Location"] == f"/t/acme/connections/{made.id}/repositories/"
    assert b"ghu_" not in bytes(stored(acme).secret)
    assert credential_for(stored(acme), "reading")().startswith("ghu_")


def test_consenting_again_goes_on_with_the_same_connection(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    client.get(BACK, world.approve(begin(client)))
    first = stored(acme)
    with tenant(acme.pk):
        connections.stop(first, Connection.Problem.REVOKED, "The consent was withdrawn")
    client.get(BACK, world.approve(begin(client)))
    again = stored(acme)
    assert (again.pk, again.state, again.problem) == (first.pk, "active", "")


def test_a_consent_is_renewed_before_it_ends(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    client.get(BACK, world.approve(begin(client)))
    first = credential_for(stored(acme), "reading")()
    held = json.loads(settings.KEY_RING.open(bytes(stored(acme).secret)))
    with tenant(acme.pk):
        ended = Grant(first, now() + timedelta(minutes=1), held["refresh"])
        Connection.objects.update(secret=credentials.sealed_grant(ended))
    second = credential_for(stored(acme), "reading")()
    assert second.startswith("ghu_")
    assert second != first
    assert credential_for(stored(acme), "reading")() == second


def test_a_consent_that_cannot_be_renewed_asks_for_another(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    client.get(BACK, world.approve(begin(client)))
    with tenant(acme.pk):
        Connection.objects.update(secret=credentials.sealed_grant(Grant("ghu_old", now(), "ghr_used")))
    with pytest.raises(Reconnect) as refused:
        credential_for(stored(acme), "reading")()
    assert refused.value.problem == "expired"


def test_a_forged_state_or_code_connects_nothing(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    back = world.approve(begin(client))
    assert client.get(BACK, back | {"state": "guess"}).status_code == 400
    answer = client.get(BACK, {"state": back["state"], "code": "guess"}, follow=True)
    assert b"GitHub could not be connected" in answer.content
    assert connections.connected(acme.pk) == ()


def test_a_code_of_another_browser_is_worth_nothing_here(as_role: Visit, world: GitHub, acme: Team) -> None:
    """Whoever plants their own code in another's way back would connect their account to that team."""
    planted = world.approve(begin(as_role("stranger"), "/t/other/connections/oauth/"))
    client = as_role("admin")
    own = parse_qs(urlsplit(begin(client)).query)["state"][0]
    client.get(BACK, {"state": own, "code": planted["code"]})
    assert connections.connected(acme.pk) == ()


def test_a_way_back_works_once_and_for_its_step_only(as_role: Visit, world: GitHub) -> None:
    client = as_role("admin")
    back = world.approve(begin(client))
    assert client.get(BACK, back).status_code == 302
    assert client.get(BACK, back).status_code == 400
    other = world.approve(begin(client))
    assert client.get("/connect/github/signed-in/", other).status_code == 400


def test_who_says_no_at_github_has_connected_nothing(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    back = world.approve(begin(client), approve="no")
    assert b"Nothing was connected" in client.get(BACK, back, follow=True).content
    assert connections.connected(acme.pk) == ()


@pytest.mark.parametrize(("role", "status"), [("developer", 403), ("lead", 403), ("stranger", 404), ("admin", 200)])
def test_only_admins_of_the_team_are_asked(role: str, status: int, as_role: Visit, world: GitHub) -> None:
    client = as_role(role)
    assert client.get(ASK).status_code == status
    assert client.post(ASK).status_code == status


def test_whoever_is_not_signed_in_is_sent_to_the_door(acme: Team, world: GitHub) -> None:
    assert Client().get(ASK).headers["Location"].startswith("/accounts/login/")
    assert Client().get(BACK, {"state": "guess"}).status_code == 400
    assert Client().post(BACK).status_code == 405


def test_who_lost_their_role_meanwhile_connects_nothing(as_role: Visit, world: GitHub, acme: Team) -> None:
    client = as_role("admin")
    back = world.approve(begin(client))
    acme.memberships.update(role="developer")
    assert client.get(BACK, back).status_code == 403
    assert connections.connected(acme.pk) == ()
