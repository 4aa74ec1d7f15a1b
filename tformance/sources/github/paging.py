"""How much to ask for at once: as much as GitHub copes with in time, found out by trying and kept for the next run."""

import time
from collections.abc import Callable, MutableMapping
from typing import Any, TypeVar

from tformance.core.errors import TooLarge

T = TypeVar("T")

GROW_AFTER = 20  # answers in a row at full size
ALONE = 4  # attempts at a single thing before it counts as unreadable
SLOW = 5.0  # seconds; a failure that took so long is no accident and not worth repeating as it was


class Pace:
    """The size that works for one kind of question, kept in the session's memory."""

    def __init__(self, memory: MutableMapping[str, Any], kind: str, most: int) -> None:
        self._memory = memory
        self._key = f"size of {kind}"
        self._most = most
        known = memory.get(self._key, {})
        self.size = min(known.get("size", most), most)
        self._streak: int = known.get("streak", 0)

    def worked(self, size: int, wanted: int) -> None:
        """`size` were answered where `wanted` were asked for at first."""
        if size < wanted:
            self.size, self._streak = size, 0
        elif size < self.size or self.size == self._most:
            return
        else:
            self._streak += 1
        if self._streak >= GROW_AFTER:
            self.size, self._streak = min(self._most, self.size + max(1, self.size // 4)), 0
        self._memory[self._key] = {"size": self.size, "streak": self._streak}


def ask(pace: Pace, available: int, question: Callable[[int], T]) -> T:
    """The answer to `question(size)`, at most `available` at once, for fewer and fewer while GitHub cannot cope.

    A quick failure is repeated once as it was, for it may be an accident. TooLarge when even one is too much;
    that is not remembered, for then GitHub or the one thing may be to blame and not the size.
    """
    wanted = size = min(pace.size, available)
    accidents = alone = 0
    while True:
        started = time.monotonic()
        try:
            answer = question(size)
        except TooLarge:
            accidents += 1
            alone += size == 1
            if alone >= ALONE:
                raise
            if accidents > 1 or time.monotonic() - started > SLOW:
                size = max(1, size // 2)
        else:
            pace.worked(size, wanted)
            return answer
