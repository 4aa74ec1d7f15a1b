"""Compare a dataset folder with its JSON Schemas and follow its references."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tformance.sandbox.dataset import CHILDREN, KINDS, OF_ORGANIZATION, OF_REPOSITORY, VERSION
from tformance.sandbox.jira import world

SCHEMAS = Path(__file__).parent / "schema"
_REQUIRED = ("repositories", "users", "pull_requests")
# The columns of Jira's rows that name rows of other files; some name several.
_JIRA = {
    "jira_boards": {"project_id": "jira_projects"},
    "jira_sprints": {"board_id": "jira_boards"},
    "jira_projects": {"issue_types": "jira_issue_types", "statuses": "jira_statuses", "points_field": "jira_fields"},
    "jira_issues": {
        "project_id": "jira_projects",
        "type_id": "jira_issue_types",
        "status_id": "jira_statuses",
        "sprints": "jira_sprints",
        **dict.fromkeys(("reporter", "assignee", "creator"), "jira_users"),
    },
    "jira_changes": {"issue_id": "jira_issues", "author": "jira_users"},
}


def schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{kind}.json").read_text())
    return found


def check(folder: Path, most: int = 200) -> list[str]:
    """Problems as `file:line: what is wrong`, at most so many."""
    problems: list[str] = []
    for problem in _problems(folder):
        problems.append(problem)
        if len(problems) >= most:
            return [*problems, f"more than {most} problems; the rest is not shown"]
    return problems


def _problems(folder: Path) -> Iterator[str]:
    yield from _version(folder)
    for kind in _REQUIRED:
        if not (folder / f"{kind}.jsonl").exists():
            yield f"{kind}.jsonl: the file is missing"
    ids: dict[str, set[str]] = {}
    for kind in (*KINDS, *world.KINDS):
        yield from _file(folder / f"{kind}.jsonl", kind, ids)


def _version(folder: Path) -> Iterator[str]:
    path = folder / "dataset.json"
    if path.exists() and json.loads(path.read_text()).get("version") != VERSION:
        yield f"dataset.json:1: version is not {VERSION}"


def _file(path: Path, kind: str, ids: dict[str, set[str]]) -> Iterator[str]:
    if not path.exists():
        return
    validator = Draft202012Validator(schema(kind))
    known = ids[kind] = set()
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            for problem in _line(line, kind, validator, ids) if line.strip() else ():
                yield f"{path.name}:{number}: {problem}"
            known.update(_key(line, kind))


def _key(line: str, kind: str) -> list[str]:
    try:
        row = json.loads(line)
    except ValueError:
        return []
    names = ("id", "login") if kind == "users" else ("account_id",) if kind == "jira_users" else ("id",)
    return [str(row[name]) for name in names if isinstance(row, dict) and row.get(name) is not None]


def _line(line: str, kind: str, validator: Draft202012Validator, ids: dict[str, set[str]]) -> Iterator[str]:
    try:
        row = json.loads(line)
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    errors = list(validator.iter_errors(row))
    yield from map(_said, errors)
    if not errors:
        yield from (_jira_references if kind in world.KINDS else _references)(row, kind, ids)


def _said(error: ValidationError) -> str:
    where = ".".join(str(part) for part in error.absolute_path)
    return f"{where}: {error.message}" if where else error.message


def _references(row: dict[str, Any], kind: str, ids: dict[str, set[str]]) -> Iterator[str]:
    if row.get("id") is not None and str(row["id"]) in ids[kind]:
        yield f"id: {row['id']} is used twice"
    parent = (
        "pull_requests" if kind in CHILDREN else "repositories" if kind in (*OF_REPOSITORY, "pull_requests") else ""
    )
    column = "pull_request_id" if parent == "pull_requests" else "repository_id"
    if parent and str(row[column]) not in ids.get(parent, ()):
        yield f"{column}: no row {row[column]} in {parent}.jsonl"
    if row.get("thread_id") is not None and str(row["thread_id"]) not in ids.get("review_threads", ()):
        yield f"thread_id: no row {row['thread_id']} in review_threads.jsonl"
    people = ("organization", "login") if kind in OF_ORGANIZATION else ()
    for name in ("author", "merged_by", "actor", "resolved_by", "creator", *people):
        person = row.get(name)
        if person is not None and str(person) not in ids.get("users", ()):
            yield f"{name}: no user {person} in users.jsonl"


def _jira_references(row: dict[str, Any], kind: str, ids: dict[str, set[str]]) -> Iterator[str]:
    name = "account_id" if kind == "jira_users" else "id"
    if str(row[name]) in ids[kind]:
        yield f"{name}: {row[name]} is used twice"
    for column, goal in _JIRA.get(kind, {}).items():
        values = row.get(column)
        for value in values if isinstance(values, list) else [] if values is None else [values]:
            if str(value) not in ids.get(goal, ()):
                yield f"{column}: no row {value} in {goal}.jsonl"
