"""A small site read whole: what a person can check by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tformance.core.errors import Skip
from tformance.facts.planning_records import IssueRecord, StatusRecord
from tformance.sandbox.tests.jira_site import ANN, BO, ESTIMATE, POINTS, SPRINT
from tformance.sources.contract import Window
from tformance.sources.jira.source import SOURCE
from tformance.sources.jira.tests.site import Site, site


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as found:
        yield found


def issue(found: Site, key: str) -> IssueRecord:
    page = found.records("issues", key.partition("-")[0])
    record: IssueRecord = next(each for each in page.issues if each.key == key)
    return record


def test_an_issue_comes_with_its_history(small: Site) -> None:
    found = issue(small, "WEB-2")
    assert (found.summary, found.points, found.resolution) == ("Pay by card", Decimal(5), "Done")
    assert (found.status, found.parent_id, found.labels) == (StatusRecord("Done", "done"), 20001, ("pay",))
    assert [move.after.category for move in found.transitions] == ["indeterminate", "done", "indeterminate", "done"]
    assert [(change.before, change.after) for change in found.estimates] == [(None, 3), (3, 5)]
    assert [(move.before, move.after) for move in found.sprint_moves] == [((), (11,))]
    assert found.resolved_at == datetime(2026, 3, 10, 15, tzinfo=UTC)


def test_fields_are_found_by_what_boards_estimate_in_and_never_by_number(small: Site) -> None:
    projects = {key: small.records("project", key).project for key in ("WEB", "APP", "OPS")}
    assert {key: project.points_field for key, project in projects.items()} == {
        "WEB": POINTS,
        "APP": ESTIMATE,
        "OPS": POINTS,  # nobody says otherwise: what Jira makes for projects of this kind
    }
    assert small.session.memory["project"]["sprint"] == SPRINT


def test_a_site_without_such_fields_is_read_without_points(tmp_path: Path) -> None:
    with site(tmp_path, with_points=False) as found:
        page = found.records("issues")
    assert page.project.points_field == ""
    assert {issue.points for issue in page.issues} == {None}


def test_what_statuses_mean_is_told_by_category_in_any_language(small: Site) -> None:
    found = issue(small, "OPS-1")
    assert found.status == StatusRecord("进行中", "indeterminate")


def test_a_moved_issue_is_found_where_it_is_now_with_the_key_it_had(small: Site) -> None:
    found = issue(small, "APP-9")
    assert (found.former_keys, found.provider_id) == (("WEB-5",), 20005)
    assert all(each.key != "APP-9" for each in small.records("issues", "WEB").issues)


def test_sprints_are_read_of_boards_that_have_some(small: Site) -> None:
    page = small.records("sprints")
    assert [(each.provider_id, each.state) for each in page.sprints] == [(11, "closed"), (12, "active"), (13, "future")]
    assert page.boards == (1,)
    kanban = small.records("sprints", "OPS")
    assert (kanban.sprints, kanban.boards) == ((), (3,))


def test_accounts_show_an_address_only_where_they_want_to(small: Site) -> None:
    [page, last] = small.pages("users", small.url)
    accounts = SOURCE.stream("users").translate(small.scope(""), page.items, page.fetched_at).accounts
    by_id = {account.node_id: account for account in accounts}
    assert (by_id[ANN].email, by_id[BO].email) == ("ann@small.example", "")
    assert by_id["557058:robot"].kind == "app"
    assert len({account.provider_id for account in accounts}) == len(accounts)
    assert (last.items, last.cursor) == ((), None)


def test_single_issues_are_read_or_gone_or_moved_away(small: Site) -> None:
    fetch = SOURCE.stream("issues").fetch_ids
    assert fetch is not None
    page = fetch(small.session, small.scope("WEB"), ("20002", "20005", "99"))
    assert [item["id"] for item in page.items] == ["20002"]
    assert [(each.item, each.is_gone) for each in page.skipped] == [("20005", True), ("99", True)]
    assert "moved to APP" in page.skipped[0].reason


def test_issues_are_not_gone_where_the_project_is_hidden(small: Site) -> None:
    fetch = SOURCE.stream("issues").fetch_ids
    assert fetch is not None
    small.pages("project")
    small.do("forbid", project="WEB")
    with pytest.raises(Skip, match="browse"):
        fetch(small.session, small.scope("WEB"), ("20002",))


def test_the_list_of_all_has_every_id(small: Site) -> None:
    everything = SOURCE.stream("issues").inventory
    assert everything is not None
    parts = list(everything(small.session, small.scope("WEB"), None))
    assert [item for part in parts for item, _ in part.present] == ["20001", "20002", "20003", "20004"]
    assert (parts[-1].cursor, parts[-1].total) == (None, 4)


def test_a_window_has_what_changed_in_it(small: Site) -> None:
    window = Window(datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 11, tzinfo=UTC))
    assert {item["issue"]["key"] for page in small.pages("issues", window=window) for item in page.items} == {
        "WEB-2",
        "WEB-4",
    }


def test_a_hidden_project_is_no_answer_for_nobody(small: Site) -> None:
    small.do("forbid", project="WEB")
    with pytest.raises(Skip) as told:
        small.pages("issues")
    assert told.value.item == "WEB"


def test_a_walk_goes_on_behind_the_page_where_it_stopped(large: Site) -> None:
    first = next(SOURCE.stream("issues").fetch(large.session, large.scope("WEB"), Window(), None))
    rest = large.pages("issues", cursor=first.cursor)
    ids = [item["id"] for page in (first, *rest) for item in page.items]
    assert len(ids) == len(set(ids)) == 254
    assert (first.expected, first.seen, rest[-1].seen) == (254, 100, 254)


def test_a_page_token_that_jira_has_forgotten_costs_nothing_but_a_few_issues_twice(large: Site) -> None:
    first = next(SOURCE.stream("issues").fetch(large.session, large.scope("WEB"), Window(), None))
    assert first.cursor is not None
    rest = large.pages("issues", cursor=first.cursor | {"token": "forgotten"})
    ids = [item["id"] for page in (first, *rest) for item in page.items]
    assert len(set(ids)) == 254
    assert len(ids) - 254 <= 2


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path, jira_issues=[extra(number) for number in range(250)]) as found:
        yield found


def extra(number: int) -> dict[str, Any]:
    at = f"2026-03-{1 + number // 24:02}T{number % 24:02}:00:00Z"
    row: dict[str, Any] = {"id": 50_000 + number, "key": f"WEB-{100 + number}", "project_id": 10001, "type_id": 10001}
    return row | {"status_id": 3, "summary": f"Issue {number}", "created_at": at, "updated_at": at, "reporter": ANN}
