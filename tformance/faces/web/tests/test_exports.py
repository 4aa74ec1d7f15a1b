"""The list of pull requests as a file: both kinds say the same, and the spreadsheet's is what Python would have written."""

import csv
import io
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_pages import add, body
from tformance.facts import testing
from tformance.facts.models.pull_request import PullRequest

MARCH = "from=2026-03-01&to=2026-03-31"
EVERYTHING = f"{MARCH}&state=all&automation=1"
ODD = [
    "🚀 Ship it, now",
    "שלום, world",
    'مرحبا; "quoted"',
    "x" * 3000,
    '=HYPERLINK("http://x.example";"see")',
    "-1",
    "\t=1",
    "\r=1",
    "two\nlines",
    "\\.",
    " leading",
    "trailing ",
    "'quoted'",
    "@SUM(A1)",
    "NULL",
]
INSTANTS = ("opened_at", "updated_at", "closed_at", "merged_at")


@pytest.fixture
def odd(acme: Team) -> Team:
    """Titles of all kinds, people whose names would run, and instants with parts of a second on both sides of a change of clocks."""
    for number, title in enumerate(ODD):
        add(acme, 1, first=100 + number, title=title)
    reviewers = [testing.actor(login, provider_id=50 + key) for key, login in enumerate(("=ann", "grace", "bo,b"))]
    given = [testing.review(key, author=author) for key, author in enumerate([*reviewers, reviewers[0]], 20)]
    add(
        acme, 1, first=200, title="Reviewed", author=testing.actor("+eve", provider_id=60), reviews=testing.whole(given)
    )
    testing.write(acme, testing.page(testing.open_pull_request(300, title="", is_draft=True)))
    with tenant(acme.pk):
        for clock in ("2026-03-29T00:59:59.5+00:00", "2026-03-29T01:00:00.000001+00:00"):
            at = datetime.fromisoformat(clock)
            chosen = PullRequest.objects.filter(number=100 + at.second % 2)
            chosen.update(
                merged_at=at, closed_at=at, cycle_time_hours=3, lead_time_hours=1e-05, review_time_hours=1 / 3
            )
    return acme


def as_python_writes(rows: list[dict[str, Any]], zone: str) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_cell(name, value, ZoneInfo(zone)) for name, value in row.items()])
    return text.getvalue()


def _cell(name: str, value: Any, zone: ZoneInfo) -> Any:
    if name in INSTANTS and value:
        return datetime.fromisoformat(value).astimezone(zone).isoformat()
    if isinstance(value, dict):
        value = value["label"]
    if isinstance(value, list):
        value = ", ".join(person["label"] for person in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "America/St_Johns", "Asia/Kathmandu"])
def test_the_spreadsheet_is_to_the_byte_what_python_writes_of_the_same_rows(
    zone: str, as_role: Visit, odd: Team
) -> None:
    Team.objects.filter(pk=odd.pk).update(zone=zone)
    client: Client = as_role("admin")
    rows = json.loads(body(client.get(f"/t/acme/pulls.json?{EVERYTHING}")))
    assert {row["title"] for row in rows} >= {*ODD, ""}
    assert ["=ann", "bo,b", "grace"] in [[person["label"] for person in row["reviewed_by"]] for row in rows]
    sent = b"".join(client.get(f"/t/acme/pulls.csv?{EVERYTHING}").streaming_content)  # type: ignore[attr-defined]
    assert sent.decode("utf-8-sig") == as_python_writes(rows, zone)


def test_the_clocks_of_the_database_are_the_same_after_a_file(as_role: Visit, odd: Team) -> None:
    client = as_role("admin")
    before = body(client.get(f"/t/acme/pulls.json?{EVERYTHING}"))
    body(client.get(f"/t/acme/pulls.csv?{EVERYTHING}"))
    assert body(client.get(f"/t/acme/pulls.json?{EVERYTHING}")) == before


def test_a_list_that_nothing_can_fit_is_a_file_without_lines(as_role: Visit, acme: Team) -> None:
    admin = as_role("admin")
    assert body(admin.get(f"/t/acme/pulls.csv?{MARCH}&asked=zoe")).count("\r\n") == 1
    assert json.loads(body(admin.get(f"/t/acme/pulls.json?{MARCH}&asked=zoe"))) == []
