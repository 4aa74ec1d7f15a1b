"""The site moves while it is served: issues are changed and the messages that tell of it go out."""

from collections.abc import Callable
from typing import Any

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira import fields
from tformance.sandbox.jira.events import Events
from tformance.sandbox.jira.world import World, key_order
from tformance.sandbox.live_apps import Impossible

Change = tuple[str, str | None, str | None, str | None, str | None]  # field id, from, its text, to, its text


def instant() -> str:
    return clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")


class Stage:
    """Plays on one site; the caller holds its lock."""

    def __init__(self, world: World, events: Events) -> None:
        self.world, self.events = world, events

    def issue(self, asked: Row) -> Row:
        found = self.world.issue(str(asked.get("issue")))
        if found is None:
            raise Impossible(f"There is no issue {asked.get('issue')}")
        return found

    def author(self, asked: Row) -> str:
        found = self.world.user(asked.get("as")) or next(iter(self.world.users.values()))
        return str(found["account_id"])

    def project(self, reference: Any) -> Row:
        found = self.world.project(str(reference))
        if found is None:
            raise Impossible(f"There is no project {reference}")
        return found

    def sprint_of(self, reference: Any) -> Row:
        found = self.world.sprints.get(str(reference))
        if found is None:
            raise Impossible(f"There is no sprint {reference}")
        return found

    def status(self, project: Row, name: str) -> Row:
        """By name, id or category."""
        for row in self.world.statuses_of(project):
            if name in (str(row["id"]), row["name"], row["category"]):
                return row
        raise Impossible(f"{project['key']} has no status {name}")

    def changed(self, row: Row, author: str, changes: list[Change], kind: str = "issue_updated") -> Row:
        """Write the history, move the issue's `updated` and tell the hooks."""
        at = instant()
        items = [self._item(change) for change in changes]
        entry = self.world.record(str(row["id"]), author, at, items)
        row["updated_at"] = at
        return told(row, self.events.issue("issue_updated", kind, row, author, entry))

    def _item(self, change: Change) -> Row:
        key, old, old_text, new, new_text = change
        custom = {row["id"]: row["name"] for row in self.world.fields}
        shown: Row = {"field": custom.get(key, key), "field_type": "custom" if key in custom else "jira"}
        shown |= {} if key == "Key" else {"field_id": key}
        return shown | {"from": old, "from_string": old_text, "to": new, "to_string": new_text}


def told(row: Row, guids: list[str]) -> Row:
    """What an action answers."""
    shown = {"id": str(row["id"]), "key": row.get("key"), "updated_at": row.get("updated_at")}
    return shown | {"at": clock.now().timestamp(), "deliveries": guids}


def create(stage: Stage, asked: Row) -> Row:
    project, at, world = stage.project(asked.get("project")), instant(), stage.world
    number = max((key_order(key)[1] for key in world.keys if key_order(key)[0] == project["key"].upper()), default=0)
    types = [world.types[str(key)] for key in project["issue_types"]]
    usual = next(row for row in types if row["level"] == 0)
    kind = next((row for row in types if row["name"] == asked.get("type")), usual)
    author = stage.author(asked)
    row: Row = {"id": max(int(key) for key in world.issues) + 1, "key": f"{project['key']}-{number + 1}"}
    row |= {"project_id": project["id"], "type_id": kind["id"], "status_id": stage.status(project, "new")["id"]}
    row |= {"summary": asked.get("summary") or "Made just now", "reporter": author, "created_at": at, "updated_at": at}
    row |= {"assignee": asked.get("assignee"), "points": asked.get("points"), "sprints": []}
    world.issues[str(row["id"])] = row
    world.name(row)
    return told(row, stage.events.issue("issue_created", "issue_created", row, author))


def transition(stage: Stage, asked: Row) -> Row:
    """To a status of its project, by name, id or category; done ones are resolved, others are not."""
    row = stage.issue(asked)
    old = stage.world.statuses[str(row["status_id"])]
    new = stage.status(stage.world.projects[str(row["project_id"])], str(asked.get("status")))
    changes: list[Change] = [("status", str(old["id"]), old["name"], str(new["id"]), new["name"])]
    resolution = "Done" if new["category"] == "done" else None
    if resolution != row.get("resolution"):
        changes.append(("resolution", None, row.get("resolution"), None, resolution))
    row |= {"status_id": new["id"], "resolution": resolution, "resolved_at": instant() if resolution else None}
    row |= {} if old["category"] == new["category"] else {"category_at": instant()}
    return stage.changed(row, stage.author(asked), changes, "issue_generic")


def move(stage: Stage, asked: Row) -> Row:
    """Into another project: the key changes, the id stays, the status becomes one of the same category there."""
    row, goal = stage.issue(asked), stage.project(asked.get("project"))
    home, old = stage.world.projects[str(row["project_id"])], row["key"]
    category = stage.world.statuses[str(row["status_id"])]["category"]
    known = [key_order(key) for key in stage.world.keys]
    number = max((count for project, count in known if project == goal["key"].upper()), default=0) + 1
    usual = next(key for key in goal["issue_types"] if stage.world.types[str(key)]["level"] == 0)
    row["previous_keys"] = [*(row.get("previous_keys") or ()), old]
    row |= {"key": f"{goal['key']}-{number}", "project_id": goal["id"], "type_id": usual, "sprints": []}
    row["status_id"] = stage.status(goal, category)["id"]
    stage.world.name(row)
    place: Change = ("project", str(home["id"]), home["name"], str(goal["id"]), goal["name"])
    return stage.changed(row, stage.author(asked), [("Key", None, old, None, row["key"]), place], "issue_moved")


def delete(stage: Stage, asked: Row) -> Row:
    """For good, with its sub-tasks; no history is left."""
    row = stage.issue(asked)
    gone = [row, *(each for each in stage.world.issues.values() if str(each.get("parent_id")) == str(row["id"]))]
    gone = [each for each in gone if each is row or stage.world.types[str(each["type_id"])]["level"] < 0]
    shown = [(each, stage.events.issue("issue_deleted", "issue_deleted", each, stage.author(asked))) for each in gone]
    for each in gone:
        stage.world.forget(each)
    return told(row, [guid for _, guids in shown for guid in guids])


def set_points(stage: Stage, asked: Row) -> Row:
    row, points = stage.issue(asked), asked.get("points")
    field = stage.world.projects[str(row["project_id"])].get("points_field")
    if field is None:
        raise Impossible(f"The project of {row['key']} has no points")
    old, row["points"] = row.get("points"), points
    texts = [None if value is None else f"{value:g}" for value in (old, points)]
    return stage.changed(row, stage.author(asked), [(field, None, texts[0], None, texts[1])])


def assign(stage: Stage, asked: Row) -> Row:
    """To an account by id or e-mail address; without one to nobody."""
    row = stage.issue(asked)
    people = [stage.world.user(row.get("assignee")), stage.world.user(asked.get("account"))]
    ids = [str(person["account_id"]) if person else None for person in people]
    names = [person["display_name"] if person else None for person in people]
    row["assignee"] = ids[1]
    change: Change = ("assignee", ids[0], names[0], ids[1], names[1])
    return stage.changed(row, stage.author(asked), [change], "issue_assigned")


def edit(stage: Stage, asked: Row) -> Row:
    row = stage.issue(asked)
    old, row["summary"] = row["summary"], str(asked.get("summary"))
    return stage.changed(row, stage.author(asked), [("summary", None, old, None, row["summary"])])


def add_to_sprint(stage: Stage, asked: Row) -> Row:
    """The sprint it was in is left, unless that one is over."""
    row, sprint = stage.issue(asked), stage.sprint_of(asked.get("sprint"))
    return put_in(stage, row, stage.author(asked), sprint)


def remove_from_sprint(stage: Stage, asked: Row) -> Row:
    return put_in(stage, stage.issue(asked), stage.author(asked), None)


def put_in(stage: Stage, row: Row, author: str, sprint: Row | None) -> Row:
    """Sprints that are over stay in the field for ever."""
    field = next((each["id"] for each in stage.world.fields if each["custom"] == fields.SPRINT), None)
    if field is None:
        raise Impossible("The site has no sprint field")
    before = [stage.world.sprints[str(key)] for key in row.get("sprints") or ()]
    after = [each for each in before if each["state"] == "closed"] + ([sprint] if sprint else [])
    row["sprints"] = [each["id"] for each in after]
    ids = [", ".join(str(each["id"]) for each in side) for side in (before, after)]
    names = [", ".join(each["name"] for each in side) for side in (before, after)]
    return stage.changed(row, author, [(field, ids[0], names[0], ids[1], names[1])])


OF_ISSUES: dict[str, Callable[[Stage, Row], Row]] = {
    "create": create,
    "transition": transition,
    "move": move,
    "delete": delete,
    "set_points": set_points,
    "assign": assign,
    "edit": edit,
    "add_to_sprint": add_to_sprint,
    "remove_from_sprint": remove_from_sprint,
}
