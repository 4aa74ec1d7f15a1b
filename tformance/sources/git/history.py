"""The commits of a clone: one `git log` without any diff, so that it needs neither file contents nor trees."""

from collections.abc import Iterator
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


def read_commits(clone: Clone) -> Iterator[GitCommit]:
    """Every commit that HEAD reaches, newest first; raises GitFailed at a commit that cannot be read."""
    fields = clone.git.fields("log", "-z", "--encoding=UTF-8", f"--format={_FORMAT}", clone.head)
    texts = (field.decode("utf-8", "replace") for field in fields)
    for (
        sha,
        parents,
        author,
        email,
        committer,
        committer_email,
        authored,
        committed,
        person,
        person_email,
        message,
    ) in zip(*[texts] * len(_FIELDS), strict=False):
        yield GitCommit(
            sha,
            tuple(parents.split()),
            author,
            email,
            committer,
            committer_email,
            _seconds(authored),
            _seconds(committed),
            person,
            person_email,
            message,
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
