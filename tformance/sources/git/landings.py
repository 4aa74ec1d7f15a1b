"""What landed on a clone's main line, newest first: each of its commits with those it brought in.

A landing's instant never runs backwards along the main line, so that everything added after a reading is found by time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tformance.sources.contract import Window
from tformance.sources.git.clone import Clone
from tformance.sources.git.history import read_commits, read_main_line
from tformance.sources.git.pulls import Pull, PullFinder, landed_with


@dataclass(frozen=True, slots=True)
class Landing:
    """`brought` are the other commits that came with it, oldest first; `landed_at` is in seconds since 1970."""

    sha: str
    landed_at: int
    brought: tuple[str, ...]
    pull: Pull | None

    @property
    def shas(self) -> tuple[str, ...]:
        return (self.sha, *self.brought)


def read_landings(clone: Clone) -> list[Landing]:
    """All landings; keeps of every commit only its parents and instant, not its message."""
    main_line = read_main_line(clone)
    pulls = PullFinder(main_line)
    parents: dict[str, tuple[str, ...]] = {}
    committed: dict[str, int] = {}
    for commit in read_commits(clone):
        parents[commit.sha] = commit.parents
        committed[commit.sha] = commit.committed_at or commit.authored_at or 0
        pulls.see(commit.sha, commit.message, commit.is_merge)
    age = {sha: number for number, sha in enumerate(parents)}
    brought, found = landed_with(main_line, parents), pulls.found()
    landings = []
    landed_at = 0
    for sha in reversed(main_line):
        landed_at = max(landed_at, committed[sha])
        others = tuple(sorted(brought[sha], key=age.__getitem__, reverse=True))
        landings.append(Landing(sha, landed_at, others, found.get(sha)))
    return landings[::-1]


def within(landings: list[Landing], window: Window) -> Iterator[Landing]:
    since, until = _seconds(window.since), _seconds(window.until)
    for landing in landings:
        if (since is None or landing.landed_at >= since) and (until is None or landing.landed_at < until):
            yield landing


def _seconds(instant: datetime | None) -> float | None:
    return instant.timestamp() if instant else None
