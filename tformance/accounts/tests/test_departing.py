"""A user goes: nothing of theirs is left in any team, and no team is left without an admin."""

import pytest

from tformance.accounts import audit, departing, teams
from tformance.accounts.first_team import ensure_first_team, own_teams
from tformance.accounts.members import LastAdmin
from tformance.accounts.models import ApiToken, AuditEntry, Group, Membership, OldSlug, Role, SavedView, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob@acme.example")


def team_of(slug: str, *admins: User) -> Team:
    team = Team.objects.create(slug=slug, name=slug)
    for user in admins:
        Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    return team


def test_an_account_goes_with_what_it_kept_in_every_team_also_in_one_that_was_left(bob: User) -> None:
    ada = User.objects.create_user("ada@acme.example")
    here, left = team_of("here", ada, bob), team_of("left", ada)
    for team in (here, left):
        with tenant(team.pk):
            SavedView.objects.create(team=team, user=bob, name="Mine")
            Group.objects.create(team=team, name="Core", lead=bob)
            audit.record(bob, "group_made", "Core")
    ApiToken.objects.create(team=here, user=bob, name="x", digest="d", created_at=now(), expires_at=now())
    departing.delete_user(bob)
    assert list(User.objects.values_list("email", flat=True)) == ["ada@acme.example"]
    for team in (here, left):
        with tenant(team.pk):
            assert not SavedView.objects.exists()
            assert Group.objects.get().lead is None
            assert AuditEntry.objects.values_list("user", "who").get() == (None, "bob@acme.example")


def test_the_only_admin_of_a_team_stays_with_everything(bob: User) -> None:
    team = team_of("acme", bob)
    assert departing.teams_kept_by(bob) == [team]
    with tenant(team.pk):
        SavedView.objects.create(team=team, user=bob, name="Mine")
    with pytest.raises(LastAdmin):
        departing.delete_user(bob)
    with tenant(team.pk):
        assert SavedView.objects.get().user == bob
    assert Membership.objects.filter(user=bob).exists()


def test_a_team_that_is_being_deleted_keeps_nobody(bob: User) -> None:
    Team.objects.filter(pk=team_of("acme", bob).pk).update(removal=Team.Removal.TEAM)
    assert departing.teams_kept_by(bob) == []
    departing.delete_user(bob)
    assert not User.objects.exists()


def test_a_first_team_is_made_again_under_a_name_that_nobody_had() -> None:
    OldSlug.objects.create(slug="main", team=None)
    assert teams.is_taken("main")
    ensure_first_team()
    assert list(own_teams().values_list("slug", flat=True)) == ["main-2"]
