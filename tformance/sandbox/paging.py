"""GitHub's connections: a page of rows with totals, page information and opaque cursors."""

import base64
import binascii
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import Any

from graphql import GraphQLError

Row = dict[str, Any]
Key = tuple[str, str]


def encode(position: str) -> str:
    return base64.b64encode(f"cursor:v2:{position}".encode()).decode()


def decode(cursor: str) -> str:
    """Raises GraphQLError on a cursor we did not hand out."""
    try:
        text = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not text.startswith("cursor:v2:"):
        raise GraphQLError(f"`{cursor}` does not appear to be a valid cursor.")
    return text.removeprefix("cursor:v2:")


def page(rows: Sequence[Any], arguments: dict[str, Any], total: int | None = None) -> Row:
    """A page by position; `total` stands for more rows than the provider lists."""
    low = int(decode(arguments["after"])) if arguments.get("after") else 0
    high = int(decode(arguments["before"])) - 1 if arguments.get("before") else len(rows)
    start, end = _window(low, max(low, min(high, len(rows))), arguments)
    cursors = [encode(str(position + 1)) for position in range(start, end)]
    return connection(
        rows[start:end],
        cursors,
        max(total or 0, len(rows)),
        (start > 0, end < len(rows)),
    )


def keyed_page(
    keys: list[Key],
    descending: bool,
    arguments: dict[str, Any],
    row: Callable[[str], Row | None],
) -> Row:
    """A page by sort key, so that rows which move between two requests shift nothing else; `keys` ascend."""
    ordered = keys[::-1] if descending else keys
    low = _after(keys, descending, arguments["after"]) if arguments.get("after") else 0
    high = _before(keys, descending, arguments["before"]) if arguments.get("before") else len(ordered)
    start, end = _window(low, max(low, high), arguments)
    chosen = ordered[start:end]
    cursors = [encode("\n".join(key)) for key in chosen]
    return connection(
        [row(key[1]) for key in chosen],
        cursors,
        len(keys),
        (start > 0, end < len(ordered)),
    )


def _after(keys: list[Key], descending: bool, cursor: str) -> int:
    key = _key(cursor)
    return len(keys) - bisect_left(keys, key) if descending else bisect_right(keys, key)


def _before(keys: list[Key], descending: bool, cursor: str) -> int:
    key = _key(cursor)
    return len(keys) - bisect_right(keys, key) if descending else bisect_left(keys, key)


def _key(cursor: str) -> Key:
    stamp, _, identity = decode(cursor).partition("\n")
    return stamp, identity


def _window(low: int, high: int, arguments: dict[str, Any]) -> tuple[int, int]:
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None:
        return low, min(high, low + first)
    return (max(low, high - last), high) if last is not None else (low, low)


def connection(rows: Sequence[Any], cursors: list[str], total: int, more: tuple[bool, bool]) -> Row:
    """The row behind every connection type; `more` is (before, after)."""
    information = {
        "has_previous_page": more[0],
        "has_next_page": more[1],
        "start_cursor": cursors[0] if cursors else None,
        "end_cursor": cursors[-1] if cursors else None,
    }
    return {
        "nodes": rows,
        "cursors": cursors,
        "total_count": total,
        "page_info": information,
    }
