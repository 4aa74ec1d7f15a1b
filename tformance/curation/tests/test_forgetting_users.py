"""Who was erased has no place in the team any more; what stands in the way; a search that is killed."""

import subprocess
import sys

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from tformance.accounts.models import (
    ApiToken,
    AuditEntry,
    Group,
    Invitation,
    Membership,
    Role,
    SavedView,
    Team,
    User,
)
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.curation import forgetting
from tformance.curation.tests.conftest import of
from tformance.curation.tests.erased import MAIL, MARA, PULLS, erase, rows
from tformance.facts import sweeping
from tformance.facts import testing as t
from tformance.facts.decisions import Outdated
from tformance.facts.models.erased import Sweep
from tformance.facts.tests.dump import dump
from tformance.sync.models import Connection


@pytest.fixture
def acme(db: None, admin: User) -> Team:
    team = t.team("acme")
    Membership.objects.create(team=team, user=admin, role=Role.ADMIN)
    t.write(team, t.page(*PULLS, fetched_at=t.at(30)))
    t.write_org(team, t.organization(seats=t.whole([t.seat("mara-lind", actor=MARA, raw={"assignee": "mara-lind"})])))
    return team


def test_their_place_in_the_team_goes_and_their_account_where_it_was_their_only_team(acme: Team, admin: User) -> None:
    mara = User.objects.create_user("m.lind@home.example", name="Mara Lind")
    EmailAddress.objects.create(user=mara, email=MAIL, verified=True)
    Membership.objects.create(team=acme, user=mara, role=Role.LEAD)
    ApiToken.objects.create(team=acme, user=mara, name="x", digest="d", created_at=now(), expires_at=now())
    Invitation.objects.create(
        team=acme, email=MAIL, role="admin", digest="e", invited_at=now(), expires_at=now(), accepted_at=now()
    )
    with tenant(acme.pk):
        SavedView.objects.create(team=acme, user=mara, name="Mine")
        SavedView.objects.create(team=acme, user=admin, name="Of Mara Lind")
        SavedView.objects.create(team=acme, user=admin, name="Of mara lind")
        Group.objects.create(team=acme, name="Core", lead=mara)
        AuditEntry.objects.create(team=acme, at=now(), user=mara, who=mara.email, what="group_made", about="Mara Lind")
    erase(acme, admin)
    assert not User.objects.filter(pk=mara.pk).exists()
    assert not Invitation.objects.exists()
    names = rows(acme, SavedView, "name")
    assert len(set(names)) == 2
    assert all(name.startswith("Of Former colleague 1") for name in names)
    assert rows(acme, Group, "lead") == [None]
    assert rows(acme, AuditEntry, "user", "who", "about", what="group_made") == [
        (None, "former-colleague-1@erased.invalid", "Former colleague 1")
    ]


def test_who_is_in_another_team_keeps_the_account(acme: Team, admin: User) -> None:
    mara = User.objects.create_user(MAIL)
    for team in (acme, t.team("other")):
        Membership.objects.create(team=team, user=mara, role=Role.DEVELOPER)
    erase(acme, admin)
    assert [each.team.slug for each in Membership.objects.filter(user=mara)] == ["other"]


def test_the_only_admin_is_not_erased(acme: Team, admin: User) -> None:
    Membership.objects.filter(user=admin).delete()
    mara = User.objects.create_user(MAIL)
    Membership.objects.create(team=acme, user=mara, role=Role.ADMIN)
    before = dump(acme)
    with pytest.raises(Outdated, match="only admin"):
        forgetting.erase(acme.pk, mara, of(acme, "mara-lind").member_id)
    assert dump(acme) == before


def test_whose_account_reads_for_the_team_is_not_erased(acme: Team, admin: User) -> None:
    with tenant(acme.pk):
        Connection.objects.create(team=acme, source="github", account="Mara-Lind", secret=b"", created_at=now())
    with pytest.raises(Outdated, match="A connection reads with the account Mara-Lind"):
        forgetting.erase(acme.pk, admin, of(acme, "mara-lind").member_id)


PROGRAM = """
import sys, django; django.setup()
from tformance.curation import forgetting
from tformance.facts import sweeping
sweeping.BATCH = 1
print("begun", flush=True)
while forgetting.sweep(int(sys.argv[1])):
    print("batch", flush=True)
"""


def test_a_search_that_is_killed_again_and_again_comes_to_its_end(live_db: str) -> None:
    admin = User.objects.create_user("admin@acme.example")
    team = t.team("acme")
    Membership.objects.create(team=team, user=admin, role=Role.ADMIN)
    t.write(team, t.page(*PULLS, fetched_at=t.at(30)))
    assert forgetting.erase(team.pk, admin, of(team, "mara-lind").member_id)
    connection.close()
    for batches in (3, 8, 11):
        worker = subprocess.Popen([sys.executable, "-c", PROGRAM, str(team.pk)], stdout=subprocess.PIPE)
        assert worker.stdout
        for _ in range(batches):
            worker.stdout.readline()
        worker.kill()
        worker.wait()
        with tenant(team.pk):
            assert Sweep.objects.exists()
    assert subprocess.run([sys.executable, "-c", PROGRAM, str(team.pk)], check=True, stdout=subprocess.PIPE).stdout
    with tenant(team.pk):
        assert not Sweep.objects.exists()
        texts = [
            str(row)
            for model in sweeping.tables()
            for row in model._base_manager.filter(team=team).values_list(*sweeping.columns(model))
        ]
    assert not [text for text in texts if "lind" in text.lower()]
