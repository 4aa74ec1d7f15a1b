"""Pages by the place of their first row instead of a number of rows to skip: page 500 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from tformance.measures.pull import Direction, Sort


class BadPlace(ValueError):
    """Not a place in this list."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read on: from the row with this value and id, away from the list's start or (`back`) towards it.

    Rows without a value come last in either direction. An `id` without a value is one of them.
    """

    sort: Sort
    direction: Direction
    value: datetime | float | None = None
    id: int | None = None
    back: bool = False

    @property
    def descends(self) -> bool:
        """The order in which rows are read, which going back turns round."""
        return (self.direction == "desc") is not self.back

    def token(self, row: Sequence[Any], back: bool) -> str:
        value, identity = row[0], row[1]
        kept = value.isoformat() if isinstance(value, datetime) else value
        parts = [self.sort, self.direction, kept, identity, back]
        return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Cut:
    """A page's rows in the order of the list, without the two columns that place them."""

    rows: list[tuple[Any, ...]]
    next: str | None
    previous: str | None


def read(token: str | None, sort: Sort, direction: Direction) -> Place:
    """The place a token means; raises BadPlace for one of another list or of nobody's."""
    if token is None:
        return Place(sort, direction)
    try:
        padded = token + "=" * (-len(token) % 4)
        kept_sort, kept_direction, value, identity, back = json.loads(base64.urlsafe_b64decode(padded))
        place = _value(value)
        identity = int(identity)
    except (binascii.Error, UnicodeError, ValueError, TypeError) as error:
        raise BadPlace("this is not a place in a list") from error
    if (kept_sort, kept_direction) != (sort, direction) or not isinstance(back, bool):
        raise BadPlace("this place is in a list of another order")
    if place is not None and isinstance(place, datetime) is not (sort in ("own", "opened", "updated")):
        raise BadPlace("this is not a place in a list")
    return Place(sort, direction, place, identity, back)


def _value(kept: Any) -> datetime | float | None:
    if kept is None:
        return None
    return datetime.fromisoformat(kept) if isinstance(kept, str) else float(kept)


def walk(rows: QuerySet[Any], place: Place, limit: int, fetch: Callable[[QuerySet[Any]], Any], *, gaps: bool) -> Cut:
    """A page of the rows ordered by their column `place`, then id; `fetch` gives (place, id, …) of a part of them.

    With `gaps` the column may be null. Those rows are asked for on their own, and only where the page reaches them: so
    the order of an index is the order of the list.
    """
    found: list[tuple[Any, ...]] = []
    for part in _parts(rows, place) if gaps else [_valued(rows, place)]:
        found += fetch(part[: limit + 1 - len(found)])
        if len(found) > limit:
            break
    return page(found, place, limit)


def _parts(rows: QuerySet[Any], place: Place) -> Iterator[QuerySet[Any]]:
    """In the order of reading."""
    is_in_gap = place.value is None and place.id is not None
    valued = _valued(rows.filter(place__isnull=False), place)
    gap = rows.filter(place__isnull=True).order_by("-id" if place.back else "id")
    if not is_in_gap:
        yield from (valued,) if place.back else (valued, gap)
        return
    yield gap.filter(**{"id__lt" if place.back else "id__gt": place.id})
    if place.back:
        yield valued


def _valued(rows: QuerySet[Any], place: Place) -> QuerySet[Any]:
    sign, side = ("-", "lt") if place.descends else ("", "gt")
    if place.value is not None:
        beyond = Q(**{f"place__{side}": place.value}) | Q(place=place.value, **{f"id__{side}": place.id})
        rows = rows.filter(Q(**{f"place__{side}e": place.value}) & beyond)
    return rows.order_by(f"{sign}place", f"{sign}id")


def page(found: list[tuple[Any, ...]], place: Place, limit: int) -> Cut:
    """Of up to limit + 1 rows (place, id, …) those that fit, and the places before and behind them."""
    more = len(found) > limit
    rows = found[:limit]
    if place.back:
        rows.reverse()
    has_next, has_previous = (True, more) if place.back else (more, place.id is not None)
    return Cut(
        rows=[row[1:] for row in rows],
        next=place.token(rows[-1], back=False) if rows and has_next else None,
        previous=place.token(rows[0], back=True) if rows and has_previous else None,
    )
