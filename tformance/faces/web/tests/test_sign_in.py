"""Signing in with a password, and what stands between a stranger and that."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tformance.accounts.models import Membership, Role, Team, User

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(acme: Team) -> User:
    user = User.objects.create_user("ada@acme.example", PASSWORD, name="Ada")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    Membership.objects.create(team=acme, user=user, role=Role.DEVELOPER)
    return user


def sign_in(client: Client, password: str = PASSWORD, email: str = "ada@acme.example", **more: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **more})


def signed_in(client: Client) -> bool:
    return client.get("/t/acme/").status_code == 200


def test_the_right_password_signs_in(ada: User) -> None:
    client = Client()
    assert sign_in(client)["Location"] == "/"
    assert signed_in(client)


@pytest.mark.parametrize(("email", "password"), [("ada@acme.example", "wrong"), ("nobody@acme.example", PASSWORD)])
def test_a_wrong_one_tells_nothing_about_who_has_an_account(email: str, password: str, ada: User) -> None:
    client = Client()
    answer = sign_in(client, password, email)
    assert answer.status_code == 200
    assert "The email address and/or password you specified are not correct" in answer.content.decode()
    assert not signed_in(client)


@pytest.mark.parametrize("backend", ["LocalCache", "NoCache"])
def test_the_sixth_wrong_password_in_a_row_is_refused_and_so_is_the_right_one(
    backend: str, ada: User, settings: Any
) -> None:
    """Also by another process, whose own memory knows of no try: the count stands in the database."""
    kept = {"BACKEND": f"tformance.project.caches.{backend}"}
    settings.CACHES = {**settings.CACHES, "default": {**kept, "LOCATION": "one"}}
    for _ in range(5):
        assert sign_in(Client(), "wrong").status_code == 200
    settings.CACHES = {**settings.CACHES, "default": {**kept, "LOCATION": "other"}}
    for password in ("wrong", PASSWORD):
        client = Client()
        answer = sign_in(client, password)
        assert answer.status_code == 429
        assert answer["Retry-After"] == "300"
        assert "Please wait five minutes" in answer.content.decode()
        assert not signed_in(client)


@pytest.mark.parametrize("name", ["testserver", "localhost", "127.0.0.1"])
def test_the_limit_does_not_depend_on_what_the_server_is_called_by(name: str, ada: User) -> None:
    for _ in range(5):
        sign_in(Client(), "wrong")
    assert sign_in(Client(SERVER_NAME=name), "wrong").status_code == 429
    assert sign_in(Client(), "wrong", " ADA@acme.example").status_code == 429


def test_another_person_elsewhere_is_not_kept_out(ada: User) -> None:
    bob = User.objects.create_user("bob@acme.example", PASSWORD)
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)
    for _ in range(6):
        sign_in(Client(), "wrong")
    assert sign_in(Client(REMOTE_ADDR="10.0.0.9"), email=bob.email).status_code == 302


def test_right_passwords_in_between_do_not_reset_the_count(ada: User) -> None:
    for _ in range(5):
        sign_in(Client(), "wrong")
        cache.clear()
    assert sign_in(Client()).status_code == 429


def test_a_visitor_cannot_write_the_address_they_are_counted_by(ada: User) -> None:
    for number in range(10):
        sign_in(Client(headers={"x-forwarded-for": f"10.0.0.{number}"}), "wrong", f"user{number}@acme.example")
    assert sign_in(Client(headers={"x-forwarded-for": "10.0.1.1"}), "wrong", "x@acme.example").status_code == 429


def test_the_session_gets_another_key_by_signing_in(ada: User) -> None:
    """A key that somebody else planted before is worth nothing afterwards."""
    client = Client()
    client.get(LOGIN)
    client.session.save()
    planted = client.session.session_key
    client.cookies["sessionid"] = planted
    sign_in(client)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/t/acme/").status_code == 302


def test_an_address_that_is_not_confirmed_shows_nothing_of_a_team(ada: User) -> None:
    EmailAddress.objects.update(verified=False)
    client = Client()
    assert sign_in(client)["Location"] == "/accounts/confirm-email/"
    assert not signed_in(client)
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+/)", mail.outbox[0].body)
    assert link
    assert client.get(link[1]).status_code == 200
    assert not EmailAddress.objects.get().verified
    client.post(link[1])
    assert EmailAddress.objects.get().verified
    assert signed_in(client)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "https:evil.example", "/\\evil.example"],
)
def test_signing_in_leads_to_no_other_site(elsewhere: str, ada: User) -> None:
    assert sign_in(Client(), next=elsewhere)["Location"] == "/"
    client = Client()
    client.force_login(ada)
    answer = client.post("/accounts/logout/", {"next": elsewhere})
    assert answer["Location"] == LOGIN


def test_signing_in_leads_back_to_what_was_asked_for(ada: User) -> None:
    assert sign_in(Client(), next="/t/acme/delivery/?period=90d")["Location"] == "/t/acme/delivery/?period=90d"


def test_other_sessions_are_listed_and_ended(ada: User) -> None:
    here, there = Client(), Client(headers={"user-agent": "Another browser"})
    sign_in(here)
    sign_in(there)
    page = here.get("/accounts/sessions/").content.decode()
    assert "Another browser" in page
    assert "this one" in page
    here.post("/accounts/sessions/")
    assert UserSession.objects.count() == 1
    assert signed_in(here)
    assert not signed_in(there)


def test_a_changed_password_ends_other_sessions(ada: User) -> None:
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    new = "another horse battery"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert signed_in(here)
    assert not signed_in(there)


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(ada: User) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": ada.email})
    client.post("/accounts/password/reset/", {"email": "nobody@acme.example"})
    assert [message.to for message in mail.outbox] == [[ada.email]]
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+/)", mail.outbox[0].body)
    assert link
    form = client.get(link[1])["Location"]
    new = "another horse battery"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(Client(), new).status_code == 302
    assert "This link is used or too old" in Client().get(link[1]).content.decode()
