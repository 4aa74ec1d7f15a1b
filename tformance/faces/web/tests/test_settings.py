"""A team's settings: its names, its members, its audit log."""

import csv
import io
import re

import pytest
from django.test import Client

from tformance.accounts import audit
from tformance.accounts.models import AuditEntry, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit

pytestmark = pytest.mark.django_db

SETTINGS, MEMBERS, AUDIT = "/t/acme/settings/", "/t/acme/settings/members/", "/t/acme/settings/audit/"


@pytest.fixture
def bob(acme: Team) -> Membership:
    return Membership.objects.create(team=acme, user=User.objects.create_user("bob@acme.example"), role=Role.DEVELOPER)


def said(client: Client, page: str) -> str:
    return client.get(page).content.decode()


def test_name_and_zone_are_changed_and_nothing_else_by_the_same_form(as_role: Visit, acme: Team) -> None:
    given = {"part": "general", "name": "Apex", "zone": "Asia/Tokyo", "slug": "other", "is_demo": "1", "id": "999"}
    assert as_role("admin").post(SETTINGS, given)["Location"] == SETTINGS
    acme.refresh_from_db()
    assert (acme.name, acme.zone, acme.slug, acme.is_demo) == ("Apex", "Asia/Tokyo", "acme", False)


def test_of_two_who_save_at_once_each_changes_what_they_changed(as_role: Visit, acme: Team) -> None:
    """Both looked at the page before either saved."""
    client = as_role("admin")
    fields = dict(re.findall(r'name="(initial-\w+)" value="([^"]+)"', said(client, SETTINGS)))
    assert fields == {"initial-name": "Acme", "initial-zone": "Europe/Berlin"}
    client.post(SETTINGS, {"part": "general", "name": "Apex", "zone": "Europe/Berlin", **fields})
    client.post(SETTINGS, {"part": "general", "name": "Acme", "zone": "Asia/Tokyo", **fields})
    acme.refresh_from_db()
    assert (acme.name, acme.zone, acme.definition_version) == ("Apex", "Asia/Tokyo", 2)


def test_a_zone_that_does_not_exist_is_refused_beside_its_field(as_role: Visit, acme: Team) -> None:
    answer = as_role("admin").post(SETTINGS, {"part": "general", "name": "Apex", "zone": "Mars/Olympus"})
    assert answer.status_code == 422
    assert "Mars/Olympus is not a time zone" in answer.content.decode()
    acme.refresh_from_db()
    assert acme.zone == "Europe/Berlin"


def test_a_new_address_is_used_and_the_old_one_leads_there(as_role: Visit, acme: Team) -> None:
    client = as_role("admin")
    assert client.post(SETTINGS, {"part": "address", "slug": "Apex"})["Location"] == "/t/apex/settings/"
    assert client.get("/t/apex/settings/").status_code == 200
    assert client.get("/t/acme/delivery/")["Location"] == "/t/apex/delivery/"


@pytest.mark.parametrize("slug", ["other", "demo", "a b", "ä", "", "x/y", "x" * 61])
def test_an_address_that_is_taken_or_none_is_refused_beside_its_field(slug: str, as_role: Visit, acme: Team) -> None:
    answer = as_role("admin").post(SETTINGS, {"part": "address", "slug": slug})
    assert answer.status_code == 422
    assert 'class="err"' in answer.content.decode()
    acme.refresh_from_db()
    assert acme.slug == "acme"


def test_markup_in_names_stays_text(as_role: Visit, acme: Team, bob: Membership) -> None:
    client = as_role("admin")
    client.post(SETTINGS, {"part": "general", "name": "<script>x</script>", "zone": "UTC"})
    User.objects.filter(pk=bob.user_id).update(name="<img src=x onerror=y>")
    for page in (SETTINGS, MEMBERS, AUDIT, "/account/"):
        assert "<script>x" not in said(client, page)
        assert "<img src=x" not in said(client, page)


def test_a_role_is_changed(as_role: Visit, bob: Membership) -> None:
    as_role("admin").post(f"{MEMBERS}{bob.pk}/role/", {"role": "lead"})
    bob.refresh_from_db()
    assert bob.role == Role.LEAD


@pytest.mark.parametrize("role", ["owner", "", "ADMIN"])
def test_what_is_no_role_changes_nothing(role: str, as_role: Visit, bob: Membership) -> None:
    client = as_role("admin")
    client.post(f"{MEMBERS}{bob.pk}/role/", {"role": role})
    assert "That is no role" in said(client, MEMBERS)
    bob.refresh_from_db()
    assert bob.role == Role.DEVELOPER


@pytest.mark.parametrize("role", ["lead", "developer"])
def test_nobody_raises_themselves(role: str, as_role: Visit, acme: Team) -> None:
    client = as_role(role)
    own = Membership.objects.get(user__email=f"{role}@acme.example")
    for page in (f"{MEMBERS}{own.pk}/role/", MEMBERS, "/account/", "/t/acme/leave/x/"):
        client.post(page, {"role": "admin", "team": "acme", "email": own.user.email, "name": "x"})
    own.refresh_from_db()
    assert own.role == role


@pytest.mark.parametrize("what", ["role", "remove"])
def test_members_of_another_team_are_out_of_reach(what: str, as_role: Visit, bob: Membership, other: Team) -> None:
    mallory = as_role("stranger")
    for team in ("acme", "other"):
        answer = mallory.post(f"/t/{team}/settings/members/{bob.pk}/{what}/", {"role": "admin", "team": "acme"})
        assert answer.status_code == 404
    bob.refresh_from_db()
    assert bob.role == Role.DEVELOPER


def test_who_is_removed_sees_the_team_no_more(as_role: Visit, bob: Membership) -> None:
    client = Client()
    client.force_login(bob.user)
    assert client.get("/t/acme/").status_code == 200
    as_role("admin").post(f"{MEMBERS}{bob.pk}/remove/")
    assert client.get("/t/acme/").status_code == 404


def test_the_last_admin_is_told_why_they_stay(as_role: Visit, bob: Membership) -> None:
    client = as_role("admin")
    own = Membership.objects.get(user__email="admin@acme.example")
    for what in ("role", "remove"):
        client.post(f"{MEMBERS}{own.pk}/{what}/", {"role": "developer"})
        assert "keeps at least one admin" in said(client, MEMBERS)


class TestAuditLog:
    @pytest.fixture
    def client(self, as_role: Visit) -> Client:
        return as_role("admin")

    def note(self, team: Team, count: int, what: str = "person_seen", about: str = "person") -> None:
        user = User.objects.get(email="admin@acme.example")
        with tenant(team.pk):
            for number in range(count):
                audit.record(user, what, f"{about} {number}")

    def test_the_newest_stands_first_and_older_ones_follow_by_place(self, client: Client, acme: Team) -> None:
        self.note(acme, 120)
        seen: list[str] = []
        page: str | None = AUDIT
        while page:
            text = said(client, page)
            seen += [
                line.split("<")[0] for line in text.split("looked at the page of ")[1:] if line.startswith("person")
            ]
            older = text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0] if 'rel="next"' in text else None
            page = older
            self.note(acme, 3, about="later")
        assert seen == [f"person {number}" for number in reversed(range(120))]

    def test_it_is_narrowed_to_one_kind(self, client: Client, acme: Team) -> None:
        self.note(acme, 1)
        self.note(acme, 1, "member_left", "nobody")
        text = said(client, f"{AUDIT}?kind=member_left").split("<tbody>")[1]
        assert "left the team" in text
        assert "person 0" not in text

    @pytest.mark.parametrize("query", ["kind=x", "before=x", "before=-1", "before=" + "9" * 19, "before=²"])
    def test_what_is_no_place_or_kind_is_told(self, query: str, client: Client) -> None:
        assert client.get(f"{AUDIT}?{query}").status_code == 400

    def test_it_is_a_file_too_that_no_spreadsheet_runs(self, client: Client, acme: Team) -> None:
        self.note(acme, 60, about="=cmd()")
        answer = client.get("/t/acme/settings/audit.csv?kind=person_seen")
        lines = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode().lstrip("\ufeff"))))  # type: ignore[attr-defined]
        assert lines[0] == ["at", "who", "what", "about", "subject"]
        assert len(lines) == 61
        assert lines[1][3] == "'=cmd() 59"

    def test_another_teams_entries_are_not_there(self, client: Client, acme: Team, other: Team) -> None:
        self.note(other, 1, about="secret")
        assert "secret" not in said(client, AUDIT)
        with tenant(other.pk):
            assert AuditEntry.objects.count() == 1
