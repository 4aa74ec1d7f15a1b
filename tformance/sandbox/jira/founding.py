"""The invented organisation's Jira before any work: projects of several kinds, their words, and the people."""

from dataclasses import dataclass, field
from random import Random

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.fields import NUMBER, SPRINT, TEAM_POINTS
from tformance.sandbox.organisation import DAY, HOUR, Organisation, Person
from tformance.sandbox.story import iso

CLOUD = "3d1c5a52-8f0e-4c55-b6f4-2f8f5c1f9a77"
SPRINT_DAYS = 14
NEW, BUSY, REVIEW, DONE = "new", "busy", "review", "done"  # the steps of every workflow; some have no review
_CATEGORIES = {NEW: "new", BUSY: "indeterminate", REVIEW: "indeterminate", DONE: "done"}
# key: (name, style, board, names of statuses, names of the types of story, bug and sub-task, sets a resolution)
_PROJECTS = {
    "WEB": (
        "Web platform",
        "classic",
        "scrum",
        ("To Do", "In Progress", "In Review", "Done"),
        "Story Bug Sub-task",
        True,
    ),
    "MOB": ("Mobile", "next-gen", "simple", ("To Do", "In Progress", None, "Done"), "Task Bug Subtask", True),
    "OPS": ("运维平台", "classic", "kanban", ("待办", "进行中", "评审中", "完成"), "任务 缺陷 子任务", False),
    "D2C": (
        "Direktverkauf",
        "classic",
        "scrum",
        ("Zu erledigen", "In Arbeit", "In Prüfung", "Fertig"),
        "Story Fehler Teilaufgabe",
        True,
    ),
    "HR": (
        "People and places",
        "classic",
        "kanban",
        ("To Do", "In Progress", None, "Done"),
        "Task Request Sub-task",
        True,
    ),
}
_WITHOUT_CODE = "HR"
_ONLY_IN_JIRA = ("Paula Product", "Otto Owner", "Gudrun Groß", "王芳")


@dataclass(frozen=True)
class Sprint:
    """Moments are epoch seconds; `name` at most 30 characters."""

    id: int
    board: int
    name: str
    made: int
    start: int
    planned_end: int
    end: int


@dataclass(eq=False)
class Project:
    """`statuses` and `types` by the step or kind they are; `points` is the field's id, None where nobody estimates."""

    id: int
    key: str
    row: Row
    board: Row
    points: str | None
    resolves: bool
    statuses: dict[str, int]
    types: dict[str, int]
    sprints: list[Sprint] = field(default_factory=list)
    number: int = 0

    def next_key(self) -> str:
        self.number += 1
        return f"{self.key}-{self.number}"


@dataclass
class Site:
    """What stands still: rows of the small files, projects by the place of their repositories, accounts by login."""

    projects: list[Project]
    accounts: dict[str, str]
    managers: list[str]
    robot: str
    sprint_field: str
    rows: dict[str, list[Row]]

    @property
    def with_code(self) -> list[Project]:
        return [project for project in self.projects if project.key != _WITHOUT_CODE]

    def of_repository(self, place: int) -> Project:
        return self.with_code[place % len(self.with_code)]


def found(rng: Random, organisation: Organisation) -> Site:
    """Ids of fields, accounts and statuses are drawn: no two sites share them."""
    drawn = rng.sample(range(10_010, 12_000), 5)
    numbers = {
        name: f"customfield_{number}"
        for name, number in zip(("sprint", "story", "team", "german", "other"), drawn, strict=True)
    }
    rows: dict[str, list[Row]] = {"jira_site": [{"id": CLOUD, "name": "meridian-works", "time_zone": "Europe/Berlin"}]}
    rows["jira_fields"] = [
        {"id": numbers["sprint"], "name": "Sprint", "type": "array", "items": "json", "custom": SPRINT},
        {"id": numbers["story"], "name": "Story Points", "type": "number", "custom": NUMBER},
        {"id": numbers["team"], "name": "Story point estimate", "type": "number", "custom": TEAM_POINTS},
        {"id": numbers["german"], "name": "Storypunkte", "type": "number", "custom": NUMBER},
        {"id": numbers["other"], "name": "Business points", "type": "number", "custom": NUMBER},
    ]
    points = {"WEB": numbers["story"], "MOB": numbers["team"], "D2C": numbers["german"]}
    accounts, managers = _people(rng, organisation, rows)
    projects = [_project(place, key, points.get(key), organisation, rows) for place, key in enumerate(_PROJECTS)]
    robot = "557058:" + f"{rng.getrandbits(64):016x}"
    rows["jira_users"].append({"account_id": robot, "display_name": "Automation for Jira", "account_type": "app"})
    return Site(projects, accounts, managers, robot, numbers["sprint"], rows)


def _people(rng: Random, organisation: Organisation, rows: dict[str, list[Row]]) -> tuple[dict[str, str], list[str]]:
    """Everybody of the organisation under the name they gave there, and some who write no code."""
    accounts: dict[str, str] = {}
    found: list[Row] = []
    for person in organisation.people:
        accounts[person.login] = _account_id(rng)
        found.append(_account(rng, person, accounts[person.login]))
    managers = [_account_id(rng) for _ in _ONLY_IN_JIRA]
    for key, name in zip(managers, _ONLY_IN_JIRA, strict=True):
        found.append({"account_id": key, "display_name": name, "email": None, "time_zone": "Europe/Berlin"})
    rows["jira_users"] = found
    return accounts, managers


def _account_id(rng: Random) -> str:
    return f"712020:{rng.getrandbits(128):032x}" if rng.random() < 0.6 else f"5{rng.getrandbits(92):023x}"


def _account(rng: Random, person: Person, key: str) -> Row:
    first, _, last = person.name.partition(" ")
    shown = rng.choices((person.name, f"{last}, {first}", f"{first} {last[:1]}.", first.lower()), (70, 12, 12, 6))[0]
    row: Row = {"account_id": key, "login": person.login, "display_name": shown}
    if person.deleted:
        return row | {"display_name": "Former user", "email": None, "active": False}
    row |= {"email": person.email, "email_visible": rng.random() < 0.6, "active": True}
    return row | {"time_zone": rng.choice(("Europe/Berlin", "America/New_York", "Asia/Shanghai", "UTC"))}


def _project(
    place: int, key: str, points: str | None, organisation: Organisation, rows: dict[str, list[Row]]
) -> Project:
    name, style, board, names, kinds, resolves = _PROJECTS[key]
    number = 10_001 + place
    statuses = {
        step: _status(rows, name, _CATEGORIES[step], number if style == "next-gen" else None)
        for step, name in zip((NEW, BUSY, REVIEW, DONE), names, strict=True)
        if name
    }
    levels = {"epic": 1, "story": 0, "bug": 0, "subtask": -1}
    labels = dict(zip(levels, ["Epic", *kinds.split()], strict=True))
    types = {
        kind: _type(rows, labels[kind], level, number if style == "next-gen" else None)
        for kind, level in levels.items()
    }
    row: Row = {"id": number, "key": key, "name": name, "style": style, "points_field": points}
    row |= {"issue_types": list(types.values()), "statuses": list(statuses.values())}
    rows.setdefault("jira_projects", []).append(row)
    shown: Row = {"id": place + 1, "name": f"{key} board", "type": board, "project_id": number}
    shown |= {"estimation_field": points, "has_sprints": board != "kanban"}
    rows.setdefault("jira_boards", []).append(shown)
    made = Project(number, key, row, shown, points, resolves, statuses, types)
    if board != "kanban":
        made.sprints = _sprints(made, organisation)
    return made


def _status(rows: dict[str, list[Row]], name: str, category: str, project: int | None) -> int:
    """One row for all projects that share the status; a team-managed project has its own."""
    known = rows.setdefault("jira_statuses", [])
    for row in known:
        if (row["name"], row["category"], row.get("project_id")) == (name, category, project):
            return int(row["id"])
    known.append({"id": 10_000 + len(known), "name": name, "category": category, "project_id": project})
    return 9_999 + len(known)


def _type(rows: dict[str, list[Row]], name: str, level: int, project: int | None) -> int:
    known = rows.setdefault("jira_issue_types", [])
    for row in known:
        if (row["name"], row["level"], row.get("project_id")) == (name, level, project):
            return int(row["id"])
    known.append({"id": 10_100 + len(known), "name": name, "level": level, "project_id": project})
    return 10_099 + len(known)


def _sprints(project: Project, organisation: Organisation) -> list[Sprint]:
    """One after the other from the first Monday on, half an hour between two; the last one lies ahead."""
    day = organisation.start // DAY
    start = (day + (7 - (day + 3) % 7) % 7) * DAY + 8 * HOUR
    found: list[Sprint] = []
    while start < organisation.end + 2 * SPRINT_DAYS * DAY:
        number, planned = len(found) + 1, start + SPRINT_DAYS * DAY - 2 * HOUR
        found.append(
            Sprint(
                project.board["id"] * 1000 + number,
                project.board["id"],
                f"{project.key} Sprint {number}",
                start - SPRINT_DAYS * DAY,
                start,
                planned,
                start + SPRINT_DAYS * DAY - HOUR // 2,
            )
        )
        start += SPRINT_DAYS * DAY
    return found


def sprint_row(sprint: Sprint, moment: int) -> Row | None:
    """As it looked at that moment; None before it was made."""
    if sprint.made > moment:
        return None
    state = "future" if moment < sprint.start else "active" if moment < sprint.end else "closed"
    row: Row = {"id": sprint.id, "board_id": sprint.board, "name": sprint.name, "created_at": iso(sprint.made)}
    row |= {"state": state, "goal": "Fewer open questions" if sprint.id % 3 == 0 else None}
    row |= {"started_at": iso(sprint.start), "ended_at": iso(sprint.planned_end)} if state != "future" else {}
    return row | ({"completed_at": iso(sprint.end)} if state == "closed" else {})
