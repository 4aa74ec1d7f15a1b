"""What the fields of a query mean: values that exist, moments in the asker's zone, and sort keys."""

import operator
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira.asking import Question, Refusal
from tformance.sandbox.jira.shapes import CATEGORIES, epoch
from tformance.sandbox.jira.world import key_order

Test = Callable[[Row], bool]
_SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_SPAN = re.compile(r"([+-]?)((?:\d+[wdhm]\s*)+)$")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}


def instant(asked: Question, name: str, text: str) -> int:
    """Epoch seconds of a moment that a query names: in the zone of who asks, minutes at the finest, or from now."""
    span = _SPAN.match(text.strip())
    if span:
        with suppress(OverflowError):  # further back than there are days
            return _from_now(span)
    for form in _FORMS:
        try:
            return int(datetime.strptime(text.strip(), form).replace(tzinfo=asked.zone).timestamp())
        except ValueError:
            continue
    formats = (
        "'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'"
    )
    raise Refusal(400, f"Date value '{text}' for field '{name}' is invalid. Valid formats include: {formats}.")


def written(moment: int) -> str:
    """An instant as the folder writes it; such texts sort as the instants do."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _from_now(span: re.Match[str]) -> int:
    parts = re.findall(r"(\d+)([wdhm])", span[2])
    length = sum((timedelta(**{_UNITS[unit]: int(count)}) for count, unit in parts), timedelta())
    return int((clock.now() + (-length if span[1] == "-" else length)).timestamp())


class Field:
    """A field that is compared with values of a list."""

    def __init__(self, column: str, values: Callable[[Question, str, str], set[str]], many: bool = False) -> None:
        self.column, self.values, self.many = column, values, many

    def is_empty(self, row: Row) -> bool:
        return not row.get(self.column)

    def equal(self, asked: Question, name: str, texts: list[str]) -> Test:
        wanted = set().union(*(self.values(asked, name, text) for text in texts))
        return lambda row: bool(wanted & self._of(row))

    def ordered(self, asked: Question, name: str, sign: str, text: str) -> Test:
        raise Refusal(400, f"The operator '{sign}' is not supported by the '{name}' field.")

    def _of(self, row: Row) -> set[str]:
        value = row.get(self.column)
        return {str(each) for each in value or ()} if self.many else set() if value is None else {str(value)}


class Moment(Field):
    """A field that holds an instant."""

    def __init__(self, column: str) -> None:
        super().__init__(column, lambda asked, name, text: {str(instant(asked, name, text))})

    def ordered(self, asked: Question, name: str, sign: str, text: str) -> Test:
        bound, compare = written(instant(asked, name, text)), _SIGNS[sign]
        return lambda row: bool(row.get(self.column)) and compare(row[self.column], bound)

    def _of(self, row: Row) -> set[str]:
        return {str(epoch(row[self.column]) // 60 * 60)} if row.get(self.column) else set()


def _project(asked: Question, name: str, text: str) -> set[str]:
    named = (row for row in asked.projects() if row["name"].lower() == text.lower())
    found = asked.project(text) or next(named, None)
    if found is None:
        raise Refusal(400, f"The value '{text}' does not exist for the field '{name}'.")
    return {str(found["id"])}


def _issue(asked: Question, name: str, text: str) -> set[str]:
    found = asked.issue(text)
    if found is None:
        word = "A value with ID" if text.isdigit() else "An issue with key"
        raise Refusal(400, f"{word} '{text}' does not exist for field '{name}'.")
    return {str(found["id"])}


def _rows_named(kind: str) -> Callable[[Question, str, str], set[str]]:
    """Ids of rows that have this name, or this id."""

    def values(asked: Question, name: str, text: str) -> set[str]:
        rows: dict[str, Row] = getattr(asked.world, kind)
        found = {key for key, row in rows.items() if key == text or row["name"].lower() == text.lower()}
        if not found:
            raise Refusal(400, f"The value '{text}' does not exist for the field '{name}'.")
        return found

    return values


def _category(asked: Question, name: str, text: str) -> set[str]:
    names = {key: {key, str(number), label.lower()} for key, (number, _, label, _) in CATEGORIES.items()}
    wanted = [key for key, known in names.items() if text.lower() in known]
    if not wanted:
        raise Refusal(400, f"The value '{text}' does not exist for the field '{name}'.")
    return {key for key, row in asked.world.statuses.items() if row["category"] in wanted}


def _user(asked: Question, name: str, text: str) -> set[str]:
    found = asked.world.users.get(text)
    if found is None:
        raise Refusal(400, f"The value '{text}' does not exist for the field '{name}'.")
    return {text}


_KEY = Field("id", _issue)
_RESOLVED = Moment("resolved_at")
_TYPE = Field("type_id", _rows_named("types"))
FIELDS: dict[str, Field] = {
    "project": Field("project_id", _project),
    **dict.fromkeys(("key", "id", "issue", "issuekey"), _KEY),
    **dict.fromkeys(("updated", "updateddate"), Moment("updated_at")),
    **dict.fromkeys(("created", "createddate"), Moment("created_at")),
    **dict.fromkeys(("resolved", "resolutiondate"), _RESOLVED),
    "status": Field("status_id", _rows_named("statuses")),
    "statuscategory": Field("status_id", _category),
    **dict.fromkeys(("type", "issuetype"), _TYPE),
    "assignee": Field("assignee", _user),
    "sprint": Field("sprints", _rows_named("sprints"), many=True),
    "parent": Field("parent_id", _issue),
}
ORDERS: dict[str, Callable[[Row], Any]] = {
    **dict.fromkeys(("key", "issuekey", "issue"), lambda row: key_order(row["key"])),
    "id": lambda row: int(row["id"]),
    **dict.fromkeys(("updated", "updateddate"), lambda row: row["updated_at"]),
    **dict.fromkeys(("created", "createddate"), lambda row: row["created_at"]),
    **dict.fromkeys(("resolved", "resolutiondate"), lambda row: row.get("resolved_at") or ""),
}
