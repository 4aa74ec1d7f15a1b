"""Seats as one set, usage day by day: late, missing, broken and refused reports are each told apart."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tformance.core.clock import now
from tformance.core.errors import Retry, Skip
from tformance.facts.records import OrganizationPage
from tformance.sandbox.server import Sandbox
from tformance.sources.contract import Page, ScopeRef, Window
from tformance.sources.github.copilot import FIRST_REPORT, ROWS_AT_ONCE, SEATS, USAGE
from tformance.sources.github.tests.scripted import Asked, Reply, scripted
from tformance.sources.github.tests.world import World, at, served
from tformance.sources.tests.lent import NOW, Lent

YESTERDAY = NOW.date() - timedelta(days=1)
LAST_WEEK = Window(since=NOW - timedelta(days=4))  # three days more are read again


def organisation(people: int = 3, days: int = 10) -> World:
    """Everybody used the tool every day up to yesterday."""
    world = World()
    world.add("users", id="O_acme", database_id=9, login="acme", name="Acme", type="Organization")
    for number in range(people):
        login = f"dev{number}"
        world.add("users", id=f"U_{login}", database_id=1000 + number, login=login, type="User")
        world.add(
            "copilot_seats",
            organization="acme",
            login=login,
            created_at=at(number),
            last_activity_at=at(1000) if number else None,
            last_activity_editor="vscode/1.1" if number else None,
            pending_cancellation_date="2026-12-01" if number == 1 else None,
            plan_type="business",
        )
        for back in range(days):
            world.add(
                "copilot_usage",
                organization="acme",
                login=login,
                day=(YESTERDAY - timedelta(days=back)).isoformat(),
                user_initiated_interaction_count=5,
                code_generation_activity_count=9,
                code_acceptance_activity_count=4,
                loc_suggested_to_add_sum=70,
                loc_added_sum=90,
                loc_deleted_sum=3,
                used_agent=number == 1,
                used_chat=True,
            )
    return world


def where(url: str, name: str = "acme") -> ScopeRef:
    return ScopeRef(url, name, kind="organization")


def used(sandbox: Sandbox, session: Lent, window: Window = LAST_WEEK) -> list[Page]:
    return list(USAGE.fetch(session, where(sandbox.url), window, None))


def told(pages: list[Page]) -> list[OrganizationPage]:
    found = [USAGE.translate(where(""), page.items, now()) for page in pages if page.items]
    assert all(isinstance(page, OrganizationPage) for page in found)
    return [page for page in found if isinstance(page, OrganizationPage)]


def days(pages: list[Page]) -> list[date]:
    return [day for page in told(pages) for day in page.report_days]


def backwards(count: int) -> list[date]:
    return [YESTERDAY - timedelta(days=back) for back in range(count)]


def test_every_day_comes_with_each_accounts_row(tmp_path: Path) -> None:
    session = Lent()
    with served(organisation(), tmp_path) as sandbox:
        pages = used(sandbox, session)
    assert days(pages) == backwards(7)
    rows = told(pages)[0].usage
    assert [row.actor.login for row in rows] == ["dev0", "dev1", "dev2"]
    row = rows[1]
    assert (row.tool, row.actor.provider_id, row.day, row.is_active) == ("copilot", 1001, YESTERDAY, True)
    assert (row.interactions, row.suggestions, row.acceptances) == (5, 9, 4)
    assert (row.lines_suggested, row.lines_added, row.lines_deleted) == (70, 90, 3)
    assert (row.used_chat, row.used_agent, row.used_cli) == (True, True, False)
    assert row.raw["totals_by_ide"][0]["ide"] == "vscode"
    assert session.requests == 1 + 7
    assert (pages[-1].seen, pages[-1].expected, pages[-1].cursor) == (7, 7, None)
    assert pages[-1].watermark == datetime(2026, 11, 20, tzinfo=UTC)


def test_a_day_without_a_report_stays_unknown_and_is_asked_for_again(tmp_path: Path) -> None:
    with served(organisation(), tmp_path, "late_days=2") as sandbox:
        pages = used(sandbox, Lent())
        assert days(pages) == backwards(7)[2:]
        reached = pages[-1].watermark
        assert reached is not None
        sandbox.reports.late_days = 0
        again = used(sandbox, Lent(), Window(since=reached - timedelta(minutes=10)))
    assert days(again)[:2] == backwards(2)
    assert len(days(again)) == 4


def test_reports_begin_in_october_2025_and_are_kept_for_a_year(tmp_path: Path) -> None:
    early = Lent(clock=lambda: datetime(2025, 10, 14, 9, tzinfo=UTC))
    with served(organisation(days=1), tmp_path) as sandbox:
        assert used(sandbox, Lent(), Window())[0].expected == 365
        *_, last = used(sandbox, early, Window())
        assert (last.expected, FIRST_REPORT) == (4, date(2025, 10, 10))


def test_history_and_the_newest_month_leave_no_day_between(tmp_path: Path) -> None:
    border = NOW - timedelta(days=4)
    with served(organisation(), tmp_path) as sandbox:
        newest, history = used(sandbox, Lent(), Window(since=border)), used(sandbox, Lent(), Window(until=border))
    assert set(days(newest)) | set(days(history)) == set(backwards(10))


def test_a_reading_goes_on_with_the_day_where_it_stopped(tmp_path: Path) -> None:
    with served(organisation(), tmp_path) as sandbox:
        pages = used(sandbox, Lent())
        saved = json.loads(json.dumps(pages[2].cursor))
        rest = list(USAGE.fetch(Lent(), where(sandbox.url), LAST_WEEK, saved))
    assert days(rest) == backwards(7)[3:]
    assert rest[-1].seen == 7


def test_a_large_day_comes_in_parts_and_ends_once(tmp_path: Path) -> None:
    people = 2 * ROWS_AT_ONCE + 1
    with served(organisation(people, days=1), tmp_path) as sandbox:
        pages = used(sandbox, Lent(), Window(since=NOW + timedelta(days=2)))
    assert [len(page.items) for page in pages] == [ROWS_AT_ONCE, ROWS_AT_ONCE, 2]
    assert days(pages) == [YESTERDAY]
    assert len({row.actor.login for page in told(pages) for row in page.usage}) == people
    assert [page.seen for page in pages] == [0, 0, 1]


def test_a_missing_policy_is_named_and_stops_nothing_else(tmp_path: Path) -> None:
    with served(organisation(), tmp_path, "no_reports=1") as sandbox:
        pages = used(sandbox, Lent())
        assert seats(sandbox, Lent()) is not None
    assert told(pages) == []
    reasons = [skipped for page in pages for skipped in page.skipped]
    assert reasons[0].item == YESTERDAY.isoformat()
    assert 'the policy "Copilot usage metrics" must be enabled' in reasons[0].reason
    assert len(reasons) == 1


def test_a_person_has_no_copilot_of_an_organisation(tmp_path: Path) -> None:
    with served(organisation(), tmp_path) as sandbox:
        for stream in (SEATS, USAGE):
            [page] = stream.fetch(Lent(), where(sandbox.url, "ada"), LAST_WEEK, None)
            assert (page.items, page.skipped, page.cursor) == ((), (), None)


ONE_DAY = Window(since=NOW + timedelta(days=2))
OWNER = {"__typename": "Organization", "id": "O_acme", "databaseId": 9, "login": "acme", "name": "Acme"}
FOUND = Reply(body={"data": {"owner": OWNER}})


def row(**given: Any) -> bytes:
    known = {"day": YESTERDAY.isoformat(), "user_id": 1, "user_login": "ada", "loc_added_sum": 2}
    return json.dumps(known | given).encode()


def scripted_day(*files: Reply, links: int = 1, again: bool = False) -> tuple[list[Page], list[Asked]]:
    """One day: its links, and then the files at them."""
    with scripted(FOUND) as server, scripted(*files) as storage:
        address = storage.url.replace("127.0.0.1", "localhost") + "/report?sig=x"
        server.replies += [Reply(body={"download_links": [address] * links})] * (2 if again else 1)
        pages = list(USAGE.fetch(Lent(), where(server.url), ONE_DAY, None))
        return pages, storage.asked


def test_the_host_of_a_link_gets_no_credential() -> None:
    _, [asked] = scripted_day(Reply(body=row() + b"\n"))
    assert "authorization" not in asked.headers
    assert "secret" not in str(asked)


def test_several_files_make_one_day() -> None:
    pages, _ = scripted_day(Reply(body=row()), Reply(body=row(user_id=2, user_login="bob")), links=2)
    assert [used.actor.login for page in told(pages) for used in page.usage] == ["ada", "bob"]
    assert days(pages) == [YESTERDAY]


@pytest.mark.parametrize("status", [403, 404])
def test_links_that_have_ended_are_asked_for_once_more(status: int) -> None:
    pages, asked = scripted_day(Reply(status, b"expired"), Reply(body=row()), again=True)
    assert (len(asked), days(pages)) == (2, [YESTERDAY])
    pages, asked = scripted_day(Reply(status, b"expired"), Reply(status, b"expired"), again=True)
    assert (len(asked), days(pages)) == (2, [])
    assert "end too soon" in pages[0].skipped[0].reason


def test_unreadable_lines_are_counted_and_leave_the_day_incomplete() -> None:
    lines = [row(), b"{broken", row(user_id=None), b"[1]", row(loc_added_sum="many"), row(day="yesterday"), b""]
    pages, _ = scripted_day(Reply(body=b"\n".join(lines)))
    assert [len(page.usage) for page in told(pages)] == [1]
    assert days(pages) == []
    [skipped] = pages[0].skipped
    assert skipped.item == YESTERDAY.isoformat()
    assert "5 lines" in skipped.reason


def test_what_a_row_does_not_say_is_not_known() -> None:
    pages, _ = scripted_day(Reply(body=row(new_field_of_next_month={"a": 1})))
    [used_row] = told(pages)[0].usage
    assert (used_row.interactions, used_row.used_cli, used_row.lines_added) == (None, None, 2)
    assert used_row.raw["new_field_of_next_month"] == {"a": 1}
    assert used_row.is_active


def test_an_account_with_nothing_but_zeros_was_not_active() -> None:
    pages, _ = scripted_day(Reply(body=row(loc_added_sum=0, used_chat=False)))
    assert told(pages)[0].usage[0].is_active is False


def test_a_storage_that_fails_is_tried_later() -> None:
    with pytest.raises(Retry):
        scripted_day(Reply(503, b"busy"))
    with pytest.raises(Retry):
        scripted_day(Reply(hangs_up=True))


def seats(sandbox: Sandbox, session: Lent, window: Window = LAST_WEEK) -> OrganizationPage | None:
    [page] = SEATS.fetch(session, where(sandbox.url), window, None)
    assert page.skipped == ()
    found = SEATS.translate(where(sandbox.url), page.items, now()) if page.items else None
    assert found is None or isinstance(found, OrganizationPage)
    return found


def test_seats_come_as_one_set(tmp_path: Path) -> None:
    session = Lent()
    with served(organisation(people=230, days=0), tmp_path) as sandbox:
        found = seats(sandbox, session)
    assert found is not None
    assert found.seats is not None
    assert (len(found.seats.items), found.seats.total, found.seats.complete) == (230, 230, True)
    idle, leaving = found.seats.items[:2]
    assert (idle.actor.provider_id, idle.actor.login, idle.tool, idle.plan) == (1000, "dev0", "copilot", "business")
    assert (idle.last_active_at, idle.last_editor, idle.cancels_on) == (None, "", None)
    assert (leaving.last_editor, leaving.cancels_on) == ("vscode/1.1", date(2026, 12, 1))
    assert leaving.last_active_at is not None
    assert leaving.raw["plan_type"] == "business"
    assert session.requests == 1 + 3


def test_copilot_of_a_renamed_organisation_is_read_under_its_new_name(tmp_path: Path) -> None:
    with served(organisation(), tmp_path) as sandbox:
        by_id = ScopeRef(sandbox.url, "acme-before", "O_acme", kind="organization")
        [page] = SEATS.fetch(Lent(), by_id, LAST_WEEK, None)
        assert len(page.items) == 1
        assert days(list(USAGE.fetch(Lent(), by_id, LAST_WEEK, None))) == backwards(7)


def test_seats_that_did_not_change_cost_no_budget_and_give_nothing(tmp_path: Path) -> None:
    world = organisation(people=120, days=0)
    session = Lent()
    with served(world, tmp_path) as sandbox:
        assert seats(sandbox, session) is not None
        spent = sandbox.rest_budget.state()
        assert seats(sandbox, session) is None
        assert sandbox.rest_budget.state()["used"] == spent["used"]
        assert seats(sandbox, session, Window()) is not None
        world.rows["copilot_seats"][110]["last_activity_at"] = at(2000)
        world.write(tmp_path)
        sandbox.load()
        changed = seats(sandbox, session)
    assert changed is not None
    assert changed.seats is not None
    assert len(changed.seats.items) == 120


def test_seats_that_may_not_be_read_are_named() -> None:
    with scripted(FOUND, Reply(403, {"message": "Must have admin rights"})) as server:
        [page] = SEATS.fetch(Lent(), where(server.url), LAST_WEEK, None)
    [skipped] = page.skipped
    assert (page.items, skipped.item) == ((), "seats")
    assert "Copilot Business: read" in skipped.reason


def test_an_organisation_without_copilot_is_named() -> None:
    with (
        scripted(FOUND, Reply(404, {"message": "Not Found"})) as server,
        pytest.raises(Skip, match="acme has no Copilot"),
    ):
        list(SEATS.fetch(Lent(), where(server.url), LAST_WEEK, None))
