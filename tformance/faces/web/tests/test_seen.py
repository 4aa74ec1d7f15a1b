"""Looks at a person's page: written down once an hour, told to that person, and nothing else changes by reading."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connections
from django.test import Client

from tformance.accounts.models import AuditEntry, Group, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import NOON, Visit
from tformance.faces.web.tests.test_pages import PERIOD, Inline, body, text
from tformance.facts import testing
from tformance.facts.models.people import Actor, GroupMembership, TeamMember
from tformance.facts.records import MembershipRecord

ANN = "/t/acme/people/ann/"
MINE, SEEN = "/t/acme/me/", "/t/acme/me/seen/"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ann(acme: Team, as_role: Visit) -> Client:
    """A developer who is known by an address in her commits; bob is there as well."""
    known = [MembershipRecord(testing.actor(login), "member") for login in ("ann", "bob")]
    testing.write_org(acme, testing.organization(members=testing.whole(known)))
    mine = testing.whole([testing.commit(1, author=testing.actor("ann"), author_email="ann@acme.example")])
    pulls = [testing.pull_request(100 + key, author=testing.actor(login)) for key, login in enumerate(("ann", "bob"))]
    testing.write(acme, testing.page(*pulls, testing.pull_request(110, author=testing.actor("ann"), commits=mine)))
    client = as_role("developer")
    user = User.objects.get(email="developer@acme.example")
    EmailAddress.objects.create(user=user, email="ann@acme.example", verified=True)
    return client


def written(team: Team) -> list[tuple[str, str, str, datetime]]:
    with tenant(team.pk):
        return list(AuditEntry.objects.order_by("id").values_list("who", "what", "about", "at"))


def test_a_look_is_written_down_once_an_hour(
    ann: Client, acme: Team, as_role: Visit, at_noon: time_machine.Traveller
) -> None:
    admin = as_role("admin")
    for address in (ANN, f"{ANN}?{PERIOD}", "/t/acme/people/ANN/", "/t/acme/people/ann.csv", "/t/acme/people/ann.json"):
        assert admin.get(address).status_code == 200
    first = ("admin@acme.example", "person_seen", "Ann", NOON)
    assert written(acme) == [first]
    at_noon.shift(timedelta(minutes=59))
    admin.get(ANN)
    assert written(acme) == [first]
    admin.get("/t/acme/people/bob/")
    assert [about for _, _, about, _ in written(acme)] == ["Ann", "Bob"]
    at_noon.shift(timedelta(minutes=2))
    admin.get(ANN)
    assert [about for _, _, about, _ in written(acme)] == ["Ann", "Bob", "Ann"]


def test_the_file_is_a_look_as_well(ann: Client, acme: Team, as_role: Visit) -> None:
    body(as_role("admin").get("/t/acme/people/ann.json"))
    assert [about for _, _, about, _ in written(acme)] == ["Ann"]


def test_one_viewers_look_does_not_hide_anothers(ann: Client, acme: Team, as_role: Visit) -> None:
    lead = as_role("lead")
    with tenant(acme.pk):
        user = User.objects.get(email="lead@acme.example")
        member = TeamMember.objects.get(github_username="ann")
        group = Group.objects.create(team=acme, name="Shop", lead=user)
        GroupMembership.objects.create(team=acme, group=group, member=member, joined_on=NOON.date())
    for client in (as_role("admin"), lead):
        assert client.get(ANN).status_code == 200
    assert [who for who, *_ in written(acme)] == ["admin@acme.example", "lead@acme.example"]


def test_ones_own_page_and_pages_that_are_refused_or_missing_are_no_looks(
    ann: Client, acme: Team, as_role: Visit
) -> None:
    assert [ann.get(address).status_code for address in (ANN, MINE, SEEN)] == [200, 200, 200]
    assert ann.get("/t/acme/people/bob/").status_code == 403
    admin = as_role("admin")
    assert admin.get("/t/acme/people/nobody/").status_code == 404
    assert admin.get("/t/acme/people/ann.xlsx").status_code == 404
    assert admin.get(f"{ANN}?size=M").status_code == 400
    assert admin.get(f"/t/acme/people/?{PERIOD}").status_code == 200
    assert written(acme) == []


def test_looks_at_invented_people_are_not_written_down(ann: Client, acme: Team, as_role: Visit) -> None:
    admin = as_role("admin")
    Team.objects.filter(pk=acme.pk).update(is_demo=True)
    for client in (admin, Client()):
        assert client.get(ANN).status_code == 200
    assert written(acme) == []
    assert "invented" in text(Client().get(SEEN))


def test_the_person_is_told_who_looked_and_when(
    ann: Client, acme: Team, as_role: Visit, at_noon: time_machine.Traveller
) -> None:
    for address in (MINE, SEEN):
        assert "Nobody else opened it in the last 90 days." in text(ann.get(address))
    admin = as_role("admin")
    User.objects.filter(email="admin@acme.example").update(name="Grace")
    admin.get(ANN)
    for address in (MINE, SEEN):
        page = text(ann.get(address))
        assert "Grace (admin@acme.example)" in page
        assert "Tue 10 Mar, 13:00" in page, "in the team's zone"
    assert "admin@acme.example" not in text(admin.get(MINE))
    at_noon.shift(timedelta(days=90, minutes=1))
    assert "admin@acme.example" not in text(ann.get(MINE))


def test_looks_stay_a_persons_own_when_their_accounts_are_linked(ann: Client, acme: Team, as_role: Visit) -> None:
    as_role("admin").get("/t/acme/people/bob/")
    with tenant(acme.pk):
        member = TeamMember.objects.get(github_username="ann")
        Actor.everything.filter(login="bob").update(member=member)
    assert "admin@acme.example" in text(ann.get(SEEN))


def test_nobody_is_told_of_looks_at_others(ann: Client, acme: Team, as_role: Visit) -> None:
    as_role("admin").get("/t/acme/people/bob/")
    for address in (MINE, SEEN):
        assert "admin@acme.example opened" not in text(ann.get(address))
        assert "Nobody else opened it" in text(ann.get(address))


def test_what_others_see_names_the_lead_and_the_admins(ann: Client, acme: Team, as_role: Visit) -> None:
    as_role("admin"), as_role("lead")
    User.objects.filter(email="lead@acme.example").update(name="Lena")
    assert "Nobody leads a group that you are in today." in text(ann.get(SEEN))
    with tenant(acme.pk):
        group = Group.objects.create(team=acme, name="Shop", lead=User.objects.get(email="lead@acme.example"))
        member = TeamMember.objects.get(github_username="ann")
        yesterday = NOON.date() - timedelta(days=1)
        stay = GroupMembership.objects.create(team=acme, group=group, member=member, joined_on=yesterday)
    page = text(ann.get(SEEN))
    assert "Your lead Lena" in page
    assert "Admins admin@acme.example" in page
    with tenant(acme.pk):
        GroupMembership.objects.filter(pk=stay.pk).update(left_on=NOON.date())
    assert "Lena" not in text(ann.get(SEEN))


def test_somebody_whom_no_commit_tells_of_learns_what_is_seen_as_well(acme: Team, as_role: Visit) -> None:
    page = text(as_role("developer").get(SEEN))
    assert "No commit here tells yet who you are" in page
    assert "They do not see your numbers." in page


@pytest.mark.parametrize("address", [MINE, SEEN])
def test_it_carries_no_inline_script_or_style(address: str, ann: Client, as_role: Visit) -> None:
    as_role("admin").get(ANN)
    parser = Inline()
    parser.feed(ann.get(address).content.decode())
    assert parser.found == []


def test_pages_that_are_opened_at_once_are_one_look(live_db: str) -> None:
    team = testing.team("acme")
    testing.write(team, testing.page(testing.pull_request(1, author=testing.actor("ann"))))
    user = User.objects.create_user("admin@acme.example")
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    clients = [Client() for _ in range(6)]
    for client in clients:
        client.force_login(user)

    def look(client: Client) -> int:
        try:
            return int(client.get(ANN).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        assert list(pool.map(look, clients)) == [200] * len(clients)
    assert len(written(team)) == 1
