"""GitHub's own example messages."""

import copy
import gzip
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).parent / "payloads" / "webhooks.json.gz"


class Example(NamedTuple):
    event: str
    payload: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.event} {self.payload.get('action', '')}"


@cache
def examples() -> tuple[Example, ...]:
    return tuple(Example(found["event"], found["payload"]) for found in json.loads(gzip.decompress(FILE.read_bytes())))


def first(event: str, action: str = "") -> dict[str, Any]:
    """A copy of the first example of a kind."""
    return copy.deepcopy(
        next(e.payload for e in examples() if (e.event, e.payload.get("action", "")) == (event, action))
    )


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a payload; of a list the first item's."""
    items = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, item in items:
        yield (*at, key)
        yield from paths(item, (*at, key))


def changed(payload: dict[str, Any], path: tuple[Any, ...], *value: Any) -> dict[str, Any]:
    """A copy with another value in one place, or with nothing there."""
    result = copy.deepcopy(payload)
    place: Any = result
    for key in path[:-1]:
        place = place[key]
    if value:
        place[path[-1]] = value[0]
    else:
        del place[path[-1]]
    return result
