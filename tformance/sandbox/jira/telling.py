"""The rows of invented issues as they looked at a moment: what happened later is cut off."""

from collections.abc import Iterator
from typing import Any

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.founding import BUSY, DONE, NEW, Project, Site, sprint_row
from tformance.sandbox.jira.tasks import Lives, Task
from tformance.sandbox.organisation import Organisation
from tformance.sandbox.story import iso

Side = tuple[str | None, str | None]  # an id and a text, before or after
_FIRST_CHANGE = 100_000
_SYSTEM = ("summary", "priority", "assignee", "resolution")


class Teller:
    """Gives every task its life, then tells it; ids of changes are by their moments, whenever one looks."""

    def __init__(self, site: Site, organisation: Organisation, tasks: list[Task], seed: int) -> None:
        self.site, self.tasks = site, tasks
        lives = Lives(site, seed, organisation.end)
        crew = [site.accounts[person.login] for person in organisation.people if not person.deleted]
        for task in tasks:
            lives.live(task, crew)
            task.steps.sort(key=lambda step: step[0])
        order = [(at, task.id, place) for task in tasks for place, (at, _, _) in enumerate(task.steps)]
        self._numbers = {each[1:]: _FIRST_CHANGE + number for number, each in enumerate(sorted(order))}
        self._people = {row["account_id"]: row["display_name"] for row in site.rows["jira_users"]}
        self._status = {row["id"]: row["name"] for row in site.rows["jira_statuses"]}
        self._fields = {row["id"]: row["name"] for row in site.rows["jira_fields"]}

    def rows(self, moment: int) -> Iterator[tuple[str, Row]]:
        for kind, rows in self.site.rows.items():
            yield from ((kind, row) for row in rows)
        for sprint in (each for project in self.site.projects for each in project.sprints):
            if (row := sprint_row(sprint, moment)) is not None:
                yield "jira_sprints", row
        gone = {task.id for task in self.tasks if not _is_there(task, moment)}
        for task in self.tasks:
            if task.id not in gone:
                yield from self._told(task, moment, gone)

    def _told(self, task: Task, moment: int, gone: set[int]) -> Iterator[tuple[str, Row]]:
        state: Row = {"project": task.project, "key": task.key, "points": None, "sprints": (), **task.begun}
        stamps: Row = {"updated_at": task.made, "category_at": task.made, "resolved_at": None}
        changes = []
        for place, (at, author, columns) in enumerate(task.steps):
            if at > moment:
                break
            after = _followed(state, columns)
            items = list(self._items(state, after))
            if not items:
                continue
            changes.append(self._change(task, place, at, author, items))
            stamps |= {"updated_at": at} | _stamped(state, after, at)
            state = after
        yield "jira_issues", self._issue(task, state, stamps, gone, moment)
        yield from (("jira_changes", row) for row in changes)

    def _change(self, task: Task, place: int, at: int, author: str | None, items: list[Row]) -> Row:
        number = self._numbers[task.id, place]
        return {"id": number, "issue_id": task.id, "created_at": iso(at), "author": author, "items": items}

    def _issue(self, task: Task, state: Row, stamps: Row, gone: set[int], moment: int) -> Row:
        project: Project = state["project"]
        row: Row = {"id": task.id, "key": state["key"], "project_id": project.id}
        row |= {"previous_keys": [key for key in task.former if key != state["key"]]}
        row |= {"type_id": project.types[task.kind], "status_id": _status_of(state)}
        row |= {
            name: state.get(name) for name in ("summary", "description", "reporter", "assignee", "priority", "labels")
        }
        row |= {"resolution": state.get("resolution"), "created_at": iso(task.made)}
        row |= {name: None if at is None else iso(at) for name, at in stamps.items()}
        row |= {"points": state["points"] if project.points else None}
        row |= {"sprints": [sprint.id for sprint in state["sprints"] if sprint.made <= moment]}
        parent = task.parent
        return row | {"parent_id": parent.id if parent and parent.id not in gone else None}

    def _items(self, old: Row, new: Row) -> Iterator[Row]:
        if old["key"] != new["key"]:
            yield _item("Key", None, [(None, old["key"]), (None, new["key"])])
            places: list[Side] = [(str(each["project"].id), each["project"].row["name"]) for each in (old, new)]
            yield _item("project", "project", places)
        if _status_of(old) != _status_of(new):
            yield _item("status", "status", [(str(key), self._status[key]) for key in map(_status_of, (old, new))])
        for field in _SYSTEM:
            if old.get(field) != new.get(field):
                yield _item(field, field, [self._shown(field, each.get(field)) for each in (old, new)])
        points = new["project"].points
        if old["points"] != new["points"] and points:
            texts: list[Side] = [
                (None, None if each["points"] is None else f"{each['points']:g}") for each in (old, new)
            ]
            yield _item(self._fields[points], points, texts, "custom")
        if old["sprints"] != new["sprints"]:
            sides = [_joined(each["sprints"]) for each in (old, new)]
            yield _item("Sprint", self.site.sprint_field, sides, "custom")

    def _shown(self, field: str, value: Any) -> Side:
        if field == "assignee":
            return value, self._people.get(value)
        return None, value


def _is_there(task: Task, moment: int) -> bool:
    """Made and not deleted; a sub-task goes with its parent."""
    if task.kind == "subtask" and task.parent is not None and not _is_there(task.parent, moment):
        return False
    return task.made <= moment and (task.deleted is None or moment < task.deleted)


def _followed(state: Row, columns: Row) -> Row:
    """The columns after a step: done brings a resolution where the workflow sets one, anything else takes it away."""
    after = state | columns
    if "step" in columns:
        after["resolution"] = "Done" if columns["step"] == DONE and after["project"].resolves else None
    if "project" in columns:
        after["step"] = after["step"] if after["step"] in after["project"].statuses else BUSY
    return after


def _stamped(old: Row, new: Row, at: int) -> Row:
    stamps: Row = {}
    if _category(old) != _category(new):
        stamps["category_at"] = at
    if old.get("resolution") != new.get("resolution"):
        stamps["resolved_at"] = at if new.get("resolution") else None
    return stamps


def _category(state: Row) -> str:
    step: str = state["step"]
    return step if step in (NEW, DONE) else BUSY


def _status_of(state: Row) -> int:
    number: int = state["project"].statuses[state["step"]]
    return number


def _joined(sprints: tuple[Any, ...]) -> Side:
    return ", ".join(str(each.id) for each in sprints), ", ".join(each.name for each in sprints)


def _item(field: str, field_id: str | None, sides: list[Side], kind: str = "jira") -> Row:
    row: Row = {"field": field, "field_type": kind} | ({"field_id": field_id} if field_id else {})
    (old, old_text), (new, new_text) = sides
    return row | {"from": old, "from_string": old_text, "to": new, "to_string": new_text}
