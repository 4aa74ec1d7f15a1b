"""Names of teams: in words, and in addresses that are never given away."""

import threading

import pytest
from django.db import connection, transaction

from tformance.accounts import teams
from tformance.accounts.models import AuditEntry, Membership, OldSlug, Role, Team, User
from tformance.accounts.teams import Taken
from tformance.accounts.tenancy import tenant


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada@acme.example")


def slug(team: Team) -> str:
    return Team.objects.get(pk=team.pk).slug


def test_who_makes_a_team_is_its_admin(ada: User) -> None:
    team = teams.make(ada, "Acme Shop", "Europe/Berlin")
    assert (team.slug, team.name, team.zone) == ("acme-shop", "Acme Shop", "Europe/Berlin")
    assert Membership.objects.get(team=team).role == Role.ADMIN
    with tenant(team.pk):
        assert AuditEntry.objects.get().what == "team_made"


@pytest.mark.parametrize(
    ("name", "made"), [("Acme", "acme-2"), ("日本", "team"), ("demo", "demo-2"), ("x" * 90, "x" * 55)]
)
def test_a_slug_is_made_of_the_name_and_is_nobody_elses(name: str, made: str, ada: User) -> None:
    Team.objects.create(slug="acme", name="Acme")
    assert teams.make(ada, name, "UTC").slug == made


def test_an_old_slug_leads_to_the_team_and_is_never_anothers(ada: User) -> None:
    acme, other = teams.make(ada, "acme", "UTC"), teams.make(ada, "other", "UTC")
    teams.move(ada, acme.pk, "apex")
    assert slug(acme) == "apex"
    assert teams.slug_of_old("acme") == "apex"
    with pytest.raises(Taken):
        teams.move(ada, other.pk, "acme")
    assert teams.make(ada, "Acme", "UTC").slug == "acme-2"


def test_a_team_may_take_its_own_old_slug_back(ada: User) -> None:
    acme = teams.make(ada, "acme", "UTC")
    teams.move(ada, acme.pk, "apex")
    teams.move(ada, acme.pk, "acme")
    assert slug(acme) == "acme"
    assert list(OldSlug.objects.values_list("slug", flat=True)) == ["apex"]


@pytest.mark.parametrize("taken", ["other", "demo"])
def test_a_slug_of_another_team_is_refused_and_nothing_changes(taken: str, ada: User) -> None:
    acme = teams.make(ada, "acme", "UTC")
    teams.make(ada, "other", "UTC")
    with pytest.raises(Taken):
        teams.move(ada, acme.pk, taken)
    assert slug(acme) == "acme"
    assert not OldSlug.objects.exists()


def test_renaming_says_what_changed_and_only_that(ada: User) -> None:
    acme = teams.make(ada, "acme", "UTC")
    teams.rename(ada, acme.pk, "acme", "UTC")
    teams.rename(ada, acme.pk, "Acme", "Asia/Tokyo")
    with tenant(acme.pk):
        changes = AuditEntry.objects.get(what="team_renamed")
    assert changes.about == "name: acme → Acme, time zone: UTC → Asia/Tokyo"


def test_a_slug_that_is_being_given_up_is_not_caught_in_between(live_db: str) -> None:
    """One team is renamed and not committed yet, while another asks for the name it leaves."""
    ada = User.objects.create_user("ada@acme.example")
    acme, other = teams.make(ada, "acme", "UTC"), teams.make(ada, "other", "UTC")
    refused: list[bool] = []

    def grab() -> None:
        try:
            teams.move(ada, other.pk, "acme")
        except Taken:
            refused.append(True)
        finally:
            connection.close()

    grabbing = threading.Thread(target=grab)
    with transaction.atomic():
        teams.move(ada, acme.pk, "apex")
        grabbing.start()
        grabbing.join(timeout=1)
        assert grabbing.is_alive()
    grabbing.join(timeout=20)
    assert refused == [True]
    assert slug(other) == "other"
