"""What a source is. Plain Python: a source knows neither Django nor the other sources.

A source gets a Session from sync and returns pages. It never stores, sleeps or swallows provider errors.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from tformance.facts.planning_records import Planned
from tformance.facts.records import Facts, RepositoryPage

Cursor = dict[str, Any]  # JSON; only the stream that made it understands it
Item = dict[str, Any]  # one thing, as the provider sent it, with its children joined in
ScopeKind = Literal["repository", "organization", "project", "site"]
Told = Facts | Planned


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one of a credential's budgets, of `limit`, until it is full again at `reset_at`.

    `kind` is the provider's name for it: GitHub counts GraphQL's points and REST's requests apart.
    """

    kind: str
    remaining: int
    reset_at: datetime
    limit: int | None = None


class Session(Protocol):
    """What sync lends to a source for one scope."""

    def clock(self) -> datetime:
        """The current instant, aware and in UTC."""

    @property
    def memory(self) -> MutableMapping[str, Any]:
        """Kept per scope: page sizes that worked, etags; plain JSON."""

    def secret(self) -> str:
        """The credential in clear; empty where the source needs none."""

    def spend(self, requests: int, points: int, left: Allowance | None = None) -> None:
        """Tell sync what an answer cost, and what is left of the budget that it was paid from."""


@dataclass(frozen=True, slots=True)
class ScopeRef:
    """What to follow: a repository, organisation or project by its name (and the provider's id once known) at `api_url`.

    Of a clone the path, of a site its address.

    `reads_every_head`: checks are wanted of every commit that was a pull request's head, not of the last one only.
    """

    api_url: str
    name: str
    node_id: str = ""
    kind: ScopeKind = "repository"
    reads_every_head: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """Provider-side change times to read, half open; None means unbounded."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """One item that could not be read; sync keeps it for a retry and shows the reason.

    `is_gone`: the provider does not know it (any more), so that asking again is of no use. `is_denied`: the
    credential may not read it, which is a gap with a name and no fault.
    """

    item: str
    reason: str
    is_gone: bool = False
    is_denied: bool = False


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
class Inventory:
    """A part of the list of everything that is there, with each item's change time; `cursor` None ends it."""

    present: tuple[tuple[str, datetime], ...]
    cursor: Cursor | None
    total: int


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of thing a source can read of a scope of the kind `of`.

    `fetch` goes on behind `cursor`; `translate` is pure and turns items of a page into facts of one scope;
    `fetch_ids` reads single items by their ids (None where the provider cannot); `inventory` lists what is there, to
    find out what no longer is. `backfill`: "recent_first" reads the newest month before the rest, "whole" all in one
    go, "deep" like "whole" but after everything else and only where it is wanted, more of the items read newest first, "on_demand" nothing but ids that
    other facts refer to. `daily_at` (hour, minute, UTC) is when changes are asked for, `every` how often in between.
    """

    id: str
    title: str
    fetch: Callable[[Session, ScopeRef, Window, Cursor | None], Iterator[Page]]
    translate: Callable[[ScopeRef, tuple[Item, ...], datetime], Told]
    fetch_ids: Callable[[Session, ScopeRef, tuple[str, ...]], Page] | None = None
    inventory: Callable[[Session, ScopeRef, Cursor | None], Iterator[Inventory]] | None = None
    backfill: Literal["recent_first", "whole", "deep", "on_demand"] = "whole"
    of: ScopeKind = "repository"
    daily_at: tuple[int, int] = (4, 0)
    every: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """A repository or project the credential can see, for the user to choose from; `pushed_at` is its last activity.

    `title` is what people call it where that is not its name.
    """

    name: str
    node_id: str
    is_private: bool
    pushed_at: datetime | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """What a message says about an App's installation, or about the repositories it may read."""

    installation: int
    change: Literal["created", "deleted", "suspended", "unsuspended", "permissions", "repositories"]


@dataclass(frozen=True, slots=True)
class Message:
    """What a provider's message means; it is about the repository or organisation with the provider's id `subject`.

    `page` is what it says itself, `resolution` since when a review thread is resolved (of no use before the thread is
    known), each None where it says no such thing. Pull requests that are to be read again are named by id (`merged`
    are urgent), by number, by the sha of a commit or by branch. `checked` are commits that are or were the head of
    these pull requests, or of others, and whose checks are to be read. `streams` are asked for what changed. `unused`
    says why nothing follows from it, `unknown` what nobody here has heard of: what is named beside it is done all the
    same.
    """

    kind: ScopeKind = "repository"
    subject: int | None = None
    page: RepositoryPage | None = None
    resolution: RepositoryPage | None = None
    pulls: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    shas: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    access: Access | None = None
    unused: str = ""
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a message's headers say: its id, which stays when it is sent again, and its kind. "" where they do not."""

    delivery_id: str
    event: str


@dataclass(frozen=True, slots=True)
class Webhook:
    """How a vendor's messages are told from forged ones, and what they mean.

    `read` takes the event, the payload and when it came; it is pure and raises nothing, whatever the payload is.
    """

    is_genuine: Callable[[str, Mapping[str, str], bytes], bool]  # secret, headers, body
    envelope: Callable[[Mapping[str, str]], Envelope]
    read: Callable[[str, Item, datetime], Message]


@dataclass(frozen=True, slots=True)
class Source:
    """One vendor: its streams in the order they are read, who the credential is, and what can be chosen: things of the kind `follows`.

    `pulse` asks once what has anything newer than the given watermarks; it gives the ids of those streams.
    """

    id: str
    title: str
    streams: tuple[Stream, ...]
    identify: Callable[[Session, str], str]  # api_url → the account's name; raises Reconnect
    choices: Callable[[Session, str], Iterator[Choice]]
    pulse: Callable[[Session, ScopeRef, Mapping[str, datetime]], frozenset[str]] | None = None
    webhook: Webhook | None = None
    follows: ScopeKind = "repository"

    def stream(self, stream_id: str) -> Stream:
        return next(stream for stream in self.streams if stream.id == stream_id)
