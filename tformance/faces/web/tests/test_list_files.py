"""Lists as files: everything the pages show, whole, in the same order."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from tformance.accounts.models import Team
from tformance.faces.web.tests.conftest import Visit
from tformance.faces.web.tests.test_boards import deploy, lives
from tformance.faces.web.tests.test_pages import PERIOD, body
from tformance.facts import testing

LISTS = ("commits", "deployments/list", "delivery/open", "review/asked", "review/pairs")


@pytest.fixture
def admin(as_role: Visit) -> Client:
    return as_role("admin")


@pytest.fixture
def busy(acme: Team) -> Team:
    """Twelve pull requests, thirty deployments, two open ones that wait for a review of somebody."""
    lives(acme, 12)
    for key in range(30):
        deploy(acme, key, 9 + key, *([100 + key] if key < 12 else []))
    ask = testing.event(1, kind="review_requested", subject="grace")
    asked = testing.open_pull_request(200, title="=1+1", events=testing.whole([ask]))
    testing.write(acme, testing.page(asked, testing.open_pull_request(201)))
    return acme


def lines_of(client: Client, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body(client.get(f"/t/acme/{name}.csv?{PERIOD}")).removeprefix("\ufeff"))))


def objects_of(client: Client, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(body(client.get(f"/t/acme/{name}.json?{PERIOD}")))
    return found


@pytest.mark.parametrize("name", LISTS)
def test_both_files_have_the_same_rows(name: str, admin: Client, busy: Team) -> None:
    objects = objects_of(admin, name)
    assert len(lines_of(admin, name)) == len(objects)
    assert all(list(line) == list(each) for line, each in zip(lines_of(admin, name), objects, strict=True))


@pytest.mark.parametrize("name", LISTS)
def test_there_are_no_files_of_other_kinds(name: str, admin: Client, busy: Team) -> None:
    assert admin.get(f"/t/acme/{name}.xml?{PERIOD}").status_code == 404


def test_the_file_of_deployments_has_all_pages_of_their_list(admin: Client, busy: Team) -> None:
    lines = lines_of(admin, "deployments/list")
    assert len(lines) == 30
    assert sum(bool(line["pull_requests"]) for line in lines) == 12
    assert lines == sorted(lines, key=lambda line: line["succeeded_at"], reverse=True)


def test_the_file_of_commits_has_what_their_list_counts(admin: Client, busy: Team) -> None:
    lines = lines_of(admin, "commits")
    assert lines
    assert f"{len(lines)}\u00a0commits in this view" in admin.get(f"/t/acme/commits/?{PERIOD}").content.decode()
    assert all(line["pull_requests"].startswith("acme/shop#") for line in lines)


def test_the_file_of_open_work_has_the_curve_and_all_that_has_become_old(admin: Client, busy: Team) -> None:
    lines = lines_of(admin, "delivery/open")
    curve = [line for line in lines if line["what"] == "not merged after"]
    shares = [float(line["share"]) for line in curve if line["share"]]
    assert shares == sorted(shares, reverse=True)
    old = [line for line in lines if line["what"] == "open for"]
    assert [line["pull_request"] for line in old] == ["acme/shop#200", "acme/shop#201"]
    assert old[0]["title"] == "'=1+1"


def test_the_file_of_reviews_that_are_waited_for_has_the_queues_of_the_page(admin: Client, busy: Team) -> None:
    lines = lines_of(admin, "review/asked")
    assert [(line["asked"], line["pull_requests"]) for line in lines] == [("grace", "1"), ("", "1")]
    assert float(lines[0]["longest_hours"]) > 0


def test_the_files_of_review_leave_out_whom_the_page_leaves_out(as_role: Visit, busy: Team) -> None:
    assert [line["asked"] for line in lines_of(as_role("developer"), "review/asked")] == [""]
