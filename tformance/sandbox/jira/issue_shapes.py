"""An issue with the fields that were asked for."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

from tformance.sandbox.dataset import Row
from tformance.sandbox.jira import adf, fields
from tformance.sandbox.jira.asking import Question
from tformance.sandbox.jira.shapes import PRIORITIES, RESOLUTIONS, Shapes, stamp

EXPANDS = "operations,versionedRepresentations,editmeta,changelog,renderedFields"
_NAVIGABLE_NOT = {"description", "subtasks", "issuekey"}
# The newest entries that a search with `expand=changelog` gives beside each issue.
BESIDE = 40


class IssueShapes(Shapes):
    """Made once per answer: the site's fields are looked up once."""

    def __init__(self, asked: Question) -> None:
        super().__init__(asked)
        self.fields = fields.known(asked)
        self._custom = {row["id"]: row for row in fields.custom(asked)}
        self._system: dict[str, Callable[[Row], Any]] = {
            "summary": lambda row: row["summary"],
            "status": lambda row: self.status(self.world.statuses[str(row["status_id"])]),
            "issuetype": lambda row: self.issue_type(self.world.types[str(row["type_id"])]),
            "project": lambda row: self.project(self.world.projects[str(row["project_id"])]),
            "created": lambda row: stamp(row["created_at"], self.zone),
            "updated": lambda row: stamp(row["updated_at"], self.zone),
            "resolution": lambda row: self.named("resolution", RESOLUTIONS, row.get("resolution")),
            "resolutiondate": lambda row: stamp(row.get("resolved_at"), self.zone),
            "statuscategorychangedate": lambda row: stamp(row.get("category_at"), self.zone),
            "assignee": lambda row: self.user(row.get("assignee")),
            "reporter": lambda row: self.user(row.get("reporter")),
            "creator": lambda row: self.user(row.get("creator") or row.get("reporter")),
            "priority": lambda row: self.named("priority", PRIORITIES, row.get("priority")),
            "labels": lambda row: row.get("labels") or [],
            "description": lambda row: adf.document(row.get("description")),
            "subtasks": lambda row: [self.brief(each) for each in self.children(row)],
        }

    def children(self, row: Row) -> list[Row]:
        return self._below.get(str(row["id"]), [])

    @cached_property
    def _below(self) -> dict[str, list[Row]]:
        """Sub-tasks by their parent."""
        found: dict[str, list[Row]] = {}
        for row in self.asked.issues():
            if row.get("parent_id") and self.world.types[str(row["type_id"])]["level"] < 0:
                found.setdefault(str(row["parent_id"]), []).append(row)
        return found

    def named(self, kind: str, ids: dict[str, str], name: str | None) -> Row | None:
        if name is None:
            return None
        return {"self": f"{self.api}/{kind}/{ids.get(name, '9')}", "id": ids.get(name, "9"), "name": name}

    def chosen(self, wanted: Iterable[str]) -> list[str]:
        """The ids behind `*all`, `*navigable`, ids, keys and names to leave out; unknown ones are passed over."""
        found: dict[str, None] = {}
        for name in (part.strip() for text in wanted for part in text.split(",")):
            if name in ("*all", "*navigable"):
                left = _NAVIGABLE_NOT if name == "*navigable" else {"issuekey"}
                found |= dict.fromkeys(key for key in self.fields if key not in left)
            elif name.startswith("-"):
                found.pop(name[1:], None)
            elif name in self.fields:
                found[name] = None
        return list(found)

    def brief(self, row: Row) -> Row:
        """As it stands in its parent, or as the parent of others."""
        shown = {name: self._system[name](row) for name in ("summary", "status", "priority", "issuetype")}
        return self.head(row) | {"fields": shown}

    def head(self, row: Row) -> Row:
        return {"id": str(row["id"]), "key": row["key"], "self": f"{self.api}/issue/{row['id']}"}

    def issue(self, row: Row, wanted: list[str], expand: Iterable[str] = ()) -> Row:
        shape: Row = {"expand": EXPANDS, **self.head(row), "fields": self._values(row, wanted)}
        if row["key"] == self.asked.faults.malformed:
            shape["fields"] |= {"status": None, "created": "yesterday", "summary": 7}
        if "changelog" in expand:
            entries = [self.history(each) for each in reversed(self.world.changes(str(row["id"])))]
            counts = {"startAt": 0, "maxResults": BESIDE, "total": len(entries)}
            shape["changelog"] = counts | {"histories": entries[:BESIDE]}
        return shape

    def _values(self, row: Row, wanted: list[str]) -> Row:
        values: Row = {}
        for name in wanted:
            if name == "parent":
                values |= self._parent(row)
            elif name in self._system:
                values[name] = self._system[name](row)
            elif name in self._custom and self._has(row, self._custom[name]):
                values[name] = self._value(row, self._custom[name])
        return values

    def _parent(self, row: Row) -> Row:
        parent = self.world.issues.get(str(row.get("parent_id")))
        return {"parent": self.brief(parent)} if parent else {}

    @staticmethod
    def _has(row: Row, field: Row) -> bool:
        """A field of one project is on the issues of that project only."""
        return field.get("project_id") is None or str(field["project_id"]) == str(row["project_id"])

    def _value(self, row: Row, field: Row) -> Any:
        if field["custom"] == fields.SPRINT:
            sprints = [self.world.sprints[str(key)] for key in row.get("sprints") or ()]
            return [self.sprint(sprint) for sprint in sprints] or None
        project = self.world.projects[str(row["project_id"])]
        if field["id"] == project.get("points_field"):
            return None if row.get("points") is None else float(row["points"])
        return (row.get("values") or {}).get(field["id"])
