"""An invitation lets one person in, once, in time, by the address it was sent to."""

import hashlib
import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection, transaction

from tformance.accounts import invitations
from tformance.accounts.invitations import Gone, Known, NotYours
from tformance.accounts.models import Invitation, Membership, Role, Team, User
from tformance.core import clock


@pytest.fixture
def acme(db: None) -> Team:
    return Team.objects.create(slug="acme", name="Acme")


@pytest.fixture
def ada(acme: Team) -> User:
    user = person("ada@acme.example")
    Membership.objects.create(team=acme, user=user, role=Role.ADMIN)
    return user


def person(email: str, *, verified: bool = True) -> User:
    user = User.objects.create_user(email)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def roles(team: Team, user: User) -> list[str]:
    return list(Membership.objects.filter(team=team, user=user).values_list("role", flat=True))


def test_whoever_is_invited_comes_in_with_that_role(acme: Team, ada: User) -> None:
    invitation, _ = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    bob = person("bob@acme.example")
    invitations.accept(bob, invitation)
    assert roles(acme, bob) == [Role.LEAD]


def test_of_the_token_only_the_digest_is_kept(acme: Team, ada: User) -> None:
    invitation, token = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    assert len(token) >= 43
    assert token not in str(Invitation.objects.values_list()[0])
    assert invitation.digest == hashlib.sha256(token.encode()).hexdigest()
    assert invitations.by_token(token) == invitation
    assert invitations.by_token(invitation.digest) is None


def test_it_works_once(acme: Team, ada: User) -> None:
    invitation, token = invitations.invite(ada, acme.pk, "bob@acme.example", Role.DEVELOPER)
    bob = person("bob@acme.example")
    invitations.accept(bob, invitation)
    Membership.objects.filter(user=bob).delete()
    with pytest.raises(Gone):
        invitations.accept(bob, invitation)
    assert roles(acme, bob) == []
    assert invitations.by_token(token) is None


def test_it_works_for_seven_days(acme: Team, ada: User) -> None:
    invitation, token = invitations.invite(ada, acme.pk, "bob@acme.example", Role.DEVELOPER)
    assert invitation.expires_at - invitation.invited_at == timedelta(days=7)
    Invitation.objects.update(expires_at=clock.now())
    bob = person("bob@acme.example")
    assert invitations.by_token(token) is None
    with pytest.raises(Gone):
        invitations.accept(bob, invitation)


@pytest.mark.parametrize("stranger", ["mallory@evil.example", "bob@acme.example.evil.example"])
def test_it_is_for_its_address_alone(stranger: str, acme: Team, ada: User) -> None:
    invitation, _ = invitations.invite(ada, acme.pk, "bob@acme.example", Role.ADMIN)
    user = person(stranger)
    with pytest.raises(NotYours):
        invitations.accept(user, invitation)
    assert roles(acme, user) == []


def test_an_address_that_was_not_confirmed_does_not_count(acme: Team, ada: User) -> None:
    invitation, _ = invitations.invite(ada, acme.pk, "bob@acme.example", Role.ADMIN)
    with pytest.raises(NotYours):
        invitations.accept(person("bob@acme.example", verified=False), invitation)


def test_case_of_an_address_does_not_matter(acme: Team, ada: User) -> None:
    invitation, _ = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    bob = person("Bob@Acme.Example")
    invitations.accept(bob, invitation)
    assert roles(acme, bob) == [Role.LEAD]


@pytest.mark.parametrize(
    ("has", "given", "then"),
    [
        (Role.ADMIN, Role.DEVELOPER, Role.ADMIN),
        (Role.LEAD, Role.DEVELOPER, Role.LEAD),
        (Role.DEVELOPER, Role.LEAD, Role.LEAD),
    ],
)
def test_it_never_lowers_a_role(has: Role, given: Role, then: Role, acme: Team, ada: User) -> None:
    invitation, _ = invitations.invite(ada, acme.pk, "bob@acme.example", given)
    bob = person("bob@acme.example")
    Membership.objects.create(team=acme, user=bob, role=has)
    invitations.accept(bob, invitation)
    assert roles(acme, bob) == [then]


def test_one_address_is_invited_once_at_a_time(acme: Team, ada: User) -> None:
    invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    with pytest.raises(Known, match="invited already"):
        invitations.invite(ada, acme.pk, "BOB@acme.example", Role.ADMIN)
    with pytest.raises(Known, match="in the team already"):
        invitations.invite(ada, acme.pk, "ada@acme.example", Role.ADMIN)


def test_sent_again_the_old_link_is_worth_nothing(acme: Team, ada: User) -> None:
    invitation, old = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    _, new = invitations.renew(ada, acme.pk, invitation.pk)
    assert invitations.by_token(old) is None
    assert invitations.by_token(new) == invitation


def test_taken_back_it_is_worth_nothing_and_another_can_be_sent(acme: Team, ada: User) -> None:
    invitation, token = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    invitations.revoke(ada, acme.pk, invitation.pk)
    assert invitations.by_token(token) is None
    with pytest.raises(Gone):
        invitations.accept(person("bob@acme.example"), invitation)
    with pytest.raises(Gone):
        invitations.renew(ada, acme.pk, invitation.pk)
    assert invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)


def test_one_team_does_not_reach_anothers_invitations(acme: Team, ada: User) -> None:
    other = Team.objects.create(slug="other", name="Other")
    invitation, token = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    for change in (invitations.renew, invitations.revoke):
        with pytest.raises(Gone):
            change(ada, other.pk, invitation.pk)
    assert invitations.by_token(token) == invitation


def test_two_browsers_at_once_make_one_membership(live_db: str) -> None:
    acme = Team.objects.create(slug="acme", name="Acme")
    ada, bob = person("ada@acme.example"), person("bob@acme.example")
    invitation, _ = invitations.invite(ada, acme.pk, "bob@acme.example", Role.LEAD)
    said: list[str] = []

    def come() -> None:
        try:
            invitations.accept(bob, invitation)
            said.append("in")
        except Gone:
            said.append("gone")
        finally:
            connection.close()

    threads = [threading.Thread(target=come) for _ in range(2)]
    with transaction.atomic():
        Invitation.objects.select_for_update().get(pk=invitation.pk)
        for thread in threads:
            thread.start()
        threads[0].join(timeout=1)
        assert all(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(said) == ["gone", "in"]
    assert roles(acme, bob) == [Role.LEAD]
