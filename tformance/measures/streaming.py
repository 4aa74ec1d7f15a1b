"""Lists of rows by their own day, latest first: a page of one, or all of it for a file that is sent while it is read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from django.db.models import F, QuerySet

from tformance.accounts.tenancy import tenant
from tformance.measures import guard, keyset
from tformance.measures.narrow import filtered, within
from tformance.measures.query import Filters, Period
from tformance.measures.shape import Rows

CHUNK: Final = 2_000
Row = TypeVar("Row")


def matching(rows: Rows, filters: Filters, period: Period) -> QuerySet[Any]:
    return filtered(rows, filters).filter(within(rows.anchor, period.start, period.end))


def page_of(
    rows: Rows, columns: Sequence[str], filters: Filters, period: Period, after: str | None, limit: int
) -> keyset.Cut:
    """Raises BadPlace for an `after` that no page gave."""
    placed = matching(rows, filters, period).annotate(place=F(rows.anchor))
    place = keyset.read(after, "own", "desc")
    return keyset.walk(placed, place, limit, lambda part: part.values_list("place", *columns), gaps=False)


def streamed(
    team_id: int, viewer: guard.Viewer, page: Callable[[str | None], tuple[Iterable[Row], str | None]]
) -> Iterator[Row]:
    """`page` gives the rows behind a place and the next place. Each is read in a transaction of its own, so a slow reader holds none open."""
    after: str | None = None
    while True:
        with tenant(team_id), guard.looking(viewer):
            rows, after = page(after)
        yield from rows
        if after is None:
            return
