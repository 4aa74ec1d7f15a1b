"""Can these numbers be trusted? At its addresses."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import Inline, text
from tformance.facts import testing
from tformance.sources.contract import Allowance
from tformance.sync.models import Connection, Quarantined, Scope, SyncRun, SyncStep, WebhookDelivery, WebhookEndpoint
from tformance.sync.turns import join

PAGES = ["/t/acme/health/", "/t/acme/health/live/", "/t/acme/health/details/"]


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


def follow(team: Team, *names: str, state: str = "complete") -> Connection:
    """A connection whose repositories were read, are being read, or have gaps."""
    with tenant(team.pk):
        made: Connection = Connection.objects.create(
            team=team, source="github", account=state, secret=settings.KEY_RING.seal("key"), created_at=now()
        )
        run = SyncRun.objects.create(team=team, connection=made, kind="history", started_at=now(), state=state)
        for name in names:
            scope = Scope.objects.create(team=team, connection=made, name=name)
            step = {"stream": "pull_requests", "window": "whole", "rank": 1, "state": state, "seen": 120}
            SyncStep.objects.create(team=team, run=run, scope=scope, expected=400, **step)
    return made


def leave_out(team: Team, item: str) -> Quarantined:
    with tenant(team.pk):
        step = SyncStep.objects.earliest("pk")
        left: Quarantined = Quarantined.objects.create(
            team=team,
            scope=step.scope,
            step=step,
            stream="pull_requests",
            item=item,
            reason=f"The provider could not answer for {item}.",
            first_seen=now(),
            last_seen=now(),
            attempts=3,
        )
    return left


def test_every_budget_of_a_credential_is_told_apart(admin: Client, acme: Team) -> None:
    made, reset = follow(acme, "acme/web"), now() + timedelta(minutes=20)
    with tenant(acme.pk):
        lane = join(made).lane
    lane.note([Allowance("graphql", 4100, reset, 5000), Allowance("core", 12, now() - timedelta(minutes=1))])
    lane.save()
    page = text(admin.get("/t/acme/health/live/"))
    assert "4 100 of 5 000 points left, full again" in page
    assert "12 requests left, full again by now" in page


def message(team: Team, key: int, **fields: str) -> None:
    endpoint, _ = WebhookEndpoint.objects.get_or_create(
        team_id=team.pk, defaults={"source": "github", "secret": b"x", "created_at": now()}
    )
    given = {"event": "push", "state": "applied"} | fields
    WebhookDelivery.objects.create(endpoint=endpoint, delivery_id=f"{team.pk}-{key}", received_at=now(), **given)


@pytest.mark.parametrize("page", PAGES)
def test_only_the_teams_own_people_get_in(page: str, as_role: Visit) -> None:
    assert as_role("stranger").get(page).status_code == 404
    assert Client().get(page).status_code == 302
    for role in ("admin", "lead", "developer"):
        assert as_role(role).get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_reading_is_all_that_can_be_done(page: str, admin: Client) -> None:
    assert admin.post(page).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_nothing_of_another_team_is_shown(page: str, admin: Client, acme: Team, other: Team) -> None:
    follow(acme, "acme/shop")
    before = text(admin.get(page))
    follow(other, "other/secret")
    leave_out(other, "PR_secret")
    message(other, 1, event="secret", state="failed")
    assert text(admin.get(page)) == before


@pytest.mark.parametrize("page", PAGES)
def test_statements_do_not_grow_with_repositories_and_rows(page: str, admin: Client, acme: Team) -> None:
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(page).status_code == 200
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]]) - 1

    follow(acme, "acme/shop")
    leave_out(acme, "PR_0")
    message(acme, 0)
    before = statements()
    follow(acme, *(f"acme/r{number}" for number in range(30)), state="running")
    for number in range(1, 30):
        leave_out(acme, f"PR_{number}")
        message(acme, number, state="unknown", event=f"kind_{number}")
    assert statements() == before <= 17


@pytest.mark.parametrize("page", PAGES)
def test_pages_carry_no_inline_script_or_style(page: str, admin: Client, acme: Team) -> None:
    follow(acme, "acme/shop", state="running")
    leave_out(acme, "PR_1")
    parser = Inline()
    parser.feed(admin.get(page).content.decode())
    assert parser.found == []


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("complete", "Yes: the 1 repository is read to the end"),
        ("running", "Not all of them yet: 0 of 1 repository read to the end"),
        ("partial", "Mostly: 1 of 1 repository with gaps"),
    ],
)
def test_the_answer_comes_from_rows(state: str, words: str, admin: Client, acme: Team) -> None:
    follow(acme, "acme/shop", state=state)
    page = admin.get("/t/acme/health/")
    assert words in text(page)
    assert ("every 2s" in page.content.decode()) is (state == "running")


def test_a_credential_that_was_refused_is_said_first(admin: Client, acme: Team) -> None:
    follow(acme, "acme/shop")
    with tenant(acme.pk):
        Connection.objects.update(state="reconnect", problem="revoked", reason="Bad credentials")
    assert "GitHub, token of complete, is not read any more, the access was withdrawn" in text(
        admin.get("/t/acme/health/")
    )


def test_without_a_repository_there_is_nothing_to_trust(admin: Client) -> None:
    page = text(admin.get("/t/acme/health/"))
    assert "There is nothing to trust yet" in page
    assert "Connect GitHub" in page


def test_a_repository_without_what_its_siblings_have_is_a_suspicious_zero(admin: Client, acme: Team) -> None:
    recent = now() - timedelta(days=3)
    dates = {"merged_at": recent, "closed_at": recent, "updated_at": recent, "opened_at": recent - timedelta(hours=5)}
    checked = testing.pull_request(20, checks=testing.whole([testing.check(1)]), **dates)
    api = testing.repository("acme/api")
    testing.write(acme, testing.page(checked), testing.page(testing.pull_request(21, **dates), repository=api))
    follow(acme, "acme/shop", "acme/api")
    page = text(admin.get("/t/acme/health/"))
    assert "Mostly: all 2 repositories are read to the end. acme/api shows no checks in 90 days." in page
    assert "acme/api has 1 merged pull request and no checks in 90 days" in page
    assert "can the token read Checks?" in page


def test_what_was_left_out_is_listed_and_only_admins_ask_again(as_role: Visit, acme: Team) -> None:
    follow(acme, "acme/shop")
    left = leave_out(acme, "PR_7")
    address = f"/t/acme/health/left-out/{left.pk}/retry/"
    developer, lead, admin = as_role("developer"), as_role("lead"), as_role("admin")
    for client in (developer, lead):
        page = text(client.get("/t/acme/health/details/"))
        assert "acme/shop Pull requests PR_7 The provider could not answer for PR_7. 3" in page
        assert "Retry" not in page
        assert client.post(address).status_code == 403
    assert Client().post(address).status_code == 302
    assert as_role("stranger").post(address).status_code == 404
    assert admin.get(address).status_code == 405
    assert "Retry" in text(admin.get("/t/acme/health/details/"))
    assert admin.post(address).status_code == 302
    with tenant(acme.pk):
        assert list(left.scope.wanted.values_list("item", "why")) == [("PR_7", "asked")]
    assert admin.post("/t/acme/health/left-out/999999/retry/").status_code == 404


def test_one_team_cannot_ask_again_for_what_another_left_out(admin: Client, acme: Team, other: Team) -> None:
    follow(other, "other/secret")
    left = leave_out(other, "PR_9")
    assert admin.post(f"/t/acme/health/left-out/{left.pk}/retry/").status_code == 404
    with tenant(other.pk):
        assert not left.scope.wanted.exists()


def test_messages_nobody_understood_are_loud(admin: Client, acme: Team) -> None:
    message(acme, 1)
    message(acme, 2, event="new_thing", state="unknown", note="No such event is known.")
    page = text(admin.get("/t/acme/health/details/"))
    assert "1 message of the last seven days not understood" in page
    assert re.search(r"new_thing just now Not understood No such event is known\.", page)
    assert "push 1 1 1 taken up" in page


def test_without_messages_the_page_says_how_news_are_found(admin: Client) -> None:
    assert "GitHub sends no messages here, so it is asked" in text(admin.get("/t/acme/health/details/"))


def test_what_is_stored_but_doubtful_is_counted(admin: Client, acme: Team) -> None:
    half = testing.ChildSet((testing.commit(5),), 3)
    early = testing.review(3, submitted_at=testing.at(-40))
    testing.write(acme, testing.page(testing.pull_request(30, commits=half, reviews=testing.whole([early]))))
    page = text(admin.get("/t/acme/health/details/"))
    assert "1 of 2 pull requests lack a part" in page
    assert "1 of 2 pull requests have times in an impossible order" in page
    assert "0 of 0 deployments bring no pull request that is known" in page
