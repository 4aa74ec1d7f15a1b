"""The truth about planning, on a site that a person can check by hand."""

import json
from pathlib import Path

import pytest

from tformance.sandbox import truth
from tformance.sandbox.dataset import Row
from tformance.sandbox.tests import jira_site
from tformance.sandbox.tests.conftest import put

STAMPS = {"created_at": "2026-03-03T00:00:00Z", "updated_at": "2026-03-09T00:00:00Z"}


def pull(
    number: int, title: str, branch: str = "b", body: str = "", merged: str | None = "2026-03-09T00:00:00Z"
) -> Row:
    row = {
        "id": f"p{number}",
        "repository_id": 7,
        "number": number,
        "title": title,
        "head_ref_name": branch,
        "body": body,
    }
    row |= {"state": "MERGED" if merged else "OPEN", "merged_at": merged, "author": "ann", "base_ref_name": "main"}
    row |= {"merge_commit_oid": f"{number:040x}" if merged else None}
    return row | STAMPS


PULLS = [
    pull(1, "WEB-2: pay by card", "ann/web-2-pay"),
    pull(2, "Encode as UTF-8 (SHA-256, CVE-2024-1234)", "fix/iso-8601"),
    pull(3, "Push", "feature/mob-9", "See WEB-5 and [WEB-3]."),
    pull(4, "web-2 in a title is no key", "b", "nor XWEB-2, WEB-2x or WEB-02"),
    pull(5, "WEB-404 was mistyped"),
    pull(6, "WEB-1 is open", merged=None),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path, "repositories", {"id": 7, "name_with_owner": "o/r", **STAMPS})
    put(tmp_path, "users", {"id": "u", "login": "ann", "type": "User"})
    put(tmp_path, "pull_requests", *PULLS)
    message = {"id": "c1", "pull_request_id": "p5", "oid": "a" * 40, "committed_date": "2026-03-03T00:00:00Z"}
    put(tmp_path, "commits", message | {"message": "OPS-1 renew"})
    return jira_site.write(tmp_path)


@pytest.fixture
def found(folder: Path) -> Row:
    planning: Row = truth.write(folder, {})["planning"]
    return planning


def lines(folder: Path, name: str) -> list[Row]:
    return [json.loads(line) for line in (folder / name).read_text().splitlines()]


def test_keys_are_those_of_known_projects_with_their_places(folder: Path, found: Row) -> None:
    rows = {row["number"]: row for row in lines(folder, "truth_pulls.jsonl")}
    assert rows[1]["keys"] == {"WEB-2": ["title", "branch"]}
    assert rows[2]["keys"] == {}
    assert rows[3]["keys"] == {"MOB-9": ["branch"], "WEB-3": ["body"], "WEB-5": ["body"]}
    assert rows[4]["keys"] == {}
    assert rows[5]["keys"] == {"WEB-404": ["title"], "OPS-1": ["commit"]}
    assert [rows[number]["issues"] for number in range(1, 7)] == [
        ["20002"],
        [],
        ["20003", "20005"],
        [],
        ["20006"],
        ["20001"],
    ]


def test_a_moved_issue_is_linked_by_its_former_key(folder: Path, found: Row) -> None:
    moved = next(row for row in lines(folder, "truth_issues.jsonl") if row["key"] == "APP-9")
    assert moved["pulls"] == [["o/r", 3, ["body"]]]


def test_linkage_counts_merged_pull_requests(found: Row) -> None:
    told = found["linkage"]["all"]["all"]
    assert (told["n"], told["keyed"], told["linked"], told["value"]) == (5, 3, 3, 0.6)
    assert found["linkage"]["week"]["2026-03-09"]["n"] == 5


def test_a_reopened_issue_counts_from_its_first_start_to_its_last_end(folder: Path, found: Row) -> None:
    issue = next(row for row in lines(folder, "truth_issues.jsonl") if row["key"] == "WEB-2")
    assert issue["resolved_at"] == "2026-03-10T15:00:00Z"
    assert issue["lead_time"] == 15 * 24 + 6
    assert issue["cycle_time"] == 7 * 24 + 6
    assert (issue["reopened"], issue["points"], issue["points_at_resolution"]) == (1, 5, 5.0)


def test_resolved_issues_and_points_by_week_and_assignee(found: Row) -> None:
    everything = found["resolved"]["all"]["all"]
    assert (everything["resolved"], everything["points"]) == (2, 8)
    assert everything["by_type"] == {"Story": 1, "Task": 1}
    assert {name: row["resolved"] for name, row in found["resolved"]["project"].items()} == {"APP": 1, "WEB": 1}
    week = found["by_assignee"]["2026-03-09"]
    assert {who: (row["resolved"], row["points"]) for who, row in week.items()} == {
        jira_site.ANN: (1, 3),
        jira_site.BO: (1, 5),
    }


def test_a_sprint_is_what_was_in_it_at_its_start_what_came_and_how_far_it_got(found: Row) -> None:
    first = found["sprints"]["11"]
    assert first["committed"] == {"issues": ["WEB-2"], "n": 1, "points": 3.0}
    assert first["added"] == {"issues": ["WEB-3"], "n": 1, "points": 2.5}
    assert first["removed"]["n"] == 0
    assert first["completed"] == {"issues": ["WEB-2"], "n": 1, "points": 5.0}
    assert first["carried_over"] == {"issues": ["WEB-3"], "n": 1, "points": 2.5}
    second = found["sprints"]["12"]
    assert (second["committed"]["issues"], second["completed"]["n"], second["completed_at"]) == (["WEB-3"], 0, None)
    assert "13" not in found["sprints"]
    assert found["velocity"] == {"1": [5.0]}


def test_a_folder_without_jira_has_no_planning(folder: Path) -> None:
    for path in folder.glob("jira_*"):
        path.unlink()
    assert "planning" not in truth.write(folder, {})
    assert "keys" not in lines(folder, "truth_pulls.jsonl")[0]
