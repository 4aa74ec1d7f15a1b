"""Deleting a team, or what was read for it: nothing is left, nothing of others is touched, no kill stops it for good."""

import os
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.db import connection
from psycopg import sql

from tformance.accounts import audit, teams
from tformance.accounts.models import ApiToken, Group, Invitation, Membership, OldSlug, Role, SavedView, Team, User
from tformance.accounts.teams import Taken
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.curation import forgetting, removing, sample
from tformance.curation.tests.erased import BOB, PULLS
from tformance.facts import testing as t
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.records import MembershipRecord
from tformance.measures.models.weekly import WeeklyMetrics
from tformance.measures.weekly.follow import follow
from tformance.sync import turns
from tformance.sync.models import AppRegistration, Connection, Scope, SyncRun, SyncStep, WebhookDelivery
from tformance.sync.tests.posted import make_endpoint

OUTSIDE = (
    "account",
    "mfa",
    "socialaccount",
    "usersessions",
    "auth",
    "contenttypes",
    "sessions",
)  # of people, not of teams


def full(slug: str, admin: User) -> Team:
    """A team with something in nearly every table."""
    team = t.team(slug)
    Membership.objects.create(team=team, user=admin, role=Role.ADMIN)
    ApiToken.objects.create(team=team, user=admin, name="x", digest=f"d{slug}", created_at=now(), expires_at=now())
    told = {"digest": f"i{slug}", "invited_at": now(), "expires_at": now()}
    Invitation.objects.create(team=team, email="new@acme.example", role="admin", **told)
    t.write(team, t.page(*PULLS, deployments=(t.deployed(1, 1, 20), t.deployed(2, 2, 30)), fetched_at=t.at(30)))
    member = t.whole([MembershipRecord(BOB, "member")])
    t.write_org(team, t.organization(members=member, seats=t.whole([t.seat()]), usage=(t.usage(),)))
    read(team)
    with tenant(team.pk):
        SavedView.objects.create(team=team, user=admin, name="Mine")
        Group.objects.create(team=team, name="Core", lead=admin)
        audit.record(admin, "group_made", "Core")
    follow(team.pk)
    return team


def read(team: Team) -> None:
    endpoint = make_endpoint(team)
    told = {"received_at": now(), "event": "push", "body": b"x"}
    WebhookDelivery.objects.create(endpoint=endpoint, delivery_id="1", **told)
    names = {"slug": "app", "owner": "acme", "client_id": "c", "credentials": b""}
    AppRegistration.objects.create(
        source="github", api_url=team.slug, app_id=1, team_id=team.pk, endpoint=endpoint, created_at=now(), **names
    )
    with tenant(team.pk):
        made = Connection.objects.create(team=team, source="github", account=team.slug, secret=b"", created_at=now())
        scope = Scope.objects.create(team=team, connection=made, name="acme/shop")
        run = SyncRun.objects.create(team=team, connection=made, kind="history", started_at=now())
        SyncStep.objects.create(team=team, run=run, scope=scope, stream="pull_requests", window="recent", rank=1)
        turns.join(made)


def left(team: int) -> dict[str, int]:
    """Rows of a team in every table, told by the database itself past every policy."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.team_id', %s, true)", [str(team)])
        cursor.execute("SELECT table_name FROM information_schema.columns WHERE column_name = 'team_id'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE team_id = %s', [team])
            if count := cursor.fetchone()[0]:
                found[table] = count
    return found


def test_every_table_is_deleted_with_a_team_or_is_nobodys() -> None:
    reached = {model._meta.db_table for model in removing.tables()} | {"accounts_team", "accounts_oldslug"}
    ours = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in OUTSIDE and not model._meta.db_table.startswith("accounts_user_")
    }
    assert ours - reached == removing.NOBODYS.keys()


def test_what_others_point_at_is_deleted_last() -> None:
    place = {model: number for number, model in enumerate(removing.tables())}
    for model in place:
        for field in model._meta.concrete_fields:
            if field.related_model in place and field.related_model is not model:
                assert place[model] < place[field.related_model], field  # type: ignore[index]


@pytest.mark.django_db
def test_nothing_of_a_deleted_team_is_left_and_nothing_of_another_is_touched(admin: User) -> None:
    acme, other = full("acme", admin), full("other", admin)
    before = left(other.pk)
    assert len(left(acme.pk)) > 25
    removing.delete_team(acme.pk)
    removing.finish()
    assert left(acme.pk) == {}
    assert not Team.objects.filter(pk=acme.pk).exists()
    assert left(other.pk) == before


@pytest.mark.django_db
def test_its_name_in_addresses_is_nobodys_any_more(admin: User) -> None:
    acme = full("acme", admin)
    teams.move(admin, acme.pk, "apex")
    removing.delete_team(acme.pk)
    removing.finish()
    assert set(OldSlug.objects.values_list("slug", "team")) == {("acme", None), ("apex", None)}
    assert teams.slug_of_old("acme") is None
    assert teams.make(admin, "Acme", "UTC").slug == "acme-2"
    other = t.team("other")
    for slug in ("acme", "apex"):
        with pytest.raises(Taken):
            teams.move(admin, other.pk, slug)


@pytest.mark.django_db
def test_where_only_the_data_go_the_team_stays_and_who_was_erased_stays_erased(admin: User) -> None:
    acme, other = full("acme", admin), full("other", admin)
    with tenant(acme.pk):
        member = Actor.everything.get(login="mara-lind").member_id
    assert forgetting.erase(acme.pk, admin, member)
    before = left(other.pk)
    removing.delete_data(acme.pk, admin)
    removing.finish()
    assert left(other.pk) == before
    acme.refresh_from_db()
    assert acme.removal == ""
    stays = {
        f"accounts_{name}" for name in ("membership", "apitoken", "invitation", "savedview", "auditentry", "group")
    }
    stays |= {"facts_erasedkey", "facts_erasedword", "facts_actor", "facts_teammember", "facts_dataversion"}
    stays |= {"sync_appregistration", "sync_webhookendpoint", "facts_toucheddays", "measures_weeklyround"}
    assert left(acme.pk).keys() <= stays
    with tenant(acme.pk):
        assert set(TeamMember.objects.values_list("display_name", flat=True)) == {"Former colleague 1"}
    t.write(acme, t.page(*PULLS, fetched_at=t.at(30)))
    with tenant(acme.pk):
        assert PullRequest.objects.get(number=1).author.login == "former-colleague-1"


@pytest.mark.django_db
def test_weeks_of_deleted_data_are_gone(admin: User) -> None:
    acme = full("acme", admin)
    removing.delete_data(acme.pk, admin)
    removing.finish()
    follow(acme.pk)
    with tenant(acme.pk):
        assert not WeeklyMetrics.objects.exists()


@pytest.mark.django_db
def test_the_sample_organisation_does_not_come_back_by_itself(admin: User) -> None:
    demo = t.team("demo", is_demo=True)
    assert not sample.is_removed()
    assert not sample.may_remove(admin)
    full("acme", admin)
    assert sample.may_remove(admin)
    assert sample.remove()
    assert sample.is_removed()
    removing.finish()
    assert not Team.objects.filter(pk=demo.pk).exists()
    assert sample.is_removed()
    assert not sample.remove()
    sample.allow()
    assert not sample.is_removed()


PROGRAM = """
import django; django.setup()
from tformance.accounts.models import Team
from tformance.curation import removing
removing.BATCH = 2
print("begun", flush=True)
for team in Team.objects.exclude(removal=""):
    while removing.remove_some(team.pk):
        print("batch", flush=True)
"""


@pytest.mark.parametrize("what", ["team", "data"])
def test_a_removal_that_is_killed_again_and_again_comes_to_its_end(what: str, live_db: str) -> None:
    admin = User.objects.create_user("admin@acme.example")
    acme, other = full("acme", admin), full("other", admin)
    before = count(other.pk)
    if what == "team":
        removing.delete_team(acme.pk)
    else:
        removing.delete_data(acme.pk, admin)
    connection.close()
    for batches in (2, 7, 9):
        worker = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE)
        assert worker.stdout
        for _ in range(batches):
            worker.stdout.readline()
        worker.kill()
        worker.wait()
        assert count(acme.pk), "it was done before it could be killed"
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, stdout=subprocess.DEVNULL)
    assert count(other.pk) == before
    assert not {table for table in count(acme.pk) if not table.startswith("accounts")} - {
        *("facts_dataversion", "facts_toucheddays", "measures_weeklyround"),
        *("sync_appregistration", "sync_webhookendpoint"),
    }
    assert Team.objects.filter(pk=acme.pk).exists() == (what == "data")
    if what == "team":
        assert count(acme.pk) == {}


def count(team: int) -> dict[str, Any]:
    """As `left`, by the owner of the tables."""
    found = {}
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("SELECT set_config('app.team_id', %s, false)", [str(team)])
        asked = "SELECT table_name FROM information_schema.columns WHERE column_name = 'team_id'"
        for (table,) in owner.execute(asked).fetchall():
            statement = sql.SQL("SELECT count(*) FROM {} WHERE team_id = %s").format(sql.Identifier(table))
            if rows := owner.execute(statement, [team]).fetchone()[0]:  # type: ignore[index]
                found[table] = rows
    return found
