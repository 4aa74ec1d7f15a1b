"""The plain second reading of Jira's rows: issues, sprints, and which pull request names which issue."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.truth_iteration import hours, moment
from tformance.sandbox.truth_numbers import spread

_KEY = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9_]+)-([1-9][0-9]*)(?![A-Za-z0-9])")
PLACES = ("title", "branch", "body", "commit")
_VELOCITIES = 6
Stays = dict[str, list[tuple[Row, list[tuple[str, bool]]]]]


class Planning:
    """The Jira of a dataset folder; `is_there` is False for folders without one."""

    def __init__(self, folder: Path) -> None:
        self.is_there = (folder / "jira_issues.jsonl").exists()
        self._folder = folder
        self.category = {str(row["id"]): row["category"] for row in self._rows("jira_statuses")}
        self.projects = {str(row["id"]): row for row in self._rows("jira_projects")}
        self._project_keys = {
            key.upper() for row in self.projects.values() for key in (row["key"], *(row.get("previous_keys") or ()))
        }
        self.types = {str(row["id"]): row["name"] for row in self._rows("jira_issue_types")}
        self.points_fields = {row["points_field"] for row in self.projects.values() if row.get("points_field")}
        self.sprint_fields = {row["id"] for row in self._rows("jira_fields") if row["custom"].endswith(":gh-sprint")}
        self.sprints = self._rows("jira_sprints")
        self.boards = {row["id"]: row for row in self._rows("jira_boards")}
        self._histories: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self._rows("jira_changes"), key=lambda row: (row["created_at"], int(row["id"]))):
            self._histories[str(row["issue_id"])].append(row)
        self._keys: dict[str, str] = {}
        self.issues = [self._issue(row) for row in self._rows("jira_issues")]
        self.links: dict[str, list[list[Any]]] = defaultdict(list)

    def _rows(self, kind: str) -> list[Row]:
        path = self._folder / f"{kind}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def _changes(self, key: str, fields: Iterable[str]) -> list[tuple[str, Row]]:
        """(moment, item) of the changes of these fields, oldest first."""
        return [
            (entry["created_at"], item)
            for entry in self._histories[key]
            for item in entry["items"]
            if item.get("field_id") in fields
        ]

    def _issue(self, row: Row) -> Row:
        """What is known of one issue."""
        key = str(row["id"])
        for name in (*(row.get("previous_keys") or ()), row["key"]):
            self._keys[name] = key
        moves = [
            (at, self.category[item["from"]], self.category[item["to"]]) for at, item in self._changes(key, ["status"])
        ]
        is_done = self.category[str(row["status_id"])] == "done"
        ends = [at for at, old, new in moves if new == "done" != old]
        begins = [at for at, _, new in moves if new == "indeterminate"]
        resolved = ends[-1] if is_done and ends else None
        return {
            "id": key,
            "key": row["key"],
            "project": self.projects[str(row["project_id"])]["key"],
            "type": self.types[str(row["type_id"])],
            "created_at": row["created_at"],
            "resolved_at": resolved,
            "lead_time": hours(moment(row["created_at"]), moment(resolved)),
            "cycle_time": hours(moment(begins[0]), moment(resolved)) if begins and resolved else None,
            "reopened": sum(old == "done" != new for _, old, new in moves),
            "points": row.get("points"),
            "assignee_at_resolution": self._at(row, ["assignee"], resolved, "assignee", "to") if resolved else None,
            "points_at_resolution": self.points_at(row, resolved) if resolved else None,
            "sprints": row.get("sprints") or [],
            "row": row,
        }

    def _at(self, row: Row, fields: Iterable[str], at: str, column: str, side: str) -> Any:
        """A value as it was after everything up to that moment; before the first change it is what that one changed."""
        changes = self._changes(str(row["id"]), fields)
        past = [item for when, item in changes if when <= at]
        if past:
            return past[-1][side]
        return changes[0][1][side.replace("to", "from")] if changes else row.get(column)

    def points_at(self, row: Row, at: str) -> float | None:
        value = self._at(row, self.points_fields, at, "points", "to_string")
        return None if value in (None, "") else float(value)

    def status_at(self, row: Row, at: str) -> str:
        category: str = self.category[str(self._at(row, ["status"], at, "status_id", "to"))]
        return category

    def stays(self) -> Stays:
        """By sprint the issues that were ever in it, with (moment, whether they are in it from then on)."""
        found: Stays = defaultdict(list)
        for row in (issue["row"] for issue in self.issues):
            changes = self._changes(str(row["id"]), self.sprint_fields)
            first = _ids(changes[0][1]["from"]) if changes else {str(key) for key in row.get("sprints") or ()}
            spans = [(row["created_at"], first), *((at, _ids(item["to"])) for at, item in changes)]
            for key in sorted(set().union(*(ids for _, ids in spans))):
                found[key].append((row, [(at, key in ids) for at, ids in spans]))
        return found

    def mentioned(self, data: Dataset, pull: Row) -> dict[str, list[str]]:
        """The keys of known projects that a pull request names, each with the places where it does."""
        texts = {
            "title": [pull.get("title") or ""],
            "branch": [(pull.get("head_ref_name") or "").upper()],
            "body": [pull.get("body") or ""],
            "commit": [row.get("message") or "" for row in data.children("commits", str(pull["id"]))],
        }
        found: dict[str, list[str]] = {}
        for place in PLACES:
            for key in sorted({key for text in texts[place] for key in self._named(text)}):
                found.setdefault(key, []).append(place)
        return found

    def _named(self, text: str) -> list[str]:
        return [f"{name}-{number}" for name, number in _KEY.findall(text) if name in self._project_keys]

    def link(self, keys: dict[str, list[str]], repository: str, number: int) -> list[str]:
        """The ids of the issues behind the keys, remembered for the issues' side too."""
        found = sorted({self._keys[key] for key in keys if key in self._keys}, key=int)
        for issue in found:
            places = {place for key, where in keys.items() if self._keys.get(key) == issue for place in where}
            self.links[issue].append([repository, number, sorted(places, key=PLACES.index)])
        return found


def _ids(text: str | None) -> set[str]:
    return {part.strip() for part in (text or "").split(",") if part.strip()}


def planning(found: Planning, pulls: list[Row]) -> dict[str, Any]:
    """`pulls` are judged ones, with `keys` and `issues`."""
    resolved = [issue for issue in found.issues if issue["resolved_at"]]
    stays = found.stays()
    sprints = {str(row["id"]): sprint(found, row, stays) for row in found.sprints if row.get("started_at")}
    return {
        "issues": len(found.issues),
        "resolved": _by(resolved, lambda row: [("all", "all"), ("project", row["project"]), ("week", row["week"])]),
        "by_assignee": _by(
            resolved,
            lambda row: [(row["week"], row["assignee_at_resolution"])] if row["assignee_at_resolution"] else [],
        ),
        "sprints": sprints,
        "velocity": velocities(list(sprints.values())),
        "linkage": linkage(pulls),
    }


def _by(resolved: list[Row], names: Any) -> dict[str, dict[str, Any]]:
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for issue in resolved:
        for kind, name in names(issue | {"week": week(issue["resolved_at"])}):
            groups[kind][name].append(issue)
    return {
        kind: {name: summed(rows) for name, rows in sorted(of_kind.items())} for kind, of_kind in sorted(groups.items())
    }


def summed(rows: list[Row]) -> dict[str, Any]:
    """Points are those the issues have now; null where none has any."""
    by_type: dict[str, int] = defaultdict(int)
    for row in rows:
        by_type[row["type"]] += 1
    known = [row["points"] for row in rows if row["points"] is not None]
    return {
        "resolved": len(rows),
        "points": sum(known) if known else None,
        "estimated": len(known),
        "by_type": dict(sorted(by_type.items())),
        "lead_time": spread(rows, "lead_time"),
        "cycle_time": spread(rows, "cycle_time"),
    }


def week(stamp: str) -> str:
    """The Monday of the stamp's week in UTC."""
    day = datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(UTC).date()
    return (day - timedelta(days=day.weekday())).isoformat()


def sprint(found: Planning, row: Row, stays: Stays) -> dict[str, Any]:
    """What was in it when it started, what came and went until it ended, and how far all was then.

    A sprint that runs has neither completed nor carried over yet. Points are those of the moment that counts.
    """
    start, end = row["started_at"], row.get("completed_at")
    groups: dict[str, list[tuple[Row, str]]] = {
        name: [] for name in ("committed", "added", "removed", "completed", "carried_over")
    }
    for issue, spans in stays.get(str(row["id"]), ()):
        before = [inside for at, inside in spans if at <= start]
        during = [(at, inside) for at, inside in spans if at > start and (end is None or at < end)]
        is_inside = bool(before and before[-1])
        if is_inside:
            groups["committed"].append((issue, start))
        for at, inside in during:
            if inside != is_inside:
                groups["added" if inside else "removed"].append((issue, at))
                is_inside = inside
        if is_inside and end:
            is_done = found.status_at(issue, end) == "done"
            groups["completed" if is_done else "carried_over"].append((issue, end))
    told = {name: _counted(found, group) for name, group in groups.items()}
    shown = {"name": row["name"], "board": row["board_id"], "state": row["state"], "started_at": start}
    return shown | {"completed_at": end} | told


def _counted(found: Planning, group: list[tuple[Row, str]]) -> dict[str, Any]:
    points = [value for issue, at in group if (value := found.points_at(issue, at)) is not None]
    return {"issues": sorted(issue["key"] for issue, _ in group), "n": len(group), "points": sum(points)}


def velocities(sprints: list[dict[str, Any]]) -> dict[str, list[float]]:
    """By board the completed points of its last six sprints that are over, oldest first."""
    told: dict[str, list[float]] = defaultdict(list)
    for row in sorted((row for row in sprints if row["completed_at"]), key=lambda row: row["completed_at"]):
        told[str(row["board"])].append(row["completed"]["points"])
    return {board: values[-_VELOCITIES:] for board, values in told.items()}


def linkage(pulls: list[Row]) -> dict[str, dict[str, Any]]:
    """Of the pull requests that count by their merge: how many name an issue that is there."""
    groups: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in pulls:
        if row["merged_at"] and not row["automation"] and not row["backport"]:
            for kind, name in (("all", "all"), ("repository", row["repository"]), ("week", week(row["merged_at"]))):
                groups[kind][name].append(row)
    return {
        kind: {
            name: {
                "n": len(rows),
                "linked": sum(bool(row["issues"]) for row in rows),
                "keyed": sum(bool(row["keys"]) for row in rows),
                "value": sum(bool(row["issues"]) for row in rows) / len(rows),
                "linked_cycle_time": spread([row for row in rows if row["issues"]], "cycle_time"),
                "unlinked_cycle_time": spread([row for row in rows if not row["issues"]], "cycle_time"),
            }
            for name, rows in sorted(of_kind.items())
        }
        for kind, of_kind in groups.items()
    }


def write_issues(folder: Path, found: Planning) -> None:
    """One line per issue, with the pull requests that name it and where."""
    with (folder / "truth_issues.jsonl").open("w") as file:
        for issue in found.issues:
            told = {name: value for name, value in issue.items() if name != "row"}
            file.write(json.dumps(told | {"pulls": found.links[issue["id"]]}, ensure_ascii=False) + "\n")
