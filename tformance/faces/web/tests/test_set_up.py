"""The questions of a set-up: which one is asked when, who is asked, and that asking twice does nothing twice."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from tformance.accounts import invitations
from tformance.accounts.models import Invitation, Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.faces.web import set_up_mail
from tformance.faces.web.set_up_steps import QUESTIONS
from tformance.faces.web.tests.conftest import Visit
from tformance.facts import testing
from tformance.sandbox import generate
from tformance.sandbox.tests.conftest import running
from tformance.sync import connections, onboarding
from tformance.sync.drive import run_until_done
from tformance.sync.models import Connection, Scope, SyncRun, SyncStep
from tformance.sync.set_up import SetUp

TOKENS = "key/repo+read:org"


@pytest.fixture
def fresh(db: None) -> Team:
    """A team that has nothing but a name."""
    return testing.team("fresh")


@pytest.fixture
def admin(fresh: Team) -> Client:
    return member(fresh, Role.ADMIN)


def member(team: Team, role: Role) -> Client:
    user = User.objects.create_user(f"{role}@fresh.example")
    Membership.objects.create(team=team, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


@contextmanager
def github(folder: Path, prs: int = 12) -> Iterator[str]:
    generate.write(folder, prs=prs, people=4, repositories=1, months=3)
    with running(folder, tokens=TOKENS) as (server, _):
        yield server.url


def asks(client: Client) -> str:
    """Where the set-up leads to now, behind its own address."""
    answer = client.get("/t/fresh/setup/")
    return answer["Location"].removeprefix("/t/fresh/") if answer.status_code == 302 else ""


def use_github(client: Client) -> None:
    assert client.post("/t/fresh/setup/source/")["Location"] == "/t/fresh/setup/"


def give_token(client: Client, url: str) -> int:
    """The connection's key."""
    answer = client.post("/t/fresh/connections/github/", {"api_url": url, "token": "key"})
    (key,) = re.findall(r"/connections/(\d+)/repositories/", answer["Location"])
    return int(key)


def choose(client: Client, team: Team, connection: int) -> Any:
    names = [choice.name for choice in connections.choices(team.pk, connection)]
    return client.post(f"/t/fresh/connections/{connection}/repositories/", {"repository": names, "every_head": names})


def skip(client: Client, question: str) -> Any:
    return client.post(f"/t/fresh/setup/{question}/pass/")


def row(team: Team) -> SetUp:
    with tenant(team.pk):
        return SetUp.objects.first() or SetUp()


def test_question_after_question_leads_to_the_first_chart_and_is_over(
    admin: Client, fresh: Team, tmp_path: Path
) -> None:
    assert asks(admin) == "setup/source/"
    use_github(admin)
    assert asks(admin) == "connections/new/"
    with github(tmp_path / "o", prs=60) as url:
        key = give_token(admin, url)
        assert asks(admin) == "setup/repositories/"
        assert admin.get("/t/fresh/setup/repositories/")["Location"] == f"/t/fresh/connections/{key}/repositories/"
        assert choose(admin, fresh, key)["Location"] == "/t/fresh/setup/"
        assert asks(admin) == "setup/chart/"
        assert "Your first chart comes when the last 30 days are read." in page(admin, "chart/")
        run_until_done(fresh.pk, tick=lambda: None)
    assert row(fresh).state == SetUp.State.COMPLETE
    assert 'id="phases"' in page(admin, "chart/")
    skip(admin, "chart")
    assert asks(admin) == "setup/people/"
    assert skip(admin, "people")["Location"] == "/t/fresh/"
    assert "The whole history is read." in page(admin)


def page(client: Client, rest: str = "") -> str:
    answer = client.get(f"/t/fresh/setup/{rest}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_team_without_a_name_is_asked_for_it_first(admin: Client, fresh: Team) -> None:
    Team.objects.filter(pk=fresh.pk).update(name="My team")
    assert asks(admin) == "setup/team/"
    assert admin.post("/t/fresh/setup/team/", {"name": "Rockets", "zone": "Mars"}).status_code == 422
    assert admin.post("/t/fresh/setup/team/", {"name": "Rockets", "zone": "UTC"})["Location"] == "/t/fresh/setup/"
    assert asks(admin) == "setup/source/"
    assert Team.objects.get(pk=fresh.pk).name == "Rockets"


@pytest.mark.parametrize(
    ("skipped", "asked"),
    [
        (["source"], "setup/people/"),  # what needs a source is not asked without one
        (["people"], "setup/source/"),
        (["source", "people"], ""),
    ],
)
def test_what_is_skipped_is_not_asked_and_can_be_answered_later(
    admin: Client, fresh: Team, skipped: list[str], asked: str
) -> None:
    for question in skipped:
        skip(admin, question)
    assert asks(admin) == asked
    use_github(admin)
    assert asks(admin) == "connections/new/"


def test_every_question_can_be_skipped_and_none_is_invented(admin: Client, fresh: Team) -> None:
    for question in QUESTIONS:
        assert skip(admin, question.id).status_code == 302
    assert row(fresh).passed == [question.id for question in QUESTIONS]
    assert skip(admin, "elsewhere").status_code == 404
    assert "Nothing is asked any more." in page(admin)


def test_where_one_stands_is_told_to_every_reader(admin: Client, fresh: Team) -> None:
    skip(admin, "source")
    steps = re.findall(r'<li class="(\w+)">', page(admin, "people/"))
    assert steps == ["done", "skipped", "later", "later", "later", "open"]
    assert page(admin, "people/").count('aria-current="step"') == 1


def test_who_comes_in_is_led_to_the_set_up_until_there_is_a_chart(admin: Client, fresh: Team) -> None:
    assert admin.get("/")["Location"] == "/t/fresh/setup/"
    onboarding.leave_behind(fresh.pk, "source")
    onboarding.leave_behind(fresh.pk, "people")
    assert admin.get("/")["Location"] == "/t/fresh/"
    assert 'href="/t/fresh/setup/"' in admin.get("/t/fresh/").content.decode()


def test_who_is_no_admin_is_told_who_does_it(admin: Client, fresh: Team) -> None:
    developer = member(fresh, Role.DEVELOPER)
    assert developer.get("/")["Location"] == "/t/fresh/"
    assert "An admin of Fresh" in developer.get("/t/fresh/").content.decode()
    explanation = page(developer)
    assert "Nothing is connected yet." in explanation
    assert "An admin of Fresh connects" in explanation
    assert "/setup/source/" not in explanation


def test_a_team_that_has_data_is_not_set_up_again(as_role: Visit) -> None:
    assert as_role("admin").get("/")["Location"] == "/t/acme/"


def test_a_team_that_was_connected_before_there_were_questions_is_asked_none(admin: Client, fresh: Team) -> None:
    with tenant(fresh.pk):
        SetUp.objects.create(team=fresh, state="complete", moved_at=now())
    assert admin.get("/")["Location"] == "/t/fresh/"
    assert "Nothing is asked any more." in page(admin)
    assert 'aria-label="Set-up"' not in admin.get("/t/fresh/connections/new/").content.decode()


def test_a_team_that_somebody_makes_is_set_up_next(admin: Client) -> None:
    assert admin.post("/teams/new/", {"name": "Second", "zone": "UTC"})["Location"] == "/t/second/setup/"


def test_somebody_is_invited_without_leaving_the_set_up(admin: Client, fresh: Team) -> None:
    answer = admin.post("/t/fresh/setup/people/", {"email": "bob@fresh.example", "role": "lead"})
    link = re.search(r"http://testserver(/invitations/\S+/)</code>", answer.content.decode())
    assert link
    assert "Join Fresh" in Client().get(link[1]).content.decode()
    again = admin.post("/t/fresh/setup/people/", {"email": "bob@fresh.example", "role": "lead"})
    assert again.status_code == 422
    assert Invitation.objects.count() == 1
    skip(admin, "source")
    assert asks(admin) == ""  # company is on its way


def test_a_mailed_invitation_leads_back_to_the_set_up(admin: Client, settings: Any) -> None:
    settings.EMAIL_HOST = "mail.fresh.example"
    answer = admin.post("/t/fresh/setup/people/", {"email": "bob@fresh.example", "role": "lead"})
    assert answer["Location"] == "/t/fresh/setup/people/"
    assert mail.outbox[0].to == ["bob@fresh.example"]


def test_every_step_that_is_done_twice_is_done_once(admin: Client, fresh: Team, tmp_path: Path) -> None:
    with github(tmp_path / "o") as url:
        for _ in range(2):
            use_github(admin)
            key = give_token(admin, url)
            choose(admin, fresh, key)
            skip(admin, "people")
    with tenant(fresh.pk):
        assert Connection.objects.count() == 1
        assert Scope.objects.filter(kind="repository").count() == 1
        assert SyncRun.objects.filter(kind="history").count() == 1
        assert SetUp.objects.get().passed == ["people"]


def test_the_overview_reminds_admins_of_what_is_still_asked_while_its_numbers_grow(admin: Client, fresh: Team) -> None:
    pull = testing.pull_request(7, opened_at=now() - timedelta(days=3), merged_at=now() - timedelta(days=2))
    testing.write(fresh, testing.page(pull))
    assert "The set-up goes on with" not in admin.get("/t/fresh/").content.decode()
    use_github(admin)
    assert "The set-up goes on with: access." in admin.get("/t/fresh/").content.decode()
    developer = member(fresh, Role.DEVELOPER)
    assert "The set-up goes on with" not in developer.get("/t/fresh/").content.decode()


class TestStopped:
    @pytest.fixture
    def reading(self, admin: Client, fresh: Team, tmp_path: Path) -> Iterator[Client]:
        with github(tmp_path / "o") as url:
            use_github(admin)
            choose(admin, fresh, give_token(admin, url))
            yield admin

    def test_why_nothing_goes_on_is_said_with_the_way_to_repair_it(self, reading: Client, fresh: Team) -> None:
        with tenant(fresh.pk):
            connections.stop(Connection.objects.get(), Connection.Problem.REVOKED, "Bad credentials")
        assert row(fresh).state == SetUp.State.FAILED
        shown = page(reading, "chart/")
        assert "The access was withdrawn, connect again." in shown
        assert 'href="/t/fresh/connections/"' in shown
        assert reading.get("/")["Location"] == "/t/fresh/setup/"

    def test_what_is_missing_is_said(self, reading: Client, fresh: Team) -> None:
        run_until_done(fresh.pk, tick=lambda: None)
        with tenant(fresh.pk):
            SyncStep.objects.filter(stream="releases").update(state="partial", error="It does not answer.")
            SetUp.objects.update(state="history")
            onboarding.follow(fresh.pk)
        assert "but for this</span>: " in page(reading, "chart/")
        assert "releases: It does not answer." in page(reading, "chart/")


class TestMessage:
    @pytest.fixture
    def ended(self, admin: Client, fresh: Team) -> SetUp:
        use_github(admin)
        with tenant(fresh.pk):
            SetUp.objects.update(state="complete", moved_at=now())
        return row(fresh)

    def test_whoever_set_the_team_up_is_told_once_that_the_history_is_there(self, ended: SetUp, fresh: Team) -> None:
        for _ in range(2):
            set_up_mail.send_due()
        (sent,) = mail.outbox
        assert (sent.to, sent.subject) == (["admin@fresh.example"], "The history of Fresh is read")
        assert "http://testserver/t/fresh/" in sent.body
        assert row(fresh).mail == SetUp.Mail.SENT

    def test_what_is_missing_is_told_with_its_reason(self, ended: SetUp, fresh: Team) -> None:
        with tenant(fresh.pk):
            since = now() - timedelta(hours=1)
            SetUp.objects.update(state="partial", reason="acme/shop, releases: no <answer>.", moved_at=since)
        set_up_mail.send_due()
        (sent,) = mail.outbox
        assert sent.subject == "The history of Fresh is read, with gaps"
        assert "acme/shop, releases: no <answer>." in sent.body
        assert "http://testserver/t/fresh/connections/" in sent.body

    def test_a_mail_server_that_refuses_is_asked_again_later(self, ended: SetUp, fresh: Team, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        set_up_mail.send_due()
        assert (row(fresh).mail, row(fresh).mail_failures) == (SetUp.Mail.WAITING, 1)
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        set_up_mail.send_due()
        assert mail.outbox == []
        with tenant(fresh.pk):
            SetUp.objects.update(mail_not_before=now())
        set_up_mail.send_due()
        assert len(mail.outbox) == 1

    def test_who_will_be_told_is_said_where_there_is_a_mail_server(
        self, admin: Client, fresh: Team, settings: Any
    ) -> None:
        use_github(admin)
        with tenant(fresh.pk):
            SetUp.objects.update(state="history")
        assert "a message goes to" not in page(admin, "chart/")
        settings.EMAIL_HOST = "mail.fresh.example"
        assert "a message goes to admin@fresh.example" in page(admin, "chart/")

    def test_a_team_with_line_breaks_in_its_name_writes_no_headers(self, ended: SetUp, fresh: Team) -> None:
        Team.objects.filter(pk=fresh.pk).update(name="Fresh\r\nBcc: eve@evil.example")
        set_up_mail.send_due()
        assert mail.outbox[0].recipients() == ["admin@fresh.example"]


def test_the_set_up_of_another_team_is_out_of_reach(admin: Client, fresh: Team, as_role: Visit) -> None:
    stranger = as_role("stranger")
    for address in ("setup/", "setup/source/", "setup/people/", "setup/chart/"):
        assert stranger.get(f"/t/fresh/{address}").status_code == 404
    assert stranger.post("/t/fresh/setup/source/").status_code == 404
    assert stranger.post("/t/fresh/setup/people/pass/").status_code == 404
    assert row(fresh).state == SetUp.State.NOT_STARTED
    assert not invitations.waiting(fresh.pk).exists()
