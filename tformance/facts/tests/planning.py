"""Builders for what is planned: records with sensible defaults, written by the one writer."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.planning_records import (
    AssignmentRecord,
    EstimateRecord,
    IssueRecord,
    ProjectPage,
    ProjectRecord,
    SitePage,
    SprintMoveRecord,
    SprintRecord,
    StatusRecord,
    TransitionRecord,
)
from tformance.facts.records import ActorRecord
from tformance.facts.write_planning import write_project, write_site

TODO, DOING, DONE = StatusRecord("To do", "new"), StatusRecord("Doing", "indeterminate"), StatusRecord("Done", "done")


def person(name: str = "ann", **fields: Any) -> ActorRecord:
    return replace(t.actor(name), **({"login": f"5b-{name}", "node_id": f"5b-{name}"} | fields))


def project(key: str = "WEB", **fields: Any) -> ProjectRecord:
    given: dict[str, Any] = {"site": "cloud", "provider_id": sum(key.encode()), "key": key, "name": f"The {key}"}
    given |= {"url": f"https://acme.example/browse/{key}", "style": "classic", "points_field": "customfield_1"}
    return ProjectRecord(**(given | fields))


def issue(number: int = 1, key: str = "WEB", **fields: Any) -> IssueRecord:
    """To do, of nobody."""
    given: dict[str, Any] = {"provider_id": number, "key": f"{key}-{number}", "former_keys": (), "is_subtask": False}
    given |= {"summary": f"Issue {number}", "issue_type": "Story", "status": TODO, "priority": "High", "labels": ("a",)}
    given |= {"parent_id": None, "assignee": None, "reporter": person("rob"), "points": None, "resolution": ""}
    given |= {"resolved_at": None, "created_at": t.at(0), "updated_at": t.at(1)}
    return IssueRecord(**(given | fields))


def done(number: int = 1, *, hours: float = 10, **fields: Any) -> IssueRecord:
    """Begun after two hours, done after so many."""
    ended = {"status": DONE, "resolution": "Done", "resolved_at": t.at(hours), "updated_at": t.at(hours)}
    moves = (move(1, 2, TODO, DOING), move(2, hours, DOING, DONE))
    return replace(issue(number), **({"transitions": moves} | ended | fields))


def move(key: int, hours: float, before: StatusRecord, after: StatusRecord, **fields: Any) -> TransitionRecord:
    return TransitionRecord(**({"provider_id": key, "at": t.at(hours), "before": before, "after": after} | _by(fields)))


def _by(fields: dict[str, Any]) -> dict[str, Any]:
    return {"author": person("mover")} | fields


def sprint(key: int = 11, **fields: Any) -> SprintRecord:
    given: dict[str, Any] = {"provider_id": key, "board": 1, "name": f"Sprint {key}", "state": "closed"}
    return SprintRecord(**(given | {"starts_at": t.at(1), "ends_at": t.at(20), "completed_at": t.at(21)} | fields))


def into(hours: float, before: tuple[int, ...], after: tuple[int, ...]) -> SprintMoveRecord:
    return SprintMoveRecord(t.at(hours), before, after)


def estimate(hours: float, before: Any, after: Any) -> EstimateRecord:
    return EstimateRecord(t.at(hours), before, after)


def assigned(hours: float, before: ActorRecord | None, after: ActorRecord | None) -> AssignmentRecord:
    return AssignmentRecord(t.at(hours), before, after)


def page(*issues: IssueRecord, fetched_at: datetime | None = None, **fields: Any) -> ProjectPage:
    given = {"project": project(), "fetched_at": fetched_at or t.at(24), "issues": issues}
    return ProjectPage(**(given | fields))


def write(team: Team, *pages: ProjectPage | SitePage) -> int:
    """Each page in a transaction of its own; returns how many rows changed."""
    rows = 0
    for each in pages:
        with tenant(team.id):
            if isinstance(each, SitePage):
                rows += write_site(each, team_id=team.id)
            else:
                rows += write_project(each, team_id=team.id)
    return rows
