"""A small Jira site by hand: one of everything, with stamps that a person can check."""

from copy import deepcopy
from pathlib import Path

from tformance.sandbox.dataset import Row
from tformance.sandbox.tests.conftest import put

CLOUD = "11111111-2222-3333-4444-555555555555"
POINTS, ESTIMATE, SPRINT = "customfield_10038", "customfield_10016", "customfield_10020"
NUMBER = "com.atlassian.jira.plugin.system.customfieldtypes:float"
ANN, BO, CHEN, LEFT, ROBOT = "5b-ann", "5b-bo", "712020:chen", "5b-left", "557058:robot"

SITE: dict[str, list[Row]] = {
    "jira_site": [{"id": CLOUD, "name": "small", "time_zone": "Europe/Berlin"}],
    "jira_users": [
        {"account_id": ANN, "display_name": "Ann Archer", "email": "ann@small.example", "email_visible": True}
        | {"time_zone": "Asia/Shanghai"},
        {"account_id": BO, "display_name": "Bo", "email": "bo@small.example", "email_visible": False}
        | {"time_zone": "America/New_York"},
        {"account_id": CHEN, "display_name": "陈伟", "email": "chen@small.example", "email_visible": False},
        {"account_id": LEFT, "display_name": "Lea Left", "email": None, "active": False},
        {"account_id": ROBOT, "display_name": "Automation", "email": None, "account_type": "app"},
    ],
    "jira_fields": [
        {"id": POINTS, "name": "Story Points", "type": "number", "custom": NUMBER},
        {"id": "customfield_10050", "name": "Business Points", "type": "number", "custom": NUMBER},
        {"id": ESTIMATE, "name": "Story point estimate", "type": "number"}
        | {"custom": "com.pyxis.greenhopper.jira:jsw-story-points"},
        {"id": SPRINT, "name": "Sprint", "type": "array", "items": "json"}
        | {"custom": "com.pyxis.greenhopper.jira:gh-sprint"},
        {"id": "customfield_10101", "name": "Risk", "type": "string", "project_id": 10002}
        | {"custom": "com.atlassian.jira.plugin.system.customfieldtypes:textfield"},
    ],
    "jira_statuses": [
        {"id": 10000, "name": "To Do", "category": "new"},
        {"id": 3, "name": "In Progress", "category": "indeterminate"},
        {"id": 10001, "name": "Done", "category": "done"},
        {"id": 10010, "name": "Backlog", "category": "new", "project_id": 10002},
        {"id": 10011, "name": "Doing", "category": "indeterminate", "project_id": 10002},
        {"id": 10012, "name": "Shipped", "category": "done", "project_id": 10002},
        {"id": 10020, "name": "待办", "category": "new", "project_id": 10003},
        {"id": 10021, "name": "进行中", "category": "indeterminate", "project_id": 10003},
        {"id": 10022, "name": "完成", "category": "done", "project_id": 10003},
    ],
    "jira_issue_types": [
        {"id": 10000, "name": "Epic", "level": 1},
        {"id": 10001, "name": "Story", "level": 0},
        {"id": 10004, "name": "Bug", "level": 0},
        {"id": 10003, "name": "Sub-task", "level": -1},
        {"id": 10040, "name": "Task", "level": 0, "project_id": 10002},
        {"id": 10050, "name": "任务", "level": 0, "project_id": 10003},
    ],
    "jira_projects": [
        {"id": 10001, "key": "WEB", "name": "Web shop", "style": "classic", "points_field": POINTS, "lead": ANN}
        | {"issue_types": [10000, 10001, 10004, 10003]},
        {"id": 10002, "key": "APP", "name": "Phone app", "style": "next-gen", "points_field": ESTIMATE, "lead": BO}
        | {"issue_types": [10040], "previous_keys": ["MOB"]},
        {"id": 10003, "key": "OPS", "name": "运维", "style": "classic", "points_field": None, "issue_types": [10050]},
    ],
    "jira_boards": [
        {"id": 1, "name": "WEB board", "type": "scrum", "project_id": 10001, "estimation_field": POINTS},
        {"id": 2, "name": "APP board", "type": "simple", "project_id": 10002, "estimation_field": ESTIMATE}
        | {"has_sprints": True},
        {"id": 3, "name": "OPS board", "type": "kanban", "project_id": 10003},
    ],
    "jira_sprints": [
        {"id": 11, "board_id": 1, "name": "WEB Sprint 1", "state": "closed", "goal": "Pay"}
        | {"created_at": "2026-02-20T08:00:00Z", "started_at": "2026-03-02T08:00:00Z"}
        | {"ended_at": "2026-03-16T08:00:00Z", "completed_at": "2026-03-16T09:30:00Z"},
        {"id": 12, "board_id": 1, "name": "WEB Sprint 2", "state": "active", "created_at": "2026-03-10T08:00:00Z"}
        | {"started_at": "2026-03-16T10:00:00Z", "ended_at": "2026-03-30T08:00:00Z"},
        {"id": 13, "board_id": 1, "name": "WEB Sprint 3", "state": "future", "created_at": "2026-03-16T10:00:00Z"},
    ],
    "jira_issues": [
        {"id": 20001, "key": "WEB-1", "project_id": 10001, "type_id": 10000, "status_id": 3, "summary": "Checkout"}
        | {"created_at": "2026-02-20T09:00:00Z", "updated_at": "2026-02-21T09:00:00Z", "reporter": ANN},
        {
            "id": 20002,
            "key": "WEB-2",
            "project_id": 10001,
            "type_id": 10001,
            "status_id": 10001,
            "summary": "Pay by card",
        }
        | {"created_at": "2026-02-23T09:00:00Z", "updated_at": "2026-03-10T15:00:00Z", "reporter": ANN, "assignee": BO}
        | {"resolution": "Done", "resolved_at": "2026-03-10T15:00:00Z", "category_at": "2026-03-10T15:00:00Z"}
        | {"points": 5, "sprints": [11], "parent_id": 20001, "labels": ["pay"], "priority": "High"}
        | {"description": "As a buyer\nI pay.\n\n- by card\n- by https://pay.example/x\n\nEnd."},
        {"id": 20003, "key": "WEB-3", "project_id": 10001, "type_id": 10004, "status_id": 3, "summary": "VAT is wrong"}
        | {"created_at": "2026-03-04T10:00:00Z", "updated_at": "2026-03-16T09:30:00Z", "reporter": LEFT}
        | {"assignee": CHEN, "points": 2.5, "sprints": [11, 12]},
        {
            "id": 20004,
            "key": "WEB-4",
            "project_id": 10001,
            "type_id": 10003,
            "status_id": 10000,
            "summary": "Ask the bank",
        }
        | {"created_at": "2026-03-05T10:00:00Z", "updated_at": "2026-03-05T10:00:00Z", "reporter": BO}
        | {"parent_id": 20002},
        {
            "id": 20005,
            "key": "APP-9",
            "project_id": 10002,
            "type_id": 10040,
            "status_id": 10012,
            "summary": "Push messages",
        }
        | {"previous_keys": ["WEB-5"], "created_at": "2026-03-06T16:30:00Z", "updated_at": "2026-03-12T11:00:00Z"}
        | {"reporter": BO, "assignee": ANN, "points": 3, "resolution": "Done", "resolved_at": "2026-03-12T11:00:00Z"}
        | {"values": {"customfield_10101": "low"}},
        {"id": 20006, "key": "OPS-1", "project_id": 10003, "type_id": 10050, "status_id": 10021, "summary": "换证书"}
        | {"created_at": "2026-03-07T01:00:00Z", "updated_at": "2026-03-08T01:00:00Z", "reporter": CHEN},
    ],
}


def changed(number: int, issue: int, at: str, author: str | None, *items: Row) -> Row:
    return {"id": number, "issue_id": issue, "created_at": at, "author": author, "items": list(items)}


def status(old: tuple[int, str], new: tuple[int, str]) -> Row:
    shown = {"field": "status", "field_type": "jira", "field_id": "status"}
    return shown | {"from": str(old[0]), "from_string": old[1], "to": str(new[0]), "to_string": new[1]}


def value(field: str, name: str, old: str | None, new: str | None) -> Row:
    return {"field": name, "field_type": "custom", "field_id": field, "from_string": old, "to_string": new}


def sprints(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> Row:
    ids, names = ([", ".join(str(each[place]) for each in side) for side in (old, new)] for place in (0, 1))
    shown = {"field": "Sprint", "field_type": "custom", "field_id": SPRINT}
    return shown | {"from": ids[0], "from_string": names[0], "to": ids[1], "to_string": names[1]}


TODO, DOING, DONE = (10000, "To Do"), (3, "In Progress"), (10001, "Done")
ONE, TWO = (11, "WEB Sprint 1"), (12, "WEB Sprint 2")
CHANGES = [
    changed(30001, 20002, "2026-02-24T09:00:00Z", ANN, value(POINTS, "Story Points", None, "3")),
    changed(30002, 20002, "2026-02-25T09:00:00Z", ANN, sprints([], [ONE])),
    changed(30003, 20002, "2026-03-03T09:00:00Z", BO, status(TODO, DOING)),
    changed(30004, 20002, "2026-03-05T09:00:00Z", ANN, value(POINTS, "Story Points", "3", "5")),
    changed(30005, 20002, "2026-03-06T09:00:00Z", BO, status(DOING, DONE)),
    changed(30006, 20002, "2026-03-09T09:00:00Z", ANN, status(DONE, DOING)),
    changed(30007, 20002, "2026-03-10T15:00:00Z", BO, status(DOING, DONE)),
    changed(30008, 20003, "2026-03-04T10:05:00Z", ANN, sprints([], [ONE]), value(POINTS, "Story Points", None, "2.5")),
    changed(30009, 20003, "2026-03-09T10:00:00Z", CHEN, status(TODO, DOING)),
    changed(30010, 20003, "2026-03-16T09:30:00Z", ROBOT, sprints([ONE], [ONE, TWO])),
    changed(30011, 20005, "2026-03-08T10:00:00Z", None)
    | {
        "items": [
            {"field": "Key", "field_type": "jira", "from_string": "WEB-5", "to_string": "APP-9"},
            {"field": "project", "field_type": "jira", "field_id": "project", "from": "10001"}
            | {"from_string": "Web shop", "to": "10002", "to_string": "Phone app"},
        ]
    },
    changed(30012, 20005, "2026-03-12T11:00:00Z", ANN, status((10011, "Doing"), (10012, "Shipped"))),
]


def write(folder: Path, *, with_points: bool = True, **more: list[Row]) -> Path:
    """The site as a dataset folder; `more` adds rows to its files."""
    rows = deepcopy(SITE) | {"jira_changes": deepcopy(CHANGES)}
    if not with_points:
        rows["jira_fields"] = [row for row in rows["jira_fields"] if row["type"] != "number"]
        for row in (*rows["jira_projects"], *rows["jira_boards"], *rows["jira_issues"]):
            for column in ("points_field", "estimation_field", "points"):
                row.pop(column, None)
    for kind, found in rows.items():
        put(folder, kind, *found, *more.get(kind, []))
    return folder
