"""Erasing, keeping for a while and deleting, at their addresses: nothing happens without the name being typed."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from tformance.accounts.models import AuditEntry, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.curation import forgetting, removing
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_identities import one, said
from tformance.facts import testing as t
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.sync.models import Connection

SETTINGS = "/t/acme/settings/"
DANGER, RETENTION = f"{SETTINGS}danger/", f"{SETTINGS}retention/"


@pytest.fixture
def mara(acme: Team) -> Actor:
    who = t.actor("mara-lind", name="Mara Lind")
    commit = t.commit(70, author=who, author_name="Mara Lind", author_email="mara@acme.example")
    t.write(acme, t.page(t.pull_request(8, author=who, commits=t.whole([commit])), fetched_at=t.at(30)))
    return one("mara-lind")


@pytest.fixture
def connection(acme: Team) -> Connection:
    with tenant(acme.pk):
        made: Connection = Connection.objects.create(
            team=acme, source="github", account="octo", secret=b"", created_at=now()
        )
        return made


def erasing(person: Actor) -> str:
    return f"{SETTINGS}identities/people/{person.member_id}/erase/"


class TestErasing:
    def test_a_person_leads_there_and_the_page_says_what_happens_before_it_does(
        self, mara: Actor, as_role: Visit
    ) -> None:
        client = as_role("admin")
        person = client.get(f"{SETTINGS}identities/people/{mara.member_id}/")
        assert erasing(mara) in person.content.decode()
        page = said(client.get(erasing(mara)))
        for words in ("mara-lind", "Mara Lind", "mara@acme.example", "1 pull request, 0 reviews and 1 commit"):
            assert words in page
        assert "The number that their account has at its provider." in page
        assert one("mara-lind").erased_as is None

    @pytest.mark.parametrize("typed", ["", "mara lind", "Mara", "mara-lind"])
    def test_another_name_erases_nobody_and_says_so_at_the_field(self, typed: str, mara: Actor, as_role: Visit) -> None:
        answer = as_role("admin").post(erasing(mara), {"typed": typed})
        assert answer.status_code == 422
        assert 'class="err"' in answer.content.decode()
        assert one("mara-lind").erased_as is None

    def test_typed_as_it_stands_it_erases(self, mara: Actor, as_role: Visit, acme: Team) -> None:
        client = as_role("admin")
        page = said(client.post(erasing(mara), {"typed": "Mara Lind"}, follow=True))
        assert "Mara" not in page
        assert "Former colleague 1" in page
        assert "Texts are still being searched" in page
        assert "Save the user" not in page
        while forgetting.sweep(acme.pk):
            pass
        person = f"{SETTINGS}identities/people/{mara.member_id}/"
        assert "still being searched" not in said(client.get(person))
        assert client.get(erasing(mara)).status_code == 404
        assert "erased a person, from then on Former colleague 1" in said(client.get(f"{SETTINGS}audit/"))
        assert client.get("/t/acme/people/mara-lind/").status_code == 404
        assert client.get("/t/acme/people/former-colleague-1/").status_code == 200

    def test_what_stands_in_the_way_is_said_instead_of_a_form(self, mara: Actor, acme: Team, as_role: Visit) -> None:
        with tenant(acme.pk):
            Connection.objects.create(team=acme, source="github", account="mara-lind", secret=b"", created_at=now())
        client = as_role("admin")
        page = said(client.get(erasing(mara)))
        assert "A connection reads with the account mara-lind" in page
        assert "Erase for good" not in page
        assert "reads with the account" in said(client.post(erasing(mara), {"typed": "Mara Lind"}, follow=True))
        assert one("mara-lind").erased_as is None

    def test_somebody_of_another_team_is_not_there(self, mara: Actor, other: Team, as_role: Visit) -> None:
        with tenant(other.pk):
            theirs = TeamMember.objects.get().pk
        client = as_role("admin")
        address = f"{SETTINGS}identities/people/{theirs}/erase/"
        assert client.get(address).status_code == 404
        assert client.post(address, {"typed": "Mallory"}).status_code == 404
        with tenant(other.pk):
            assert TeamMember.objects.get().erased_as is None

    def test_who_erases_themselves_is_signed_out(self, mara: Actor, acme: Team, as_role: Visit) -> None:
        as_role("developer")
        user = User.objects.create_user("mara@acme.example")
        for who in (user, User.objects.get(email="developer@acme.example")):
            Membership.objects.update_or_create(team=acme, user=who, defaults={"role": Role.ADMIN})
        client = Client()
        client.force_login(user)
        client.post(erasing(mara), {"typed": "Mara Lind"})
        assert client.get(SETTINGS).status_code == 302
        assert not User.objects.filter(email="mara@acme.example").exists()


class TestDanger:
    @pytest.mark.parametrize("part", ["sources", "data", "team"])
    @pytest.mark.parametrize("typed", ["", "Acme", "other"])
    def test_nothing_happens_without_the_teams_name(
        self, part: str, typed: str, acme: Team, connection: Connection, as_role: Visit
    ) -> None:
        answer = as_role("admin").post(DANGER, {"part": part, "typed": typed})
        assert answer.status_code == 422
        assert answer.content.decode().count('class="err"') == 1
        acme.refresh_from_db()
        assert acme.removal == ""
        with tenant(acme.pk):
            assert Connection.objects.exists()

    def test_all_sources_are_let_go_and_what_was_read_stays(
        self, acme: Team, connection: Connection, as_role: Visit
    ) -> None:
        client = as_role("admin")
        assert client.post(DANGER, {"part": "sources", "typed": "acme"})["Location"] == "/t/acme/connections/"
        with tenant(acme.pk):
            assert not Connection.objects.exists()
            assert PullRequest.objects.exists()
            assert AuditEntry.objects.filter(what="connection_removed", about="GitHub: octo").count() == 1

    def test_while_the_data_go_pages_say_so_and_nothing_is_changed(
        self, acme: Team, connection: Connection, as_role: Visit
    ) -> None:
        client = as_role("admin")
        assert client.post(DANGER, {"part": "data", "typed": "acme"})["Location"] == DANGER
        assert "is being deleted: numbers shrink" in said(client.get("/t/acme/"))
        assert client.post("/t/acme/connections/read/").status_code == 409
        assert client.post(SETTINGS, {"part": "general", "name": "X", "zone": "UTC"}).status_code == 409
        removing.finish()
        assert "is being deleted" not in said(client.get("/t/acme/"))
        assert client.get("/t/acme/pulls/").status_code == 200
        with tenant(acme.pk):
            assert not PullRequest.objects.exists()
            assert AuditEntry.objects.filter(what="data_deleted").exists()

    def test_nobody_enters_a_team_that_is_being_deleted(self, acme: Team, other: Team, as_role: Visit) -> None:
        developer, client = as_role("developer"), as_role("admin")
        assert client.post(DANGER, {"part": "team", "typed": "acme"})["Location"] == "/"
        for visitor in (client, developer):
            assert visitor.get("/t/acme/").status_code == 404
            assert visitor.get("/").status_code == 200
        removing.finish()
        assert not Team.objects.filter(slug="acme").exists()
        assert Team.objects.filter(slug="other").exists()
        assert client.get("/t/acme/").status_code == 404


class TestRemovingAConnection:
    def test_it_is_asked_first_and_what_was_read_stays(
        self, acme: Team, connection: Connection, as_role: Visit
    ) -> None:
        client = as_role("admin")
        address = f"/t/acme/connections/{connection.pk}/remove/"
        assert address in client.get("/t/acme/connections/").content.decode()
        assert "What was read stays" in said(client.get(address))
        with tenant(acme.pk):
            assert Connection.objects.exists()
        client.post(address)
        with tenant(acme.pk):
            assert not Connection.objects.exists()
            assert PullRequest.objects.exists()
            assert AuditEntry.objects.filter(what="connection_removed").exists()

    def test_one_of_another_team_is_not_there(self, other: Team, acme: Team, as_role: Visit) -> None:
        with tenant(other.pk):
            made = Connection.objects.create(team=other, source="github", account="x", secret=b"", created_at=now())
        client = as_role("admin")
        assert client.post(f"/t/acme/connections/{made.pk}/remove/").status_code == 404
        with tenant(other.pk):
            assert Connection.objects.exists()


class TestRetention:
    def test_what_is_kept_for_less_long_has_to_be_agreed_to(self, acme: Team, as_role: Visit) -> None:
        client = as_role("admin")
        for given in ({"years": "5", "months": "24"}, {"years": "", "months": "6"}):
            answer = client.post(RETENTION, given)
            assert answer.status_code == 422
            assert "say that it may be" in unescape(answer.content.decode())
        assert client.post(RETENTION, {"years": "5", "months": "6", "agreed": "on"})["Location"] == RETENTION
        acme.refresh_from_db()
        assert (acme.keep_years, acme.keep_looks_months) == (5, 6)
        with tenant(acme.pk):
            assert AuditEntry.objects.get(what="retention_changed").about == "what was read 5 years, looks 6 months"

    def test_keeping_for_longer_needs_no_agreement(self, acme: Team, as_role: Visit) -> None:
        assert as_role("admin").post(RETENTION, {"years": "", "months": "36"})["Location"] == RETENTION

    @pytest.mark.parametrize("given", [{"years": "4", "months": "24"}, {"years": "x", "months": "24"}, {"years": ""}])
    def test_other_times_are_refused_at_their_field(self, given: dict[str, str], acme: Team, as_role: Visit) -> None:
        answer = as_role("admin").post(RETENTION, {**given, "agreed": "on"})
        assert answer.status_code == 422
        assert 'class="err"' in answer.content.decode()

    def test_how_much_would_go_is_said_before(self, acme: Team, as_role: Visit) -> None:
        old = now() - timedelta(days=800)
        pull = t.pull_request(70, closed_at=old, merged_at=old, opened_at=old, updated_at=old)
        t.write(acme, t.page(pull, fetched_at=t.at(31)))
        page = said(as_role("admin").get(RETENTION))
        assert "2 years 1 pull request was closed before that" in page
        assert "3 years 1 pull" not in page


class TestOwnAccount:
    def test_it_is_deleted_when_the_address_is_typed(self, acme: Team, as_role: Visit) -> None:
        as_role("admin")
        client = as_role("developer")
        assert client.post("/account/delete/", {"typed": "me"}).status_code == 422
        assert User.objects.filter(email="developer@acme.example").exists()
        answer = client.post("/account/delete/", {"typed": "developer@acme.example"})
        assert "Your account is deleted" in said(answer)
        assert not User.objects.filter(email="developer@acme.example").exists()
        assert client.get("/account/").status_code == 302

    def test_the_only_admin_of_a_team_is_told_what_to_do_first(self, acme: Team, as_role: Visit) -> None:
        client = as_role("admin")
        assert "/account/delete/" in client.get("/account/").content.decode()
        assert "You are the only admin of Acme" in said(client.get("/account/delete/"))
        client.post("/account/delete/", {"typed": "admin@acme.example"})
        assert Membership.objects.filter(user__email="admin@acme.example").exists()

    def test_nobody_else_is_deleted_by_it(self) -> None:
        answer = Client().post("/account/delete/", {"typed": "admin@acme.example"})
        assert answer["Location"].startswith("/accounts/login/")


class TestSample:
    @pytest.fixture(autouse=True)
    def demo(self, acme: Team, other: Team) -> None:
        Team.objects.filter(pk=acme.pk).update(is_demo=True, slug="demo")

    def test_admins_of_other_teams_remove_it_with_one_click_on_every_page(self, as_role: Visit) -> None:
        client = as_role("stranger")
        for page in ("/t/demo/", "/t/demo/pulls/", "/t/demo/delivery/", "/t/demo/glossary/"):
            assert 'action="/demo/remove/"' in client.get(page).content.decode()
        assert client.post("/demo/remove/")["Location"] == "/"
        assert client.get("/t/demo/").status_code == 404
        assert Client().get("/")["Location"] == "/accounts/login/"

    def test_who_is_no_admin_anywhere_or_not_signed_in_sees_no_button_and_removes_nothing(self, other: Team) -> None:
        user = User.objects.create_user("dev@other.example")
        Membership.objects.create(team=other, user=user, role=Role.DEVELOPER)
        developer = Client()
        developer.force_login(user)
        for client, refused in ((developer, 403), (Client(), 302)):
            assert "/demo/remove/" not in client.get("/t/demo/").content.decode()
            assert client.post("/demo/remove/").status_code == refused
        assert not Team.objects.exclude(removal="").exists()

    def test_it_is_not_removed_by_a_link(self, as_role: Visit) -> None:
        assert as_role("stranger").get("/demo/remove/").status_code == 405

    @pytest.mark.parametrize("page", ["settings/danger/", "settings/retention/", "settings/identities/people/1/erase/"])
    def test_whoever_reads_it_erases_and_deletes_nothing_in_it(self, page: str, as_role: Visit) -> None:
        client = as_role("stranger")
        assert client.get(f"/t/demo/{page}").status_code == 403
        assert client.post(f"/t/demo/{page}", {"part": "team", "typed": "demo"}).status_code == 403
        assert not Team.objects.exclude(removal="").exists()
