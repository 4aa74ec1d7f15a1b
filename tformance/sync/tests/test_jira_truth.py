"""An invented organisation read from its local GitHub and its local Jira: rows equal the truth that was written beside."""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.planning import (
    JiraEstimate,
    JiraIssue,
    JiraSprint,
    JiraSprintStay,
    JiraTransition,
    PRJiraLink,
)
from tformance.facts.models.pull_request import PullRequest
from tformance.sandbox.dataset import Row
from tformance.sandbox.generate import write
from tformance.sandbox.tests.conftest import running
from tformance.sandbox.tests.jira_client import running as running_jira
from tformance.sync import connections, drive, health
from tformance.sync.tests.conftest import make_team

END = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, prs=120, people=10, repositories=3, months=4, end=END)
    return tmp_path


@pytest.fixture
def team(db: None, folder: Path) -> Iterator[Team]:
    """Everything is read."""
    made = make_team("meridian")
    email = next(row["email"] for row in lines(folder, "jira_users") if row.get("email"))
    with running(folder) as (_, github), running_jira(folder) as (jira, _):
        source = connections.connect_github(made.pk, f"http://127.0.0.1:{github.port}", "token")
        connections.follow(made.pk, source.id, [each.name for each in connections.choices(made.pk, source.id)])
        site = connections.connect_jira(made.pk, jira.url, email, "token")
        connections.follow(made.pk, site.id, [each.name for each in connections.choices(made.pk, site.id)])
        drive.run_until_done(made.pk, lambda: None)
        assert health.is_complete(made.pk)
        yield made


def lines(folder: Path, kind: str) -> list[Row]:
    return [json.loads(line) for line in (folder / f"{kind}.jsonl").read_text().splitlines()]


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def test_rows_equal_the_truth(team: Team, folder: Path) -> None:
    truth = {int(row["id"]): row for row in lines(folder, "truth_issues")}
    with tenant(team.pk):
        assert issues_stored() == {key: told(row) for key, row in truth.items()}
        assert links_stored() == {key: links_of(row) for key, row in truth.items() if row["pulls"]}
        assert committed_stored() == {
            int(key): row["committed"]["issues"]
            for key, row in json.loads((folder / "truth.json").read_text())["planning"]["sprints"].items()
        }
        changes = [item for row in lines(folder, "jira_changes") for item in row["items"]]
        assert JiraTransition.objects.count() == sum(item.get("field_id") == "status" for item in changes)
        last = dict(JiraEstimate.objects.order_by("at").values_list("issue__jira_id", "points"))
        estimated = {key: row["points"] for key, row in truth.items() if row["points"] is not None}
        assert estimated
        assert {key: last[key] for key in estimated} == estimated
        keyed = {(row["repository"], row["number"]) for row in lines(folder, "truth_pulls") if row["issues"]}
        named = PullRequest.objects.exclude(jira_key="").values_list("repository__full_name", "number")
        assert set(named) == keyed


def told(row: Row) -> tuple[Any, ...]:
    hours = [None if row[name] is None else pytest.approx(row[name], abs=0.001) for name in ("lead_time", "cycle_time")]
    return (row["key"], instant(row["resolved_at"]), *hours, row["points"], row["assignee_at_resolution"])


def issues_stored() -> dict[int, tuple[Any, ...]]:
    names = ("jira_key", "done_at", "lead_time_hours", "cycle_time_hours", "points", "credited__node_id")
    return {key: tuple(row) for key, *row in JiraIssue.objects.values_list("jira_id", *names)}


def links_of(row: Row) -> list[tuple[str, int, tuple[str, ...]]]:
    return sorted((repository, number, tuple(places)) for repository, number, places in row["pulls"])


def links_stored() -> dict[int, list[tuple[str, int, tuple[str, ...]]]]:
    found: defaultdict[int, list[tuple[str, int, tuple[str, ...]]]] = defaultdict(list)
    names = ("issue__jira_id", "pull_request__repository__full_name", "pull_request__number", "places")
    for issue, repository, number, places in PRJiraLink.objects.values_list(*names):
        found[issue].append((repository, number, tuple(places)))
    return {issue: sorted(pulls) for issue, pulls in found.items()}


def committed_stored() -> dict[int, list[str]]:
    """Of each sprint that began the issues that were in it then."""
    found: dict[int, list[str]] = {}
    for sprint in JiraSprint.objects.filter(starts_at__isnull=False):
        inside = JiraSprintStay.objects.filter(sprint=sprint, joined_at__lte=sprint.starts_at)
        inside = inside.exclude(left_at__lte=sprint.starts_at)
        found[sprint.provider_id] = sorted(inside.values_list("issue__jira_key", flat=True))
    return found
