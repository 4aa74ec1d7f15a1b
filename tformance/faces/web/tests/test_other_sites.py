"""Signing in by way of GitHub or an OpenID Connect provider: nobody gets into an account that is not theirs."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client

from tformance.accounts import invitations
from tformance.accounts.models import Membership, Role, Team, User

pytestmark = pytest.mark.django_db

LOGIN, PASSWORD = "/accounts/oidc/oidc/login/", "correct horse battery"


class Provider:
    """An OpenID Connect provider on this machine that tells whatever `claims` says."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "1", "name": "Bob", "email": "bob@acme.example", "email_verified": True}
        provider = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.tell(provider.document if "well-known" in self.path else provider.claims)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.tell({"access_token": "secret-token", "token_type": "bearer"})

            def tell(self, document: dict[str, Any]) -> None:
                body = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def document(self) -> dict[str, Any]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "me"}
        return {"issuer": self.address, **{name: f"{self.address}/{end}" for name, end in ends.items()}}


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    provider = Provider()
    app = {"provider_id": "oidc", "name": "Acme SSO", "client_id": "us", "secret": "s"}
    app["settings"] = {"server_url": provider.address}
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {}, "openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    yield provider
    provider.server.shutdown()
    provider.server.server_close()


def person(email: str = "bob@acme.example") -> User:
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def going(client: Client, query: str = "") -> dict[str, str]:
    """What the browser takes along to the provider."""
    page = client.post(LOGIN + query)
    assert page.status_code == 200
    link = page.content.decode().split('class="btn lg p" href="')[1].split('"')[0].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}


def come(client: Client, query: str = "") -> Any:
    """There and back again."""
    return client.get(f"{LOGIN}callback/", {"code": "c", "state": going(client, query)["state"]})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_what_is_not_set_up_is_not_offered() -> None:
    assert "Go on with" not in Client().get("/accounts/login/").content.decode()
    for page in ("/accounts/github/login/", "/accounts/github/login/callback/", LOGIN, f"{LOGIN}callback/"):
        assert Client().get(page).status_code == 404


def test_what_is_set_up_is_offered_and_begun_by_a_form_only(provider: Provider) -> None:
    client = Client()
    assert "Go on with Acme SSO" in client.get("/accounts/login/").content.decode()
    assert "Sign in with Acme SSO?" in client.get(LOGIN).content.decode()
    taken = going(client)
    assert taken["code_challenge_method"] == "S256"
    assert taken["redirect_uri"] == "http://testserver/accounts/oidc/oidc/login/callback/"


def test_by_invitation_a_new_person_comes_in(provider: Provider, acme: Team) -> None:
    ada = person("ada@acme.example")
    _, token = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    client = Client()
    client.post(f"/invitations/{token}/", {"way": "sign_up"})
    assert come(client)["Location"] == "/invitations/"
    client.post("/invitations/")
    bob = Membership.objects.get(team=acme).user
    assert (bob.name, bob.email, bob.has_usable_password()) == ("Bob", "bob@acme.example", False)
    assert come(Client())["Location"] == "/"
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize("sign_up", ["invited", "open"])
def test_an_invitation_puts_no_foreign_address_into_an_account(
    sign_up: str, provider: Provider, acme: Team, settings: Any
) -> None:
    """Who sends somebody an invitation for an address of their own could ask for a new password by it."""
    settings.SIGN_UP = sign_up
    ada = person("ada@acme.example")
    _, token = invitations.invite(ada, acme.pk, "mallory@evil.example", Role.LEAD)
    client = Client()
    client.post(f"/invitations/{token}/", {"way": "sign_up"})
    come(client)
    client.post("/invitations/")
    assert not EmailAddress.objects.filter(email="mallory@evil.example").exists()
    assert not Membership.objects.filter(team=acme).exists()
    assert User.objects.filter(email="bob@acme.example").exists() is (sign_up == "open")


def test_without_an_invitation_nobody_new_comes_in(provider: Provider) -> None:
    client = Client()
    assert "Accounts are by invitation" in come(client).content.decode()
    assert not User.objects.exists()
    assert who(client) is None


@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("sign_up", ["invited", "open"])
def test_an_address_alone_opens_nobodys_account(
    sign_up: str, verified: bool, provider: Provider, settings: Any
) -> None:
    """The provider says it is Bob's address; Bob's account here has never been connected with it."""
    settings.SIGN_UP = sign_up
    bob = person()
    provider.claims["email_verified"] = verified
    client = Client()
    come(client)
    assert who(client) is None
    assert not SocialAccount.objects.exists()
    assert list(User.objects.all()) == [bob]


def test_an_address_that_the_provider_has_not_checked_is_confirmed_first(provider: Provider, settings: Any) -> None:
    settings.SIGN_UP = "open"
    provider.claims["email_verified"] = False
    client = Client()
    assert come(client)["Location"] == "/accounts/confirm-email/"
    assert who(client) is None
    assert mail.outbox[0].to == ["bob@acme.example"]


def test_whoever_is_signed_in_adds_the_site_and_signs_in_by_it(provider: Provider) -> None:
    bob = person()
    client = Client()
    client.post("/accounts/login/", {"login": bob.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    come(client, "?process=connect")
    assert SocialAccount.objects.get().user == bob
    assert "oidc, since" in client.get("/accounts/3rdparty/").content.decode()
    other = Client()
    assert come(other)["Location"] == "/"
    assert who(other) == str(bob.pk)


def test_a_site_that_is_anothers_already_is_not_added(provider: Provider) -> None:
    mallory, bob = person("mallory@evil.example"), person()
    SocialAccount.objects.create(user=bob, provider="oidc", uid="1")
    client = Client()
    client.post("/accounts/login/", {"login": mallory.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    come(client, "?process=connect")
    assert SocialAccount.objects.get().user == bob


@pytest.mark.parametrize("state", ["", "forged", "another's"])
def test_an_answer_that_this_browser_did_not_ask_for_is_refused(state: str, provider: Provider) -> None:
    bob = person()
    SocialAccount.objects.create(user=bob, provider="oidc", uid="1")
    if state == "another's":
        state = going(Client())["state"]
    client = Client()
    going(client)
    answer = client.get(f"{LOGIN}callback/", {"code": "c", "state": state})
    assert "did not sign you in" in answer.content.decode()
    assert who(client) is None


def test_an_answer_is_good_once(provider: Provider) -> None:
    person()
    client = Client()
    state = going(client)["state"]
    for text in ("by invitation", "did not sign you in"):
        assert text in client.get(f"{LOGIN}callback/", {"code": "c", "state": state}).content.decode()


def test_who_says_no_is_told_that_nothing_was_done(provider: Provider) -> None:
    client = Client()
    state = going(client)["state"]
    answer = client.get(f"{LOGIN}callback/", {"error": "access_denied", "state": state}, follow=True)
    assert "Nothing was done" in answer.content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example"])
def test_it_leads_to_no_third_site(elsewhere: str, provider: Provider) -> None:
    SocialAccount.objects.create(user=person(), provider="oidc", uid="1")
    assert come(Client(), f"?next={elsewhere}")["Location"] == "/"
