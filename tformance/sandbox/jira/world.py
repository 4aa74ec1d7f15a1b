"""The site that the local Jira serves: the folder's rows, and what was changed since, in memory over them."""

from array import array
from pathlib import Path
from threading import RLock
from typing import Any

from tformance.sandbox.dataset import Lines, Row
from tformance.sandbox.living import LivingLines

KINDS = (
    *("jira_site", "jira_users", "jira_fields", "jira_statuses", "jira_issue_types", "jira_projects"),
    *("jira_boards", "jira_sprints", "jira_issues", "jira_changes"),
)
# The ready-made site settings of a folder that has none.
SITE: Row = {"id": "0f2f1a5e-6f0c-4d8e-9a55-5a1d4b2c7e10", "name": "meridian-works", "time_zone": "UTC"}


def key_order(key: str) -> tuple[str, int]:
    """Keys sort by project, then by number."""
    project, _, number = key.rpartition("-")
    return project, int(number)


class World:
    """Rows by their ids. Readers and changes take `lock`: an answer shows the site before a change or after it."""

    def __init__(self, folder: Path) -> None:
        if not (folder / "jira_issues.jsonl").exists():
            raise ValueError(f"{folder} has no jira_issues.jsonl, so there is no Jira in it")
        self.lock = RLock()
        self.site = SITE | next((row for _, row in Lines(folder / "jira_site.jsonl")), {})
        self.users = _by(folder, "jira_users", "account_id")
        self.fields = [row for _, row in Lines(folder / "jira_fields.jsonl")]
        self.statuses = _by(folder, "jira_statuses")
        self.types = _by(folder, "jira_issue_types")
        self.projects = _by(folder, "jira_projects")
        self.boards = _by(folder, "jira_boards")
        self.sprints = _by(folder, "jira_sprints")
        self.issues = _by(folder, "jira_issues")
        self.keys: dict[str, str] = {}
        for issue in self.issues.values():
            self.name(issue)
        self._lines = LivingLines(Lines(folder / "jira_changes.jsonl"))
        self._changes: dict[str, array[int]] = {}
        self._latest = 10_000
        for offset, row in Lines(folder / "jira_changes.jsonl"):
            self._changes.setdefault(str(row["issue_id"]), array("q")).append(offset)
            self._latest = max(self._latest, int(row["id"]))
        self.hidden: set[str] = set()  # ids of projects the API user may not browse

    def name(self, issue: Row) -> None:
        """Let an issue be found by its key, and by those it had before it was moved."""
        for key in (*(issue.get("previous_keys") or ()), issue["key"]):
            self.keys[key.upper()] = str(issue["id"])

    def forget(self, issue: Row) -> None:
        """Take an issue away for good, with its keys and its history."""
        del self.issues[str(issue["id"])]
        self.keys = {key: identity for key, identity in self.keys.items() if identity != str(issue["id"])}
        self._changes.pop(str(issue["id"]), None)

    def issue(self, reference: str) -> Row | None:
        """By id or key, a former key too."""
        return self.issues.get(reference) or self.issues.get(self.keys.get(reference.upper(), ""))

    def project(self, reference: str) -> Row | None:
        """By id, key or former key, letter case aside."""
        wanted = reference.upper()
        for row in self.projects.values():
            if wanted in (str(row["id"]), row["key"].upper(), *(key.upper() for key in row.get("previous_keys") or ())):
                return row
        return None

    def statuses_of(self, project: Row) -> list[Row]:
        """Those that its workflows use; without a list its own, else those that belong to no project."""
        if project.get("statuses"):
            return [self.statuses[str(key)] for key in project["statuses"]]
        own = [row for row in self.statuses.values() if str(row.get("project_id")) == str(project["id"])]
        return own or [row for row in self.statuses.values() if row.get("project_id") is None]

    def changes(self, issue_id: str) -> list[Row]:
        """What happened to an issue, oldest first."""
        rows = [self._lines.at(offset) for offset in self._changes.get(issue_id, ())]
        return sorted(rows, key=lambda row: (row["created_at"], int(row["id"])))

    def record(self, issue_id: str, author: str | None, at: str, items: list[Row]) -> Row:
        """Add an entry to an issue's history."""
        self._latest += 1
        entry: Row = {"id": self._latest, "issue_id": issue_id, "author": author, "created_at": at, "items": items}
        self._changes.setdefault(issue_id, array("q")).append(self._lines.append(entry))
        return entry

    def user(self, reference: str | None) -> Row | None:
        """By account id or e-mail address."""
        if reference is None:
            return None
        found = self.users.get(reference)
        same = (row for row in self.users.values() if (row.get("email") or "").lower() == reference.lower())
        return found or next(same, None)


def _by(folder: Path, kind: str, column: str = "id") -> dict[str, Row]:
    rows: dict[str, Any] = {str(row[column]): row for _, row in Lines(folder / f"{kind}.jsonl")}
    return rows
