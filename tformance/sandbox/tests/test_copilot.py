"""Copilot at the local GitHub: seats, and reports that are fetched from another host by links that end."""

import http.client
import json
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from tformance.sandbox.dataset import Dataset
from tformance.sandbox.generate import write
from tformance.sandbox.tests.conftest import END, Client, running

ORG = "meridian-works"
REPORTS = f"/orgs/{ORG}/copilot/metrics/reports"


def fetch(link: str, **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(link)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_days_report_has_a_line_for_everyone_who_was_active(client: Client, data: Dataset) -> None:
    day = data.usage_days(ORG)[-1]
    (link,) = client.get(f"{REPORTS}/users-1-day?day={day}")[2]["download_links"]
    status, body = fetch(link)
    lines = [json.loads(line) for line in body.splitlines()]
    assert status == 200
    assert [line["user_login"] for line in lines] == [row["login"] for row in data.usage(ORG, day)]
    assert {line["day"] for line in lines} == {day}


def test_a_link_takes_no_token_and_lies_at_another_host(client: Client, data: Dataset) -> None:
    day = data.usage_days(ORG)[-1]
    (link,) = client.get(f"{REPORTS}/users-1-day?day={day}")[2]["download_links"]
    assert urlsplit(link).hostname != "127.0.0.1"
    assert fetch(link, Authorization="Bearer token")[0] == 400
    assert fetch(link.replace("sig=", "sig=0"))[0] == 403


def test_a_link_ends(folder: Path, data: Dataset) -> None:
    day = data.usage_days(ORG)[-1]
    with running(folder, "link_seconds=0") as (_, client):
        (link,) = client.get(f"{REPORTS}/users-1-day?day={day}")[2]["download_links"]
        assert fetch(link)[0] == 403


def test_without_the_policy_reports_are_refused_and_seats_are_not(folder: Path) -> None:
    with running(folder, "no_reports=1") as (_, client):
        assert client.get(f"{REPORTS}/users-28-day/latest")[0] == 403
        assert client.get(f"/orgs/{ORG}/copilot/billing/seats")[0] == 200


def test_a_late_day_has_no_report_yet(folder: Path, data: Dataset) -> None:
    days = data.usage_days(ORG)
    with running(folder, "late_days=2") as (_, client):
        assert [client.get(f"{REPORTS}/users-1-day?day={day}")[0] for day in days[-3:]] == [200, 204, 204]
        assert client.get(f"{REPORTS}/users-28-day/latest")[2]["report_end_day"] == days[-3]


def test_the_newest_28_days_are_one_report(client: Client, data: Dataset) -> None:
    report = client.get(f"{REPORTS}/users-28-day/latest")[2]
    first, last = (date.fromisoformat(report[name]) for name in ("report_start_day", "report_end_day"))
    assert (last - first).days == 27
    lines = [line for link in report["download_links"] for line in fetch(link)[1].splitlines()]
    days = [day for day in data.usage_days(ORG) if day >= first.isoformat()]
    assert len(lines) == sum(len(data.usage(ORG, day)) for day in days) > 0


def test_the_closed_interface_is_gone(client: Client) -> None:
    assert client.get(f"/orgs/{ORG}/copilot/metrics")[0] == 404
    assert client.get(f"/orgs/{ORG}/copilot/usage")[0] == 404


def test_some_seats_are_never_used(data: Dataset) -> None:
    seats = data.of_organization("copilot_seats", ORG)
    assert {row["last_activity_at"] is None for row in seats} == {True, False}
    assert {row["login"] for row in seats} <= {row["login"] for row in data.users.values()}


def test_everybody_may_use_it(tmp_path: Path) -> None:
    found = write(tmp_path, prs=20, people=300, repositories=2, months=6, end=END, copilot_for_all=True)
    organisation = found["organizations"][ORG]
    assert organisation["copilot_seats"] > 280
    assert organisation["active_28_days"] > 230
