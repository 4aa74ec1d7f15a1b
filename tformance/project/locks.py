"""File locks between processes of one data directory; the kernel releases them when a process dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Locked(Exception):
    """Another process holds the lock."""


@contextmanager
def lock(file: Path, *, shared: bool = False, wait: bool = True) -> Iterator[IO[str]]:
    """Hold the lock on `file`; without `wait` a lock held elsewhere raises Locked."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+") as handle:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, mode if wait else mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(file.name) from None
        yield handle


def is_free(file: Path) -> bool:
    try:
        with lock(file, wait=False):
            return True
    except Locked:
        return False
