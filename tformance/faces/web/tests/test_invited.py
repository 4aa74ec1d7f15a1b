"""Coming into a team by an invitation, as browsers do it, and as thieves would."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tformance.accounts import invitations
from tformance.accounts.models import Invitation, Membership, Role, Team, User
from tformance.faces.web.tests.conftest import Visit

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
SIGN_UP = "/accounts/signup/"
MEMBERS = "/t/acme/settings/members/"


@pytest.fixture
def token(acme: Team) -> str:
    ada = User.objects.create_user("ada@acme.example", name="Ada")
    Membership.objects.create(team=acme, user=ada, role=Role.ADMIN)
    return invitations.invite(ada, acme.pk, "bob@acme.example", Role.DEVELOPER)[1]


def person(email: str, *, verified: bool = True) -> Client:
    user = User.objects.create_user(email, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    client = Client()
    client.force_login(user)
    return client


def sign_up(client: Client, email: str = "bob@acme.example", **more: str) -> Any:
    return client.post(SIGN_UP, {"name": "Bob", "email": email, "password1": PASSWORD, "password2": PASSWORD, **more})


def members(team: Team) -> dict[str, str]:
    return dict(Membership.objects.filter(team=team).values_list("user__email", "role"))


def test_a_new_person_comes_in_by_the_link(token: str, acme: Team) -> None:
    client = Client()
    assert "Ada invites bob@acme.example" in client.get(f"/invitations/{token}/").content.decode()
    assert client.post(f"/invitations/{token}/", {"way": "sign_up"})["Location"] == SIGN_UP
    assert 'value="bob@acme.example"' in client.get(SIGN_UP).content.decode()
    assert sign_up(client)["Location"] == "/invitations/"
    assert "Join Acme" in client.get("/invitations/").content.decode()
    assert members(acme) == {"ada@acme.example": "admin"}
    assert client.post("/invitations/")["Location"] == "/t/acme/"
    assert members(acme)["bob@acme.example"] == "developer"
    assert client.get("/t/acme/").status_code == 200


def test_somebody_with_an_account_comes_in_by_the_link(token: str, acme: Team) -> None:
    person("bob@acme.example")
    client = Client()
    assert client.post(f"/invitations/{token}/", {"way": "sign_in"})["Location"] == "/accounts/login/"
    login = {"login": "bob@acme.example", "password": PASSWORD}
    assert client.post("/accounts/login/", login)["Location"] == "/invitations/"
    client.post("/invitations/")
    assert members(acme)["bob@acme.example"] == "developer"


def test_looking_at_an_invitation_uses_nothing(token: str, acme: Team) -> None:
    bob = person("bob@acme.example")
    for page in (f"/invitations/{token}/", "/invitations/"):
        bob.get(page)
    assert Invitation.objects.get().accepted_at is None
    assert "bob@acme.example" not in members(acme)


def test_an_invitation_is_used_up(token: str, acme: Team) -> None:
    bob = person("bob@acme.example")
    assert bob.post(f"/invitations/{token}/").status_code == 302
    again = bob.post(f"/invitations/{token}/")
    assert again.status_code == 410
    assert "not open any more" in again.content.decode()


def test_an_invitation_is_of_no_use_to_others(token: str, acme: Team) -> None:
    mallory = person("mallory@evil.example")
    answer = mallory.post(f"/invitations/{token}/")
    assert answer.status_code == 403
    assert "This invitation is for bob@acme.example" in answer.content.decode()
    assert "mallory@evil.example" not in members(acme)
    assert mallory.get("/t/acme/").status_code == 404
    assert Invitation.objects.get().accepted_at is None


def test_nobody_signs_up_with_another_address_than_the_invited_one(token: str, acme: Team) -> None:
    client = Client()
    client.post(f"/invitations/{token}/", {"way": "sign_up"})
    answer = sign_up(client, "mallory@evil.example")
    assert "This invitation is for bob@acme.example" in answer.content.decode()
    assert not User.objects.filter(email="mallory@evil.example").exists()


def test_a_guessed_link_leads_nowhere(token: str) -> None:
    for guess in ("x", token[:-1], token + "x", str(Invitation.objects.get().pk), Invitation.objects.get().digest):
        assert Client().get(f"/invitations/{guess}/").status_code == 410
        client = Client()
        client.post(f"/invitations/{guess}/", {"way": "sign_up"})
        assert "by invitation" in client.get(SIGN_UP).content.decode()


def test_taken_back_while_somebody_signs_up_it_opens_nothing(token: str, acme: Team) -> None:
    client = Client()
    client.post(f"/invitations/{token}/", {"way": "sign_up"})
    invitation = Invitation.objects.get()
    assert invitation.invited_by
    invitations.revoke(invitation.invited_by, acme.pk, invitation.pk)
    assert "by invitation" in sign_up(client).content.decode()
    assert not User.objects.filter(email="bob@acme.example").exists()


def test_what_else_a_form_says_is_not_believed(token: str, acme: Team, other: Team) -> None:
    """Team, role, state and user come from the invitation alone."""
    wishes = {
        "role": "admin",
        "team": str(other.pk),
        "team_id": str(other.pk),
        "accepted": "1",
        "accepted_at": "2026-01-01",
        "user": "1",
        "is_superuser": "1",
        "is_staff": "1",
        "next": "/t/other/",
    }
    client = Client()
    client.post(f"/invitations/{token}/", {"way": "sign_up", **wishes})
    sign_up(client, **wishes)
    client.post("/invitations/", wishes)
    bob = User.objects.get(email="bob@acme.example")
    assert list(bob.memberships.values_list("team__slug", "role")) == [("acme", "developer")]
    assert not bob.is_superuser
    assert client.get("/t/other/").status_code == 404


def test_where_anybody_may_sign_up_the_address_is_confirmed_first(acme: Team, settings: Any) -> None:
    assert "Make an account" not in Client().get("/accounts/login/").content.decode()
    settings.SIGN_UP = "open"
    client = Client()
    assert "Make an account" in client.get("/accounts/login/").content.decode()
    assert sign_up(client, "eve@shop.example")["Location"] == "/accounts/confirm-email/"
    assert client.get("/account/").status_code == 302
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+/)", mail.outbox[0].body)
    assert link
    client.post(link[1])
    assert "You are in no team yet" in client.get("/").content.decode()
    assert client.get("/t/acme/").status_code == 404


def test_somebody_elses_account_is_not_made_again(acme: Team, settings: Any) -> None:
    settings.SIGN_UP = "open"
    person("eve@shop.example")
    answer = sign_up(Client(), "eve@shop.example")
    assert answer["Location"] == "/accounts/confirm-email/"
    assert User.objects.filter(email="eve@shop.example").count() == 1
    assert mail.outbox[0].to == ["eve@shop.example"]


def test_forms_of_other_sites_accept_nothing(token: str, acme: Team) -> None:
    person("bob@acme.example")
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(email="bob@acme.example"))
    assert client.post(f"/invitations/{token}/").status_code == 403
    assert "bob@acme.example" not in members(acme)


class TestInviting:
    def invite(self, client: Client, **given: str) -> Any:
        return client.post(MEMBERS, {"email": "bob@acme.example", "role": "lead", **given})

    def test_without_a_mail_server_the_link_is_shown_once(self, as_role: Visit) -> None:
        client = as_role("admin")
        page = self.invite(client).content.decode()
        link = re.search(r"http://testserver(/invitations/\S+/)</code>", page)
        assert link
        assert Client().get(link[1]).status_code == 200
        assert link[1] not in client.get(MEMBERS).content.decode()
        assert not mail.outbox

    def test_with_one_it_is_mailed_and_not_shown(self, as_role: Visit, settings: Any) -> None:
        settings.EMAIL_HOST = "mail.acme.example"
        client = as_role("admin")
        assert self.invite(client).status_code == 302
        assert "testserver/invitations/" not in client.get(MEMBERS).content.decode()
        assert mail.outbox[0].to == ["bob@acme.example"]
        assert re.search(r"http://testserver/invitations/\S+/", mail.outbox[0].body)

    def test_a_mail_server_that_refuses_is_told_and_the_invitation_can_be_sent_again(
        self, as_role: Visit, settings: Any
    ) -> None:
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = 1
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        client = as_role("admin")
        self.invite(client)
        assert "The mail server refused" in client.get(MEMBERS).content.decode()
        assert Invitation.objects.exists()

    def test_a_name_with_line_breaks_writes_no_headers(self, as_role: Visit, acme: Team, settings: Any) -> None:
        settings.EMAIL_HOST = "mail.acme.example"
        Team.objects.filter(pk=acme.pk).update(name="Acme\r\nBcc: eve@evil.example")
        self.invite(as_role("admin"))
        assert "\n" not in mail.outbox[0].subject
        assert mail.outbox[0].recipients() == ["bob@acme.example"]

    @pytest.mark.parametrize("given", [{"role": "owner"}, {"role": ""}, {"email": "bob"}, {"email": ""}])
    def test_what_is_no_role_or_address_is_refused(self, given: dict[str, str], as_role: Visit) -> None:
        assert self.invite(as_role("admin"), **given).status_code == 422
        assert not Invitation.objects.exists()

    def test_a_form_cannot_invite_into_another_team(self, as_role: Visit, other: Team) -> None:
        self.invite(as_role("admin"), team=str(other.pk), team_id=str(other.pk), slug="other")
        assert Invitation.objects.get().team.slug == "acme"

    def test_it_is_sent_again_and_taken_back(self, as_role: Visit) -> None:
        client = as_role("admin")
        self.invite(client)
        invitation = Invitation.objects.get()
        again = client.post(f"/t/acme/settings/invitations/{invitation.pk}/send/")
        assert "/invitations/" in again.content.decode()
        client.post(f"/t/acme/settings/invitations/{invitation.pk}/revoke/")
        assert (
            "bob@acme.example"
            not in client.get(MEMBERS).content.decode().split("Invite somebody")[0].split("banner")[0]
        )
        assert client.post(f"/t/acme/settings/invitations/{invitation.pk}/send/").status_code == 404

    @pytest.mark.parametrize("what", ["send", "revoke"])
    def test_another_teams_admin_does_not_reach_it(self, what: str, token: str, as_role: Visit) -> None:
        invitation = Invitation.objects.get()
        mallory = as_role("stranger")
        for team in ("acme", "other"):
            assert mallory.post(f"/t/{team}/settings/invitations/{invitation.pk}/{what}/").status_code == 404
        assert invitations.by_token(token) == invitation
