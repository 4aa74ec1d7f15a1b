"""Is Copilot used? Counts of people, what is unknown, and nothing of one person."""

import csv
import io
import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.faces.kit.notation import DASH
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_health import follow
from tformance.faces.web.tests.test_pages import PERIOD, Inline, body, text
from tformance.facts import testing
from tformance.sync.models import Scope

PAGE = "/t/acme/copilot/"
FILES = ["/t/acme/copilot.csv", "/t/acme/copilot.json"]


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


def report(team: Team, count: int, *days: int, hours: float = 24, **fields: Any) -> None:
    """Days of March on which as many people were active, each of whom has a seat."""
    dates = tuple(date(2026, 3, day) for day in days)
    people = [f"zz{index:03}" for index in range(count)]
    rows = tuple(testing.usage(name, day=day, **fields) for name in people for day in dates)
    seats = testing.whole([testing.seat(name, last_active_at=now()) for name in people])
    page = testing.organization(usage=rows, report_days=dates, seats=seats, fetched_at=testing.at(hours))
    testing.write_org(team, page)


def shown(client: Client, query: str = PERIOD) -> str:
    cache.clear()
    return text(client.get(f"{PAGE}?{query}"))


@pytest.mark.parametrize("page", [PAGE, *FILES])
def test_only_the_teams_own_people_get_in(page: str, as_role: Visit, acme: Team) -> None:
    report(acme, 6, 2)
    assert as_role("stranger").get(page).status_code == 404
    assert Client().get(page).status_code == 302
    for role in ("admin", "lead", "developer"):
        client = as_role(role)
        assert client.get(page).status_code == 200
        assert client.post(page).status_code == 405


@pytest.mark.parametrize("page", [PAGE, *FILES])
def test_nothing_is_narrowed_to_a_person(page: str, admin: Client) -> None:
    assert admin.get(f"{page}?author=1").status_code == 400


def test_no_person_is_named(admin: Client, acme: Team) -> None:
    report(acme, 6, 2, 3)
    assert "zz001" not in shown(admin)
    assert "zz001" not in "".join(body(admin.get(f"{page}?{PERIOD}")) for page in FILES)


def test_another_teams_rows_are_nowhere(admin: Client, acme: Team, other: Team) -> None:
    report(acme, 6, 2, 3)
    before = shown(admin)
    report(other, 9, 2, 3, 4)
    assert shown(admin) == before


def test_statements_do_not_grow_with_people(admin: Client, acme: Team) -> None:
    def statements() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(f"{PAGE}?{PERIOD}").status_code == 200
        return len([query for query in queries if "SAVEPOINT" not in query["sql"]]) - 1

    follow(acme, "acme/shop")
    report(acme, 10, 2)
    before = statements()
    report(acme, 300, 3, hours=48)
    assert statements() == before <= 16


def test_people_are_counted_once_however_often_they_came(admin: Client, acme: Team) -> None:
    report(acme, 6, 2, 3, 10, used_chat=True)
    page = shown(admin)
    assert "6 people used Copilot from 1 Mar to 31 Mar; 6 of 6 seats were active in the last 28 days." in page
    assert "People active 6 3 days known" in page
    assert "Using chat 6 3 days known Using agents 0" in page
    assert "2 Mar 6 2 of 7" in page
    assert "Suggestions 90" in page


def test_a_known_day_without_use_is_zero_and_a_day_without_a_report_is_unknown(admin: Client, acme: Team) -> None:
    report(acme, 6, 2)
    testing.write_org(acme, testing.organization(report_days=(date(2026, 3, 9),), fetched_at=testing.at(48)))
    page = shown(admin)
    assert "9 Mar 0 1 of 7" in page
    assert "16 Mar not known 0 of 7" in page
    assert "29 days without a complete report count as unknown" in page
    assert f"1 Mar, 3 Mar {DASH} 8 Mar, 10 Mar {DASH} 31 Mar." in page


def test_usage_of_a_day_that_was_not_read_to_its_end_is_not_counted(admin: Client, acme: Team) -> None:
    report(acme, 6, 2)
    testing.write_org(acme, testing.organization(usage=(testing.usage("late", day=date(2026, 3, 3)),)))
    assert "6 people used Copilot" in shown(admin)


def test_what_few_people_did_is_not_told(admin: Client, acme: Team) -> None:
    report(acme, 4, 2)
    page = shown(admin)
    assert "Suggestions not told" in page
    assert "Told once at least 5 people were active" in page
    numbers = json.loads(body(admin.get(f"/t/acme/copilot.json?{PERIOD}")))["numbers"]
    assert {each["measure"]: each["value"] for each in numbers}["suggestions"] is None


def test_seats_are_active_idle_or_never_used(admin: Client, acme: Team) -> None:
    last = {"new": now(), "old": now() - timedelta(days=29), "none": None}
    seats = [testing.seat(name, last_active_at=at) for name, at in last.items()]
    testing.write_org(acme, testing.organization(seats=testing.whole(seats)))
    page = shown(admin)
    assert "How many people used Copilot from 1 Mar to 31 Mar is not known; 1 of 3 seats was active" in page
    assert "Seats assigned 3 now Active seats 1 in the last 28 days Idle seats 1" in page
    assert "Never used 1" in page
    assert "People active Not known" in page


def test_each_state_without_numbers_says_what_to_do(admin: Client, acme: Team) -> None:
    assert "No source is connected" in shown(admin)
    made = follow(acme, "acme/shop")
    assert "No organisation is followed" in shown(admin)
    with tenant(acme.pk):
        scope = Scope.objects.create(team=acme, connection=made, kind="organization", name="acme")
    assert "No report has come yet" in shown(admin)
    with tenant(acme.pk):
        scope.gaps = {"copilot_usage": "The policy must be enabled."}
        scope.save()
    page = shown(admin)
    assert "Copilot may not be read The policy must be enabled." in page
    assert "It is not known whether Copilot was used" in page
    report(acme, 6, 2)
    assert "The policy must be enabled. Open connections" in shown(admin)


def test_both_files_have_the_same_numbers(admin: Client, acme: Team) -> None:
    report(acme, 6, 2, 3)
    document = json.loads(body(admin.get(f"/t/acme/copilot.json?{PERIOD}")))
    rows = list(csv.DictReader(io.StringIO(body(admin.get(f"/t/acme/copilot.csv?{PERIOD}")))))
    assert [(row["measure"], row["start"], row["value"]) for row in rows] == [
        (each["measure"], each["start"], "" if each["value"] is None else str(each["value"]))
        for each in document["numbers"]
    ]
    assert len(document["days_without_report"]) == 29
    assert admin.get("/t/acme/copilot.xlsx").status_code == 404


def test_the_page_carries_no_inline_script_or_style(admin: Client, acme: Team) -> None:
    report(acme, 6, 2)
    parser = Inline()
    parser.feed(admin.get(f"{PAGE}?{PERIOD}").content.decode())
    assert parser.found == []
