"""The commits of a clone: one `git log` without any diff, so that it needs neither file contents nor trees."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tformance.sources.git.clone import Clone

# sha, parents; author and committer as written; the two instants; both people as the mailmap names them; message
_FIELDS = ("%H", "%P", "%an", "%ae", "%cn", "%ce", "%at", "%ct", "%aN", "%aE", "%B")
_FORMAT = "%x00".join(_FIELDS)


@dataclass(frozen=True, slots=True)
class GitCommit:
    """A commit as git tells it. Instants are seconds since 1970, None where the commit has no readable one.

    `author_name` and `author_email` stand in the commit; `person_name` and `person_email` are what the mailmap makes
    of them.
    """

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    committer_name: str
    committer_email: str
    authored_at: int | None
    committed_at: int | None
    person_name: str
    person_email: str
    message: str

    @property
    def is_merge(self) -> bool:
        return len(self.parents) > 1


def read_commits(clone: Clone, shas: Iterable[str] | None = None) -> Iterator[GitCommit]:
    """Every commit that HEAD reaches, newest first, or these in their order; raises GitFailed at an unreadable one."""
    what = (clone.head,) if shas is None else ("--no-walk=unsorted", "--stdin")
    lines_in = (sha.encode() for sha in shas or ())
    fields = clone.git.fields("log", "-z", "--encoding=UTF-8", f"--format={_FORMAT}", *what, lines_in=lines_in)
    texts = (field.decode("utf-8", "replace") for field in fields)
    for row in zip(*[texts] * len(_FIELDS), strict=False):
        sha, parents, author, email, committer, committer_email, authored, committed, person, person_email, message = (
            row
        )
        yield GitCommit(
            sha=sha,
            parents=tuple(parents.split()),
            author_name=author,
            author_email=email,
            committer_name=committer,
            committer_email=committer_email,
            authored_at=_seconds(authored),
            committed_at=_seconds(committed),
            person_name=person,
            person_email=person_email,
            message=message,
        )


def read_main_line(clone: Clone) -> list[str]:
    """The shas from HEAD back along first parents: what landed on the branch, newest first."""
    return clone.git.text("rev-list", "--first-parent", clone.head).split()


def _seconds(text: str) -> int | None:
    """Years that no calendar holds come from broken clocks and count as unknown."""
    try:
        seconds = int(text)
    except ValueError:
        return None
    return seconds if 0 < seconds < 253402300800 else None  # up to the year 9999
