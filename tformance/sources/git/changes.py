"""What commits change, as one git process tells it, and which of them it could not tell about."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tformance.sources.git.command import Git, GitFailed

_THESE = ("log", "--no-walk=unsorted", "--stdin", "-z")
_DIFF = ("--raw", "-m", "--first-parent", "--no-ext-diff", "--no-textconv", "--format=%x01%H")
_MARK = b"\x01"
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


def read_changes(git: Git, shas: Iterable[bytes]) -> Iterator[Change]:
    """Changes of the commits in the order given; raises GitFailed behind the last one that could be read."""
    yield from _parse(git.fields(*_THESE, *_DIFF, "-M", "--numstat", lines_in=_lines_in(shas)))


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


def incomplete_commits(git: Git, shas: Sequence[bytes]) -> frozenset[bytes]:
    """Those among these commits that need a folder or a file's content which is not in the clone."""
    trees = _root_trees(git, shas)
    treeless = _lacking(git, trees)
    contents = _needed_contents(git, [sha for sha in shas if sha not in treeless])
    return treeless | _lacking(git, contents)


def _lacking(git: Git, needs: dict[bytes, list[bytes]]) -> frozenset[bytes]:
    absent = {name for names in needs.values() for name in names}
    objects = git.stream("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
    for line in _lines_of(objects):
        absent.discard(bytes.fromhex(line.decode()))
    return frozenset(sha for sha, names in needs.items() if not absent.isdisjoint(names))


def _root_trees(git: Git, shas: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """By commit, its own root folder and that of its first parent where that is among these commits."""
    own: dict[bytes, bytes] = {}
    first: dict[bytes, bytes] = {}
    fields = git.fields(*_THESE, "--format=%H %T %P", lines_in=_lines_in(shas))
    for sha, tree, *parents in (map(bytes.fromhex, field.decode().split()) for field in fields):
        own[sha] = tree
        first[sha] = parents[0] if parents else sha
    return {sha: [tree, own.get(first[sha], tree)] for sha, tree in own.items()}


def _needed_contents(git: Git, shas: Sequence[bytes]) -> dict[bytes, list[bytes]]:
    """By commit, the file contents before and after; of commits whose folders cannot be read nothing is said."""
    needs: dict[bytes, list[bytes]] = {}
    contents: list[bytes] = []
    with contextlib.suppress(GitFailed):
        for field in git.fields(*_THESE, *_DIFF, "--no-renames", "--no-abbrev", lines_in=_lines_in(shas)):
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


def _lines_in(shas: Iterable[bytes]) -> Iterator[bytes]:
    return (sha.hex().encode() for sha in shas)
