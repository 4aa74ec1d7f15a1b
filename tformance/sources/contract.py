"""What a source is. Plain Python: a source knows neither Django nor the other sources.

A source gets a Session from sync and returns pages. It never stores, sleeps or swallows provider errors.
"""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from tformance.facts.records import RepositoryPage

Cursor = dict[str, Any]  # JSON; only the stream that made it understands it
Item = dict[str, Any]  # one thing, as the provider sent it, with its children joined in


class Session(Protocol):
    """What sync lends to a source for one scope."""

    def clock(self) -> datetime:
        """The current instant, aware and in UTC."""

    @property
    def memory(self) -> MutableMapping[str, Any]:
        """Kept per scope: page sizes that worked, etags; plain JSON."""

    def secret(self) -> str:
        """The credential in clear; empty where the source needs none."""

    def spend(self, requests: int, points: int, remaining: int | None, reset_at: datetime | None) -> None:
        """Tell sync what an answer cost and what is left of the budget."""


@dataclass(frozen=True, slots=True)
class ScopeRef:
    """What to follow: a repository by its name (and node id once known) at `api_url`, or a clone's path."""

    api_url: str
    name: str
    node_id: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Provider-side change times to read, half open; None means unbounded."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """One item that could not be read; sync keeps it for a retry and shows the reason."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Items that belong together. `cursor` may be saved once they are stored; None ends the stream.

    `watermark` is the newest change time the stream has seen from its start, `seen` of `expected` is progress;
    `total` is how many there are whatever the window, where the provider told.
    """

    items: tuple[Item, ...]
    fetched_at: datetime
    cursor: Cursor | None
    watermark: datetime | None = None
    seen: int = 0
    expected: int | None = None
    total: int | None = None
    skipped: tuple[Skipped, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of thing a source can read.

    `fetch` goes on behind `cursor`; `translate` is pure and turns items of a page into facts of one repository;
    `fetch_ids` reads single items by their node ids (None where the provider cannot).
    """

    id: str
    title: str
    fetch: Callable[[Session, ScopeRef, Window, Cursor | None], Iterator[Page]]
    translate: Callable[[ScopeRef, tuple[Item, ...], datetime], RepositoryPage]
    fetch_ids: Callable[[Session, ScopeRef, tuple[str, ...]], Page] | None = None
    backfill: Literal["recent_first", "whole"] = "whole"


@dataclass(frozen=True, slots=True)
class Choice:
    """A repository the credential can see, for the user to choose from."""

    name: str
    node_id: str
    is_private: bool
    pushed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Source:
    """One vendor: its streams in the order they are read, who the credential is, and what can be chosen."""

    id: str
    title: str
    streams: tuple[Stream, ...]
    identify: Callable[[Session, str], str]  # api_url → the account's name; raises Reconnect
    choices: Callable[[Session, str], Iterator[Choice]]

    def stream(self, stream_id: str) -> Stream:
        return next(stream for stream in self.streams if stream.id == stream_id)
