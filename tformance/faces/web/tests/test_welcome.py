import hashlib
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from tformance.accounts.models import Membership, OneTimeKey, Role, User
from tformance.core import clock

pytestmark = pytest.mark.django_db


def key(valid_for: timedelta = timedelta(minutes=10)) -> str:
    OneTimeKey.objects.create(digest=hashlib.sha256(b"key").hexdigest(), expires_at=clock.now() + valid_for)
    return "key"


def test_the_key_signs_the_operator_in_as_admin_of_a_first_team() -> None:
    client = Client()
    assert client.post("/welcome/", {"key": key()})["Location"] == "/"
    membership = Membership.objects.get()
    assert membership.role == Role.ADMIN
    assert client.session["_auth_user_id"] == str(membership.user_id)
    assert client.get("/")["Location"] == f"/t/{membership.team.slug}/setup/"


def test_a_key_works_once() -> None:
    secret = key()
    assert Client().post("/welcome/", {"key": secret}).status_code == 302
    answer = Client().post("/welcome/", {"key": secret})
    assert answer.status_code == 403
    assert "./run login" in answer.content.decode()


def test_an_old_key_is_refused() -> None:
    assert Client().post("/welcome/", {"key": key(-timedelta(seconds=1))}).status_code == 403


@pytest.mark.parametrize("wrong", ["", "other"])
def test_a_wrong_key_signs_nobody_in(wrong: str) -> None:
    key()
    assert Client().post("/welcome/", {"key": wrong}).status_code == 403
    assert not User.objects.exists()


def test_reading_the_page_uses_no_key() -> None:
    secret = key()
    assert Client().get("/welcome/", {"key": secret}).status_code == 200
    assert OneTimeKey.objects.get().used_at is None


def test_nobody_signs_themselves_up() -> None:
    answer = Client().post(
        "/accounts/signup/", {"email": "eve@evil.example", "password1": "x" * 12, "password2": "x" * 12}
    )
    assert "by invitation" in answer.content.decode()
    assert not User.objects.exists()


def test_the_key_begins_a_new_session_that_is_listed() -> None:
    client = Client()
    client.post("/theme/")
    client.session.save()
    before = client.session.session_key
    client.post("/welcome/", {"key": key()})
    assert client.session.session_key != before
    assert UserSession.objects.get().session_key == client.session.session_key


def test_the_theme_is_switched_without_scripts_and_never_leads_elsewhere() -> None:
    client = Client()
    answer = client.post("/theme/", headers={"referer": "https://evil.example/"})
    assert answer["Location"] == "/"
    assert client.cookies["theme"].value == "tformance-dark"
    assert 'data-theme="tformance-dark"' in client.get("/welcome/").content.decode()
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get("/welcome/").content.decode().split("</head>")[0].split("data-theme")[0]
