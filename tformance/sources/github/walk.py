"""A list, newest first, and how far it has been read: what a cursor holds."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from tformance.sources.contract import Cursor, Item, Page, Skipped, Window
from tformance.sources.github.client import Json


@dataclass
class Walk:
    """`pending` are ids that are listed but not read yet, `watermark` is the stamp of the list's very first row,
    or the newest that was noted.

    `total` is the length of the whole list, `expected` that of its part in the window as far as it is known.
    """

    repository: str
    after: str | None = None
    ended: bool = False
    pending: list[str] = field(default_factory=list)
    seen: int = 0
    expected: int | None = None
    total: int | None = None
    watermark: str | None = None

    @property
    def done(self) -> bool:
        return self.ended and not self.pending

    def advance(self, connection: Json, stamp: str, window: Window) -> list[Item]:
        """Move past a page of the list; its rows in the window. The first row before the window ends the walk."""
        rows = [row for row in connection["nodes"] if row]
        if self.watermark is None and rows:
            self.watermark = rows[0][stamp]
        recent = [row for row in rows if not _before(row[stamp], window.since)]
        chosen = [row for row in recent if window.until is None or _before(row[stamp], window.until)]
        self.after = connection["pageInfo"]["endCursor"]
        self.ended = len(recent) < len(rows) or not connection["pageInfo"]["hasNextPage"]
        self.seen += len(recent) - len(chosen)
        self.total = connection["totalCount"]
        self.expected = self.total if window.since is None else None
        return chosen

    def note(self, changed_at: datetime | None) -> None:
        """A change that is newer than the first row's stamp, in a list that is not ordered by changes."""
        if changed_at and (self.watermark is None or _before(self.watermark, changed_at)):
            self.watermark = changed_at.isoformat()

    def page(self, items: list[Item], fetched_at: datetime, skipped: tuple[Skipped, ...] = ()) -> Page:
        self.seen += len(items) + len(skipped)
        cursor: Cursor | None = None if self.done else asdict(self)
        return Page(
            items=tuple(items),
            fetched_at=fetched_at,
            cursor=cursor,
            watermark=datetime.fromisoformat(self.watermark) if self.watermark else None,
            seen=self.seen,
            expected=self.seen + len(self.pending) if self.ended else self.expected,
            total=self.total,
            skipped=skipped,
        )


def newest_stamp(*stamps: str | None) -> datetime:
    """Of stamps as GitHub writes them, at least one of which is there."""
    return max(datetime.fromisoformat(stamp) for stamp in stamps if stamp)


def _before(stamp: str, instant: datetime | None) -> bool:
    return instant is not None and datetime.fromisoformat(stamp) < instant
