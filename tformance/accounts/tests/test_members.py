"""A team keeps an admin whatever happens at once."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from tformance.accounts import members
from tformance.accounts.members import LastAdmin, NotHere
from tformance.accounts.models import AuditEntry, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant

Change = Callable[[User, Membership], None]
LOSING: list[Change] = [
    lambda user, member: members.change_role(user, member.team_id, member.pk, Role.LEAD),
    lambda user, member: members.remove(user, member.team_id, member.pk),
    lambda user, member: members.leave(member.user, member.team_id),
]


def member(team: Team, name: str, role: Role) -> Membership:
    user = User.objects.create_user(f"{name}@acme.example")
    return Membership.objects.create(team=team, user=user, role=role)


def admins(team: Team) -> int:
    return Membership.objects.filter(team=team, role=Role.ADMIN).count()


@pytest.fixture
def acme(db: None) -> Team:
    return Team.objects.create(slug="acme", name="Acme")


@pytest.mark.parametrize("lose", LOSING)
def test_the_last_admin_stays(lose: Change, acme: Team) -> None:
    ada = member(acme, "ada", Role.ADMIN)
    member(acme, "bob", Role.LEAD)
    with pytest.raises(LastAdmin):
        lose(ada.user, ada)
    assert admins(acme) == 1
    with tenant(acme.pk):
        assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("lose", LOSING)
def test_an_admin_whose_account_is_closed_does_not_count(lose: Change, acme: Team) -> None:
    ada, bob = member(acme, "ada", Role.ADMIN), member(acme, "bob", Role.ADMIN)
    User.objects.filter(pk=bob.user_id).update(is_active=False)
    with pytest.raises(LastAdmin):
        lose(ada.user, ada)


@pytest.mark.parametrize("lose", LOSING)
def test_one_of_two_admins_may_go_and_it_is_written_down(lose: Change, acme: Team) -> None:
    ada = member(acme, "ada", Role.ADMIN)
    member(acme, "bob", Role.ADMIN)
    lose(ada.user, ada)
    assert admins(acme) == 1
    with tenant(acme.pk):
        assert AuditEntry.objects.get().subject == f"user {ada.user_id}"


def test_members_of_other_teams_are_not_here(acme: Team) -> None:
    ada = member(acme, "ada", Role.ADMIN)
    mallory = member(Team.objects.create(slug="other", name="Other"), "mallory", Role.DEVELOPER)
    for change in (
        lambda: members.change_role(ada.user, acme.pk, mallory.pk, Role.ADMIN),
        lambda: members.remove(ada.user, acme.pk, mallory.pk),
        lambda: members.leave(mallory.user, acme.pk),
    ):
        with pytest.raises(NotHere):
            change()
    mallory.refresh_from_db()
    assert mallory.role == Role.DEVELOPER


@pytest.mark.parametrize("lose", LOSING[:2])
def test_two_admins_who_turn_on_each_other_at_once_leave_one(lose: Change, live_db: str) -> None:
    acme = Team.objects.create(slug="acme", name="Acme")
    ada, bob = member(acme, "ada", Role.ADMIN), member(acme, "bob", Role.ADMIN)
    refused: list[str] = []

    def turn(user: User, on: Membership) -> None:
        try:
            lose(user, on)
        except LastAdmin:
            refused.append(user.email)
        finally:
            connection.close()

    threads = [threading.Thread(target=turn, args=pair) for pair in ((ada.user, bob), (bob.user, ada))]
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=acme.pk)
        for thread in threads:
            thread.start()
        threads[0].join(timeout=1)
        assert all(thread.is_alive() for thread in threads)
    for thread in threads:
        thread.join(timeout=20)
    assert len(refused) == 1
    assert admins(acme) == 1
