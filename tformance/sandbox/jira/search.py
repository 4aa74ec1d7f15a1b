"""Finding issues: queries in pages, counts, issues and histories in bulk."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

from tformance.core import clock
from tformance.sandbox.dataset import Row
from tformance.sandbox.jira import jql
from tformance.sandbox.jira.asking import Question, Refusal, linked, ok, paged
from tformance.sandbox.jira.issue_shapes import IssueShapes
from tformance.sandbox.jira.jql_fields import ORDERS, written
from tformance.sandbox.jira.shapes import epoch
from tformance.sandbox.reply import Reply

MOST_IDS, MOST_WITH_FIELDS, USUAL = 5000, 100, 50
MOST_BULK, MOST_HISTORIES, MOST_FIELDS, HISTORY_PAGE = 100, 1000, 10, 1000
_UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
_REMOVED = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."


def removed(asked: Question) -> Reply:
    """The search of former days."""
    raise Refusal(410, _REMOVED)


def search(asked: Question) -> Reply:
    query = _bounded(asked)
    wanted = _texts(asked, "fields") or ["id"]
    bare = set(wanted) <= {"id", "key"}
    size = max(1, min(_size(asked, USUAL, MOST_IDS), MOST_IDS if bare else MOST_WITH_FIELDS))
    rows = _after(_found(asked, query), query, asked)
    page = rows[:size]
    shapes = IssueShapes(asked)
    body: Row = {"issues": [_shown(shapes, row, wanted, asked) for row in page], "isLast": len(rows) <= size}
    if len(rows) > size:
        body["nextPageToken"] = _token(asked, query, page[-1])
    elif asked.faults.repeat_token and asked.json.get("nextPageToken"):
        body |= {"isLast": False, "nextPageToken": asked.json["nextPageToken"]}
    expand = _expanded(asked)
    if "names" in expand:
        body["names"] = {key: shapes.fields[key]["name"] for key in shapes.chosen(wanted)}
    if "schema" in expand:
        body["schema"] = {key: shapes.fields[key].get("schema") for key in shapes.chosen(wanted)}
    return ok(body)


def count(asked: Question) -> Reply:
    return ok({"count": len(_found(asked, _bounded(asked)))})


def one(asked: Question) -> Reply:
    row = asked.issue(asked.pieces[4])
    if row is None:
        raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
    wanted = [part for part in asked.query.get("fields", "*all").split(",") if part]
    shapes = IssueShapes(asked)
    return ok(shapes.issue(row, shapes.chosen(wanted), asked.query.get("expand", "").split(",")))


def bulk(asked: Question) -> Reply:
    """Issues by id; those that are not there are left out without a word."""
    references = _references(asked, MOST_BULK)
    found = {str(row["id"]): row for name in references if (row := asked.issue(name))}
    failing = [row for row in found.values() if row["key"] == asked.faults.fetch_error]
    errors = [{"id": str(row["id"]), "errorMessage": "The issue could not be read: try again."} for row in failing]
    shapes = IssueShapes(asked)
    wanted = shapes.chosen(_texts(asked, "fields") or ["*navigable"])
    rows = sorted((row for row in found.values() if row not in failing), key=lambda row: int(row["id"]))
    expand = _expanded(asked)
    return ok({"issues": [shapes.issue(row, wanted, expand) for row in rows], "issueErrors": errors})


def history(asked: Question) -> Reply:
    row = asked.issue(asked.pieces[4])
    if row is None:
        raise Refusal(404, "Issue does not exist or you do not have permission to see it.")
    shapes = IssueShapes(asked)
    entries = asked.world.changes(str(row["id"]))
    page = paged(asked, entries, usual=100)
    return ok(linked(asked, page) | {"values": [shapes.history(entry) for entry in page["values"]]})


def histories(asked: Question) -> Reply:
    """Histories of many issues, oldest entry first; here Jira writes instants as milliseconds."""
    references, chosen = _references(asked, MOST_HISTORIES), _texts(asked, "fieldIds")
    if len(chosen) > MOST_FIELDS:
        raise Refusal(400, f"The number of field IDs must not be greater than {MOST_FIELDS}.")
    issues = {str(row["id"]): row for name in references if (row := asked.issue(name))}
    entries = [(key, entry) for key in issues for entry in _entries(asked, key, chosen)]
    entries.sort(key=lambda each: (each[1]["created_at"], int(each[0]), int(each[1]["id"])))
    start, size = _offset(asked), max(1, _size(asked, HISTORY_PAGE, 10_000))
    shapes = IssueShapes(asked)
    found: dict[str, list[Row]] = {}
    for key, entry in entries[start : start + size]:
        shown = shapes.history(entry) | {"created": epoch(entry["created_at"]) * 1000}
        found.setdefault(key, []).append(shown)
    body: Row = {"issueChangeLogs": [{"issueId": key, "changeHistories": rows} for key, rows in found.items()]}
    if start + size < len(entries):
        body["nextPageToken"] = _packed({"start": start + size})
    return ok(body)


def _entries(asked: Question, key: str, chosen: list[str]) -> Iterable[Row]:
    for entry in asked.world.changes(key):
        items = [item for item in entry["items"] if not chosen or item.get("field_id") in chosen]
        if items:
            yield entry | {"items": items}


def _shown(shapes: IssueShapes, row: Row, wanted: list[str], asked: Question) -> Row:
    if wanted == ["id"]:
        return {"id": str(row["id"])}
    expand = _expanded(asked)
    if set(wanted) <= {"id", "key"} and not expand:
        return {"expand": "", **shapes.head(row)}
    return shapes.issue(row, shapes.chosen(wanted), expand)


def _bounded(asked: Question) -> jql.Query:
    query = jql.parsed(asked, str(asked.json.get("jql") or ""))
    if query.test is None:
        raise Refusal(400, _UNBOUNDED)
    return query


def _found(asked: Question, query: jql.Query) -> list[Row]:
    """Where no order decides, the newer issue comes first; an index that lags behind knows only what it was told of."""
    assert query.test is not None
    rows = [row for row in asked.issues() if query.test(row)]
    if asked.faults.index_seconds:
        known, told = (
            written(int(clock.now().timestamp()) - asked.faults.index_seconds),
            asked.json.get("reconcileIssues"),
        )
        rows = [row for row in rows if row["updated_at"] <= known or int(row["id"]) in (told or ())]
    rows.sort(key=lambda row: int(row["id"]))
    for key, is_descending in reversed(_keys(query)):
        rows.sort(key=key, reverse=is_descending)
    return rows


def _keys(query: jql.Query) -> list[tuple[Callable[[Row], Any], bool]]:
    return [(ORDERS[name], is_descending) for name, is_descending in query.orders] or [(ORDERS["id"], True)]


def _comes_after(row: Row, other: Row, query: jql.Query) -> bool:
    for key, is_descending in _keys(query):
        left, right = key(row), key(other)
        if left != right:
            return bool(left < right if is_descending else left > right)
    return int(row["id"]) > int(other["id"])


_PLACE = ("id", "key", "updated_at", "created_at", "resolved_at")


def _token(asked: Question, query: jql.Query, last: Row) -> str:
    """Says after which issue the next page begins, as that issue was then."""
    return _packed({"jql": _digest(asked), "after": {name: last.get(name) for name in _PLACE}})


def _after(rows: list[Row], query: jql.Query, asked: Question) -> list[Row]:
    token = asked.json.get("nextPageToken")
    if not token:
        return rows
    place = _unpacked(str(token))
    if place.get("jql") != _digest(asked) or "after" not in place:
        raise Refusal(400, "The page token does not belong to this query.")
    return [row for row in rows if _comes_after(row, place["after"], query)]


def _digest(asked: Question) -> str:
    return blake2b(str(asked.json.get("jql")).encode(), digest_size=8).hexdigest()


def _packed(place: Row) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _unpacked(token: str) -> Row:
    try:
        found = json.loads(base64.urlsafe_b64decode(token))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        found = None
    if not isinstance(found, dict):
        raise Refusal(400, "The page token is invalid or has expired.")
    return found


def _offset(asked: Question) -> int:
    token = asked.json.get("nextPageToken")
    return int(_unpacked(str(token)).get("start", 0)) if token else 0


def _size(asked: Question, usual: int, most: int) -> int:
    value = asked.json.get("maxResults", usual)
    if not isinstance(value, int):
        raise Refusal(400, "maxResults must be a number.")
    return min(value, most)


def _texts(asked: Question, name: str) -> list[str]:
    value: Any = asked.json.get(name) or []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refusal(400, f"{name} must be a list of texts.")
    return value


def _expanded(asked: Question) -> list[str]:
    """Words after commas for a search, a list for a bulk fetch."""
    value = asked.json.get("expand") or ""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else list(value)


def _references(asked: Question, most: int) -> list[str]:
    names = _texts(asked, "issueIdsOrKeys")
    if not names:
        raise Refusal(400, "issueIdsOrKeys must not be empty.")
    if len(names) > most:
        raise Refusal(400, f"The number of issues must not be greater than {most}.")
    return names
