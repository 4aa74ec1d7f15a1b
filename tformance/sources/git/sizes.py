"""The sizes of commits, for as many as the clone holds contents of.

Git stops at the first file content it cannot read. Reading then goes on behind it, so that a partial or damaged clone
gives sizes for all commits it can, and an explicit None for every other one. Several git processes read at once.
"""

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from tformance.sources.git.changes import Change, incomplete_commits, read_changes
from tformance.sources.git.clone import Clone
from tformance.sources.git.command import Git, GitFailed

_PART = 2000  # commits a process reads
_READERS = min(4, os.cpu_count() or 1)
_PATIENCE = 100  # failures within one part before the rest of it is given up


def read_sizes(clone: Clone, shas: Sequence[bytes]) -> Iterator[Change | None]:
    """For each of the commits in turn its change, or None where this clone cannot tell.

    At the border of a shallow clone a commit looks as if it added everything, so its size is unknown too.
    """
    gaps = _Gaps(clone.git, shas)
    with ThreadPoolExecutor(_READERS) as pool:
        ahead: deque[Future[list[Change | None]]] = deque()
        try:
            for start in range(0, len(shas), _PART):
                ahead.append(pool.submit(_read_part, clone, shas[start : start + _PART], gaps))
                if len(ahead) > _READERS:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        finally:
            for part in ahead:
                part.cancel()


class _Gaps:
    """Which commits lack contents: found out once, when the first reader fails, and then known to all."""

    def __init__(self, git: Git, shas: Sequence[bytes]) -> None:
        self._git = git
        self._shas = shas
        self._lock = threading.Lock()
        self._incomplete: frozenset[bytes] | None = None

    def known(self) -> frozenset[bytes]:
        return self._incomplete or frozenset()

    def find(self) -> frozenset[bytes]:
        with self._lock:
            if self._incomplete is None:
                self._incomplete = incomplete_commits(self._git, self._shas)
            return self._incomplete


def _read_part(clone: Clone, shas: Sequence[bytes], gaps: _Gaps) -> list[Change | None]:
    hidden = gaps.known()
    asked = [sha for sha in shas if sha not in clone.borders and sha not in hidden]
    changes = {change.sha: change for change in _readable(clone.git, asked, gaps)}
    return [changes.get(sha) for sha in shas]


def _readable(git: Git, shas: Sequence[bytes], gaps: _Gaps) -> Iterator[Change]:
    """The changes that can be read, in the order asked for."""
    failures = 0
    while shas and failures < _PATIENCE:
        done = 0
        try:
            for change in read_changes(git, shas):
                done += 1
                yield change
            return
        except GitFailed:
            failures += 1
        # Git may stop before or behind the first line about the commit it cannot read: the next ones are tried alone.
        while done < len(shas) and (alone := _read_alone(git, shas[done])):
            done += 1
            yield alone
        hidden = gaps.find()
        shas = [sha for sha in shas[done + 1 :] if sha not in hidden]


def _read_alone(git: Git, sha: bytes) -> Change | None:
    try:
        return next(read_changes(git, [sha]), None)
    except GitFailed:
        return None
