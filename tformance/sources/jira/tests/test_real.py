"""Answers that a real Jira gave once, where they are at hand: the numbers that another tool took from them come out."""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tformance.facts.derive.planning import course
from tformance.facts.planning_records import ProjectPage
from tformance.sources.contract import ScopeRef
from tformance.sources.jira import translate

FOLDER = Path(os.environ.get("REAL_JIRA", "none"))
SPRINT = "customfield_10020"
NOW = datetime(2026, 4, 1, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="REAL_JIRA names no folder with a real Jira's answers")


def raw(name: str) -> Iterator[dict[str, Any]]:
    for line in (FOLDER / "raw_json" / f"raw_jira_api_{name}.jsonl").read_text().splitlines():
        yield json.loads(line)


def expected(name: str) -> list[dict[str, str]]:
    with (FOLDER / "expected" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def page() -> ProjectPage:
    history: defaultdict[str, list[Any]] = defaultdict(list)
    for row in raw("issue_changelogs"):
        history[str(row["input"]["issue_id"])].append(row["data"])
    known = {
        "site": "merico",
        "project": {"id": "10003", "key": "EE", "name": "Enterprise Edition", "style": "classic"},
        "points": "",
        "sprint": SPRINT,
        "categories": {row["data"]["id"]: row["data"]["statusCategory"]["key"] for row in raw("status")},
    }
    issues = {row["data"]["id"]: row["data"] for row in raw("issues")}
    items = tuple({"id": key, "issue": one, "history": history[key], "known": known} for key, one in issues.items())
    return translate.issues_page(ScopeRef("https://merico.atlassian.net", "EE", kind="project"), items, NOW)


def test_lead_times_are_those_of_the_other_tool(page: ProjectPage) -> None:
    told = {row["issue_key"]: int(row["lead_time_minutes"]) for row in expected("issues") if row["lead_time_minutes"]}
    mine = {issue.key: course(issue).lead_time_hours for issue in page.issues}
    assert len(told) == 30
    assert {key: int(round((mine[key] or 0) * 60, 6)) for key in told} == told


def test_every_issue_is_understood(page: ProjectPage) -> None:
    assert len(page.issues) == 33


def test_moves_are_those_of_the_other_tool(page: ProjectPage) -> None:
    rows = {
        (row["changelog_id"], row["field_id"]): row for row in expected("_tool_jira_issue_changelog_items_extractor")
    }
    issues = {row["changelog_id"]: row["issue_id"] for row in expected("_tool_jira_issue_changelogs_extractor")}
    known = {str(issue.provider_id) for issue in page.issues}
    told = {
        (int(key), row["from_string"], row["to_string"])
        for (key, field), row in rows.items()
        if field == "status" and issues.get(key) in known
    }
    mine = {
        (move.provider_id, move.before.name, move.after.name) for issue in page.issues for move in issue.transitions
    }
    assert told <= mine


def test_sprints_are_those_of_the_other_tool() -> None:
    told = {
        (int(row["sprint_id"]), row["name"], row["state"], row["complete_date"][:19])
        for row in expected("_tool_jira_sprints")
    }
    boards: defaultdict[int, list[Any]] = defaultdict(list)
    for row in raw("sprints"):
        boards[row["params"]["BoardId"]].append(row["data"])
    project = {"id": "10003", "key": "EE", "name": "EE", "style": None}
    known = {"site": "merico", "project": project, "points": "", "sprint": SPRINT, "categories": {}}
    items = tuple(
        {"id": str(key), "board": {"id": key}, "sprints": rows, "known": known} for key, rows in boards.items()
    )
    found = translate.sprints_page(ScopeRef("https://merico.atlassian.net", "EE", kind="project"), items, NOW)
    mine = {
        (each.provider_id, each.name, each.state, each.completed_at.isoformat()[:19] if each.completed_at else "")
        for each in found.sprints
    }
    assert mine == told
