"""Signing in by way of GitHub, there and back over HTTP; nobody gets into an account by an address alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.socialaccount.providers.github.views import GitHubOAuth2Adapter
from django.core import mail
from django.test import Client

from tformance.accounts import invitations
from tformance.accounts.models import Membership, Role, Team, User
from tformance.faces.web.tests.test_other_sites import PASSWORD, person, who
from tformance.sandbox.tests.conftest import Client as Asking
from tformance.sandbox.tests.conftest import put, running

pytestmark = pytest.mark.django_db

HERE, BACK = "/accounts/github/login/", "http://testserver/accounts/github/login/callback/"
PEOPLE = {
    "bob": {"bob@acme.example": True},
    "eve": {"eve@evil.example": True, "bob@acme.example": False},  # she wrote Bob's address into her account
    "mallory": {"bob@acme.example": False},
    "twin": {"bob@acme.example": True},  # another account of GitHub's that proves the same address
    "hidden": {},
}


@pytest.fixture
def site(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    """A local GitHub with an App of ours; allauth has read its addresses from the settings long before."""
    rows = [
        {
            "id": f"U_{login}",
            "database_id": number,
            "login": login,
            "type": "User",
            "name": login.title(),
            "emails": known,
        }
        for number, (login, known) in enumerate(PEOPLE.items(), 1)
    ]
    put(tmp_path, "users", *rows)
    put(tmp_path, "repositories")
    with running(tmp_path) as (sandbox, asking):
        apps = sandbox.hub.apps
        apps.register({"name": "Sign in", "url": "http://testserver/", "callback_urls": [BACK]}, "bob")
        app = next(iter(apps.apps.values()))
        known = {"client_id": app.client_id, "secret": app.client_secret}
        settings.SOCIALACCOUNT_PROVIDERS = {
            "github": {"APPS": [known], "OAUTH_PKCE_ENABLED": True},
            "openid_connect": {},
        }
        web, api = f"http://127.0.0.1:{asking.port}", f"http://127.0.0.1:{asking.port}/api/v3"
        for name, address in {
            "authorize_url": f"{web}/login/oauth/authorize",
            "access_token_url": f"{web}/login/oauth/access_token",
            "profile_url": f"{api}/user",
            "emails_url": f"{api}/user/emails",
        }.items():
            monkeypatch.setattr(GitHubOAuth2Adapter, name, address)
        yield asking


def going(client: Client, query: str = "") -> dict[str, str]:
    """What the browser takes along to GitHub."""
    page = client.post(HERE + query).content.decode()
    link = page.split('class="btn lg p" href="')[1].split('"')[0].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def approved(site: Asking, login: str, taken: dict[str, str]) -> dict[str, str]:
    """What GitHub sends the browser back with, when this person approves there."""
    form = {name: taken.get(name, "") for name in ("client_id", "redirect_uri", "state", "code_challenge")}
    sent = urlencode({**form, "approve": "yes"}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    _, headers, _ = site.send("POST", f"/login/oauth/authorize?as={login}", sent, **kind)
    assert headers["location"].startswith(BACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(headers["location"]).query).items()}


def come(site: Asking, login: str, client: Client, query: str = "") -> Any:
    return client.get(f"{HERE}callback/", approved(site, login, going(client, query)))


def test_an_invited_person_comes_in_and_back_again(site: Asking, acme: Team) -> None:
    _, token = invitations.invite(person("ada@acme.example"), acme.pk, "bob@acme.example", Role.DEVELOPER)
    client = Client()
    client.post(f"/invitations/{token}/", {"way": "sign_up"})
    assert come(site, "bob", client)["Location"] == "/invitations/"
    client.post("/invitations/")
    bob = Membership.objects.get(team=acme).user
    assert (bob.name, bob.email, bob.has_usable_password()) == ("Bob", "bob@acme.example", False)
    assert SocialAccount.objects.get(user=bob).uid == "1"
    assert not SocialToken.objects.exists()
    again = Client()
    assert come(site, "bob", again)["Location"] == "/"
    assert again.get("/t/acme/").status_code == 200


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("sign_up", ["invited", "open"])
def test_nobody_at_github_gets_into_an_account_by_its_address(
    login: str, sign_up: str, site: Asking, settings: Any, acme: Team
) -> None:
    """Whoever has, proves or only claims the address there: this account was never connected with theirs."""
    settings.SIGN_UP = sign_up
    bob = person()
    Membership.objects.create(team=acme, user=bob, role=Role.ADMIN)
    client = Client()
    come(site, login, client)
    assert who(client) != str(bob.pk)
    assert client.get("/t/acme/").status_code in (302, 404)
    assert not SocialAccount.objects.filter(user=bob).exists()
    assert list(EmailAddress.objects.filter(email="bob@acme.example").values_list("user", flat=True)) == [bob.pk]


@pytest.mark.parametrize("login", PEOPLE)
def test_an_invitation_is_of_no_use_without_its_link(login: str, site: Asking, acme: Team) -> None:
    """The link is what shows that the address is somebody's, here as by a password; the address alone is not."""
    invitations.invite(person("ada@acme.example"), acme.pk, "bob@acme.example", Role.ADMIN)
    client = Client()
    come(site, login, client)
    client.post("/invitations/")
    assert who(client) is None
    assert not Membership.objects.filter(team=acme).exists()


def test_a_link_is_of_no_use_to_whom_github_knows_by_other_addresses(site: Asking, acme: Team) -> None:
    _, token = invitations.invite(person("ada@acme.example"), acme.pk, "bob@acme.example", Role.ADMIN)
    client = Client()
    client.post(f"/invitations/{token}/", {"way": "sign_up"})
    come(site, "hidden", client)
    client.post("/invitations/")
    assert not Membership.objects.filter(team=acme).exists()


def test_an_address_that_is_only_claimed_is_confirmed_before_anybody_is_in(site: Asking, settings: Any) -> None:
    settings.SIGN_UP = "open"
    client = Client()
    come(site, "mallory", client)
    assert who(client) is None
    assert not EmailAddress.objects.filter(verified=True).exists()
    assert all(message.to == ["bob@acme.example"] for message in mail.outbox)


def test_github_is_added_to_an_account_by_its_owner_only(site: Asking) -> None:
    bob = person()
    client = Client()
    client.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    come(site, "twin", client, "?process=connect")
    assert SocialAccount.objects.get().user == bob
    other = Client()
    come(site, "bob", other)
    assert who(other) is None
    assert come(site, "twin", other)["Location"] == "/"
    assert who(other) == str(bob.pk)


@pytest.mark.parametrize("forged", ["state", "code", "verifier", "another browser's state"])
def test_a_forged_way_back_signs_nobody_in(forged: str, site: Asking) -> None:
    """Also not the victim into the attacker's account."""
    SocialAccount.objects.create(user=person(), provider="github", uid="1")
    victim, attacker = Client(), Client()
    taken = going(victim)
    if forged == "another browser's state":
        told = approved(site, "bob", going(attacker))
    elif forged == "verifier":
        told = {**approved(site, "bob", going(attacker)), "state": taken["state"]}
    else:
        told = {**approved(site, "bob", taken), forged: "forged"}
    victim.get(f"{HERE}callback/", told)
    assert who(victim) is None
    assert User.objects.count() == 1


def test_a_code_is_good_once(site: Asking) -> None:
    SocialAccount.objects.create(user=person(), provider="github", uid="1")
    client = Client()
    told = approved(site, "bob", going(client))
    client.get(f"{HERE}callback/", told)
    assert who(client) is not None
    other = Client()
    going(other)
    other.get(f"{HERE}callback/", told)
    assert who(other) is None
