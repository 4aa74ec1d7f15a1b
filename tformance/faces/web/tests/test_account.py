"""The visitor's own account, page by page, and second factors as they are used."""

import base64
import hmac
import re
import struct
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from tformance.accounts.models import Membership, Role, Team, User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
PAGES = [
    "/account/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/3rdparty/",
    "/accounts/sessions/",
    "/accounts/reauthenticate/",
    "/teams/new/",
]
LOOK = ("tformance", "</html>")


@pytest.fixture
def ada(acme: Team) -> User:
    user = User.objects.create_user("ada@acme.example", PASSWORD, name="Ada")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(team=acme, user=user, role=Role.ADMIN)
    return user


@pytest.fixture
def client(ada: User) -> Client:
    """Signed in, and asked for the password once more just now."""
    client = Client()
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def code_of(secret: str, at: float) -> str:
    """What an authenticator app shows (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", int(at) // 30), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def switch_on(client: Client) -> str:
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'<code class="copied">(\w+)</code>', page)
    assert secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret[1], time.time())})
    return secret[1]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_account_is_in_our_look(page: str, client: Client) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'class="brand"' in text
    assert "style=" not in text.split("</head>")[1]
    assert not re.search(r"<script(?![^>]*(src=|application/json))", text)


def test_a_name_is_changed_and_nothing_else_by_the_same_form(client: Client, ada: User) -> None:
    given = {"name": " Ada Lovelace ", "email": "eve@evil.example", "is_superuser": "1", "is_active": "", "id": "1"}
    client.post("/account/", given)
    before = (ada.pk, ada.email, ada.is_superuser, ada.is_active)
    ada.refresh_from_db()
    assert ada.name == "Ada Lovelace"
    assert (ada.pk, ada.email, ada.is_superuser, ada.is_active) == before


def test_an_authenticator_app_is_asked_for_at_the_next_sign_in(client: Client, ada: User) -> None:
    secret = switch_on(client)
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in kept
    other = Client()
    answer = other.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert other.get("/t/acme/").status_code == 302
    assert other.get("/accounts/2fa/authenticate/").status_code == 200
    other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert other.get("/t/acme/").status_code == 302
    other.post("/accounts/2fa/authenticate/", {"code": code_of(secret, time.time() + 30)})
    assert other.get("/t/acme/").status_code == 200


def test_a_recovery_code_signs_in_once(client: Client, ada: User) -> None:
    switch_on(client)
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    codes = re.findall(r"\b\d{8}\b", page)
    assert len(codes) == 10
    assert codes[0] not in str(Authenticator.objects.get(type="recovery_codes").data)
    for allowed in (True, False):
        other = Client()
        other.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
        other.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        assert (other.get("/t/acme/").status_code == 200) is allowed


@pytest.mark.parametrize("page", ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"])
def test_before_a_second_factor_is_changed_the_password_is_asked_for(page: str, ada: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": ada.email, "password": PASSWORD})
    assert client.get(page)["Location"].startswith("/accounts/reauthenticate/")


def test_the_operator_without_a_password_reaches_everything(acme: Team) -> None:
    operator = User.objects.create_user("operator@localhost", name="Operator")
    client = Client()
    client.force_login(operator)
    for page in [page for page in PAGES if page not in ("/accounts/password/change/", "/accounts/reauthenticate/")]:
        assert client.get(page).status_code in (200, 403), page
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    assert client.get("/accounts/password/set/").status_code == 200


def test_an_account_shows_its_teams_and_leaves_one(client: Client, ada: User, other: Team) -> None:
    Membership.objects.create(team=other, user=ada, role=Role.LEAD)
    page = client.get("/account/").content.decode()
    assert "/t/acme/" in page
    assert "/t/other/leave/" in page
    client.post("/t/other/leave/")
    assert client.get("/t/other/").status_code == 404
    client.post("/t/acme/leave/")
    assert "keeps at least one admin" in client.get("/account/").content.decode()
    assert client.get("/t/acme/").status_code == 200


@pytest.mark.parametrize(
    ("sign_up", "role", "may"), [("invited", "lead", False), ("invited", "admin", True), ("open", "lead", True)]
)
def test_who_may_make_a_team(sign_up: str, role: str, may: bool, client: Client, ada: User, settings: Any) -> None:
    settings.SIGN_UP = sign_up
    Membership.objects.filter(user=ada).update(role=role)
    answer = client.post("/teams/new/", {"name": "Acme", "zone": "Asia/Tokyo", "slug": "other", "is_demo": "1"})
    assert (answer.status_code == 302) is may
    if may:
        assert answer["Location"] == "/t/acme-2/setup/"
        assert not Team.objects.get(slug="acme-2").is_demo
        assert client.get("/t/acme-2/settings/").status_code == 200
    else:
        assert answer.status_code == 403
        assert Team.objects.count() == 1


def test_a_team_needs_a_name_and_a_time_zone_that_exists(client: Client) -> None:
    answer = client.post("/teams/new/", {"name": "Acme", "zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "Mars/Olympus is not a time zone" in answer.content.decode()
    assert 'value="Acme"' in answer.content.decode()
