"""What commits change: files and lines, from `git log --numstat`, for as many commits as the clone holds contents of.

Git stops at the first file content it cannot read. Reading then goes on behind it, so that a partial or damaged clone
gives sizes for all commits it can, and an explicit None for every other one.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tformance.sources.git.clone import Clone
from tformance.sources.git.command import Git, GitFailed

_LOG = ("log", "--no-walk=unsorted", "--stdin", "-z", "--no-ext-diff", "--no-textconv", "-M")
_MARK = b"\x01"
_PATIENCE = 200  # commits that fail one by one before the rest is given up
_SUBMODULE = b"160000"
_CHANGES = {b"A": "added", b"C": "copied", b"D": "deleted", b"R": "renamed", b"T": "changed"}


@dataclass(frozen=True, slots=True)
class FileChange:
    """`change` in the words of facts.records.FileRecord; a binary file changes 0 lines."""

    path: bytes
    change: str
    additions: int
    deletions: int


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit changes against its first parent."""

    sha: bytes
    files: tuple[FileChange, ...]

    @property
    def additions(self) -> int:
        return sum(file.additions for file in self.files)

    @property
    def deletions(self) -> int:
        return sum(file.deletions for file in self.files)


def read_sizes(clone: Clone, shas: Sequence[bytes]) -> Iterator[Change | None]:
    """For each of the commits in turn its change, or None where this clone cannot tell.

    At the border of a shallow clone a commit looks as if it added everything, so its size is unknown too.
    """
    changes = _readable_changes(clone.git, [sha for sha in shas if sha not in clone.borders])
    change = next(changes, None)
    for sha in shas:
        if change is None or change.sha != sha:
            yield None
        else:
            yield change
            change = next(changes, None)


def _readable_changes(git: Git, shas: Sequence[bytes]) -> Iterator[Change]:
    """The changes that can be read, in the order asked for."""
    start = failures = 0
    while start < len(shas) and failures <= _PATIENCE:
        try:
            for change in _read_changes(git, shas[start:]):
                start += 1
                yield change
            return
        except GitFailed:
            failures += 1
        # Git may stop before or behind the first line about the commit it cannot read: the next ones are tried alone.
        while start < len(shas) and (alone := _read_alone(git, shas[start])):
            start += 1
            yield alone
        shas = shas[start + 1 :]
        start = 0
        if failures == 1:
            incomplete = _incomplete(git, shas)
            shas = [sha for sha in shas if sha not in incomplete]


def _read_alone(git: Git, sha: bytes) -> Change | None:
    try:
        return next(_read_changes(git, [sha]), None)
    except GitFailed:
        return None


def _read_changes(git: Git, shas: Iterable[bytes]) -> Iterator[Change]:
    """Changes of the commits in the order given; raises GitFailed behind the last one that could be read."""
    arguments = (*_LOG, "--raw", "--numstat", "--diff-merges=first-parent", "--format=%x01%H")
    yield from _parse(git.fields(*arguments, lines_in=(sha.hex().encode() for sha in shas)))


def _parse(fields: Iterator[bytes]) -> Iterator[Change]:
    sha = b""
    kinds: dict[bytes, str] = {}
    files: list[FileChange] = []
    for field in fields:
        if field.startswith(_MARK):
            if sha:
                yield Change(sha, tuple(files))
            sha, kinds, files = bytes.fromhex(field[1:].decode()), {}, []
        elif field.startswith((b":", b"\n:")):
            letter = field[field.rindex(b" ") + 1 :][:1]
            path = next(fields) if letter not in b"RC" else (next(fields), next(fields))[1]
            kinds[path] = _CHANGES.get(letter, "modified")
        elif field.strip():
            added, deleted, path = field.split(b"\t", 2)
            path = path or (next(fields), next(fields))[1]
            files.append(FileChange(path, kinds.get(path, "modified"), _lines(added), _lines(deleted)))
    if sha:
        yield Change(sha, tuple(files))


def _lines(count: bytes) -> int:
    return 0 if count == b"-" else int(count)


def _incomplete(git: Git, shas: Sequence[bytes]) -> frozenset[bytes]:
    """The commits among these that change a file whose content, before or after, is not in the clone."""
    needs = _needed_contents(git, shas)
    absent = {content for contents in needs.values() for content in contents}
    objects = git.stream("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
    for name in _lines_of(objects):
        absent.discard(bytes.fromhex(name.decode()))
    return frozenset(sha for sha, contents in needs.items() if not absent.isdisjoint(contents))


def _needed_contents(git: Git, shas: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """By commit, the file contents before and after; of commits whose folders cannot be read nothing is said."""
    needs: dict[bytes, list[bytes]] = {}
    contents: list[bytes] = []
    arguments = (*_LOG, "--raw", "--no-abbrev", "--no-renames", "--diff-merges=first-parent", "--format=%x01%H")
    with contextlib.suppress(GitFailed):
        for field in git.fields(*arguments, lines_in=(sha.hex().encode() for sha in shas)):
            if field.startswith(_MARK):
                contents = needs.setdefault(bytes.fromhex(field[1:].decode()), [])
            elif field.startswith((b":", b"\n:")):
                contents += _contents(field.lstrip(b"\n:").split(b" "))
    return needs


def _contents(entry: Sequence[bytes]) -> list[bytes]:
    old_mode, new_mode, old, new, _ = entry
    sides = ((old_mode, old), (new_mode, new))
    return [bytes.fromhex(name.decode()) for mode, name in sides if mode != _SUBMODULE and name.strip(b"0")]


def _lines_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
