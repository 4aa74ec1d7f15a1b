"""A whole list page by page, for a file that is sent while it is read."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeVar

from tformance.accounts.tenancy import tenant
from tformance.measures import guard

CHUNK: Final = 2_000
Row = TypeVar("Row")


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
