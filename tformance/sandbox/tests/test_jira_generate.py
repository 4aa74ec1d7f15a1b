"""The invented organisation's Jira: it fits the pull requests, nothing rare is missing, and looks agree."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tformance.sandbox.check import check
from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.generate import write
from tformance.sandbox.jira.world import KINDS, World
from tformance.sandbox.story import iso
from tformance.sandbox.tests.conftest import END, put
from tformance.sandbox.tests.jira_client import running
from tformance.sandbox.tests.test_jira_contract import wrong


@pytest.fixture(scope="module")
def world(folder: Path) -> World:
    return World(folder)


@pytest.fixture(scope="module")
def issues(folder: Path) -> list[Row]:
    return [json.loads(line) for line in (folder / "truth_issues.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def pulls(folder: Path) -> list[Row]:
    return [json.loads(line) for line in (folder / "truth_pulls.jsonl").read_text().splitlines()]


def entries(world: World) -> list[Row]:
    return [entry for key in world.issues for entry in world.changes(key)]


def test_the_same_seed_gives_the_same_jira(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, prs=400, people=20, repositories=4, months=6, end=END)
    for name in (*(f"{kind}.jsonl" for kind in KINDS), "truth_issues.jsonl"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_projects_are_of_every_kind(world: World) -> None:
    rows = list(world.projects.values())
    fields = {row["id"]: row for row in world.fields}
    assert {row["style"] for row in rows} == {"classic", "next-gen"}
    assert len({row["points_field"] for row in rows}) == 4  # three ways to estimate, and none
    assert len({fields[row["points_field"]]["custom"] for row in rows if row["points_field"]}) == 2
    assert {row["type"] for row in world.boards.values()} == {"scrum", "simple", "kanban"}
    assert {row["category"] for row in world.statuses.values()} == {"new", "indeterminate", "done"}
    assert any(not row["name"].isascii() for row in world.statuses.values())


def test_sites_share_no_ids_of_fields(world: World, tmp_path: Path) -> None:
    write(tmp_path, prs=10, people=8, repositories=2, months=3, end=END, seed=2)
    assert not {row["id"] for row in world.fields} & {row["id"] for row in World(tmp_path).fields}


def test_people_are_the_same_under_other_names_and_with_hidden_addresses(world: World, data: Dataset) -> None:
    people = [row for row in world.users.values() if row.get("login")]
    names = {row["login"]: row["name"] for row in data.users.values() if row["__typename"] == "User"}
    shown = [row for row in people if row.get("email_visible")]
    assert 0 < len(shown) < len(people)
    assert any(names.get(row["login"]) not in (None, row["display_name"]) for row in people)
    assert any(not row.get("login") and row.get("account_type") != "app" for row in world.users.values())
    assert any(row.get("account_type") == "app" for row in world.users.values())


def test_issues_live_as_issues_do(world: World, issues: list[Row]) -> None:
    fields = {item.get("field_id") or item["field"] for entry in entries(world) for item in entry["items"]}
    assert {"status", "resolution", "assignee", "Key", "project"} < fields
    assert any(row["reopened"] for row in issues)
    assert any(row["previous_keys"] for row in world.issues.values())
    assert any(row["points"] != row["points_at_resolution"] for row in issues if row["resolved_at"])
    assert any(row["resolved_at"] and not world.issues[row["id"]]["resolved_at"] for row in issues)  # no resolution set
    assert any(world.types[str(row["type_id"])]["level"] == -1 and row["parent_id"] for row in world.issues.values())
    assert any(len(row["sprints"]) > 2 for row in world.issues.values())
    numbers = [int(row["key"].rpartition("-")[2]) for row in world.issues.values()]
    assert len({row["key"] for row in world.issues.values()}) == len(numbers)


def test_work_lies_between_the_first_pull_request_and_the_end(issues: list[Row], pulls: list[Row]) -> None:
    """Of issues that one merged pull request names as the only one."""
    of_pull = {(row["repository"], row["number"]): row for row in pulls}
    checked = 0
    for issue in issues:
        about = [of_pull[repository, number] for repository, number, _ in issue["pulls"]]
        if len(about) == 1 and len(about[0]["issues"]) == 1 and issue["resolved_at"] and about[0]["merged_at"]:
            assert issue["created_at"] < about[0]["created_at"]
            checked += issue["resolved_at"] > about[0]["merged_at"]
    assert checked > 40


def test_keys_stand_everywhere_in_both_cases_and_friends_are_none(data: Dataset, pulls: list[Row]) -> None:
    places = {place for row in pulls for where in row["keys"].values() for place in where}
    assert places == {"title", "branch", "body", "commit"}
    rows = [row for key in data.pull_ids() if (row := data.pull(key))]
    branches = [row["head_ref_name"] for row in rows]
    assert any(re.search(r"/[A-Z0-9]+-\d+-", name) for name in branches)
    assert any(re.search(r"/(web|mob|d2c|ops)-\d+-", name) for name in branches)
    assert any("UTF-8" in row["title"] or "SHA-256" in row["title"] for row in rows)
    named = {key.rpartition("-")[0] for row in pulls for key in row["keys"]}
    assert named == {"WEB", "MOB", "OPS", "D2C"}
    assert any(len(row["issues"]) > 1 for row in pulls)
    assert any(row["keys"] and not row["issues"] for row in pulls)


def test_a_project_has_no_pull_request(world: World, issues: list[Row]) -> None:
    people = [row for row in issues if row["project"] == "HR" and not world.issues[row["id"]]["previous_keys"]]
    assert len(people) > 3
    assert [row["pulls"] for row in people if row["pulls"]] == []


def test_an_earlier_look_shows_the_same_issues(world: World, tmp_path: Path) -> None:
    until = END - timedelta(days=45)
    write(tmp_path, prs=400, people=20, repositories=4, months=6, end=END, until=until)
    before, moment = World(tmp_path), iso(until.timestamp())
    assert check(tmp_path) == []
    assert max(row["updated_at"] for row in before.issues.values()) <= moment
    later = {key: world.issues[key] for key in before.issues if key in world.issues}
    assert 0 < len(before.issues) - len(later) < 10  # deleted since
    for key, row in later.items():
        assert before.changes(key) == [entry for entry in world.changes(key) if entry["created_at"] <= moment]
        assert row["updated_at"] >= before.issues[key]["updated_at"]
        if row["updated_at"] <= moment:
            assert {**row, "parent_id": None} == {**before.issues[key], "parent_id": None}


def test_nothing_happens_after_the_end(world: World) -> None:
    assert max(row["updated_at"] for row in world.issues.values()) <= iso(END.timestamp())
    assert {row["state"] for row in world.sprints.values()} == {"closed", "active", "future"}


def test_the_generated_site_is_served_as_promised(folder: Path) -> None:
    with running(folder) as (_, client):
        client.email = "abbott@meridian.example"
        api = "/rest/api/3"
        search = {
            "jql": "project in (WEB, MOB, OPS, D2C, HR) ORDER BY updated ASC",
            "fields": ["*all"],
            "maxResults": 100,
        }
        found = client.post(f"{api}/search/jql", search | {"expand": "changelog"})
        assert len(found["issues"]) == 100
        assert wrong("answers", f"POST {api}/search/jql", found) == []
        for path in ("field", "status", "project/search", "users/search", "statuses/search"):
            assert wrong("answers", f"GET {api}/{path}", client.get(f"{api}/{path}")) == []


def test_broken_references_of_jira_are_found(folder: Path, tmp_path: Path) -> None:
    for kind in ("repositories", "users", "pull_requests"):
        (tmp_path / f"{kind}.jsonl").write_text((folder / f"{kind}.jsonl").read_text())
    stamp = "2026-03-01T00:00:00Z"
    issue = {"id": 1, "key": "A1-1", "project_id": 9, "type_id": 8, "status_id": 7, "summary": "s"}
    put(tmp_path, "jira_issues", issue | {"created_at": stamp, "updated_at": stamp, "sprints": [6]}, {"id": 2})
    put(tmp_path, "jira_changes", {"id": 1, "issue_id": 3, "created_at": stamp, "items": []})
    found = check(tmp_path)
    assert found[:4] == [
        f"jira_issues.jsonl:1: {column}: no row {value} in jira_{kind}.jsonl"
        for column, value, kind in (
            ("project_id", 9, "projects"),
            ("type_id", 8, "issue_types"),
            ("status_id", 7, "statuses"),
            ("sprints", 6, "sprints"),
        )
    ]
    assert "jira_issues.jsonl:2: 'key' is a required property" in found
    assert any(line.startswith("jira_changes.jsonl:1: items") for line in found)
