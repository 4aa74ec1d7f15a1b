"""What sync lends to a source while it reads one scope."""

import copy
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from tformance.core.clock import now
from tformance.sources.contract import Allowance, Inventory, Page

BREATH_SECONDS = 15.0  # how often a wait for the provider renews the lease
Part = TypeVar("Part", Page, Inventory)
RESERVE = 50  # points of a provider's budget that are left to others


@dataclass(frozen=True, slots=True)
class Spent:
    """What answers cost at the provider."""

    requests: int = 0
    points: int = 0


@dataclass(slots=True)
class LentSession:
    """Implements `sources.contract.Session`. It holds no database connection: a thread of its own uses it.

    `secret` gives the credential in clear and raises SecretLost. `left` is the provider's latest word on each budget
    that was used.
    """

    secret: Callable[[], str]
    memory: dict[str, Any]
    clock: Callable[[], datetime] = now
    left: dict[str, Allowance] = field(default_factory=dict)
    _spent: Spent = Spent()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, requests: int, points: int, left: Allowance | None = None) -> None:
        with self._lock:
            self._spent = Spent(self._spent.requests + requests, self._spent.points + points)
            if left:
                self.left = self.left | {left.kind: left}

    def settle(self) -> Spent:
        """What was spent since the last call."""
        with self._lock:
            spent, self._spent = self._spent, Spent()
            return spent

    def budget_is_low(self) -> bool:
        """Whether to stop until `reset_at`, so that others who share a budget can go on."""
        return self.reset_at is not None

    @property
    def reset_at(self) -> datetime | None:
        """When the last of the budgets that are nearly used up is full again; None when none is."""
        instant = self.clock()
        low = [left.reset_at for left in self.left.values() if left.remaining < _reserve(left)]
        return max((at for at in low if at > instant), default=None)


def _reserve(left: Allowance) -> int:
    """A tenth of a small budget."""
    return min(RESERVE, left.limit // 10) if left.limit else RESERVE


@dataclass(frozen=True, slots=True)
class Fetched(Generic[Part]):
    """A page with the source's memory as it was when the page was done, so that both are stored together."""

    page: Part
    memory: dict[str, Any]
    spent: Spent


class Ahead(Generic[Part]):
    """Pages of a source, each asked for while the one before is being written; one request in flight at most.

    `breathe` is called while waiting, `may_ask` before each further page. Leaving the `with` block waits for the
    request in flight.
    """

    def __init__(
        self,
        pages: Iterator[Part],
        session: LentSession,
        breathe: Callable[[], None],
        may_ask: Callable[[], bool] = lambda: True,
    ) -> None:
        self._pages: Iterator[Part] = pages
        self._session = session
        self._breathe = breathe
        self._may_ask = may_ask
        self.is_exhausted = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fetch")
        self._next: Future[Fetched[Part] | None] | None = self._thread.submit(self._fetch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._thread.shutdown(wait=True)
        if isinstance(self._pages, Generator):
            self._pages.close()

    def __iter__(self) -> Iterator[Fetched[Part]]:
        while self._next is not None:
            fetched = self._wait(self._next)
            if fetched is None:
                self.is_exhausted = True
                return
            self._next = self._thread.submit(self._fetch) if self._may_ask() else None
            yield fetched

    def _fetch(self) -> Fetched[Part] | None:
        page = next(self._pages, None)
        return Fetched(page, copy.deepcopy(self._session.memory), self._session.settle()) if page else None

    def _wait(self, coming: Future[Fetched[Part] | None]) -> Fetched[Part] | None:
        while True:
            try:
                return coming.result(BREATH_SECONDS)
            except TimeoutError:
                if coming.done():
                    raise  # the source's own
                self._breathe()
