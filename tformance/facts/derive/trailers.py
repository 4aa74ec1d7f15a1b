"""Trailers of a commit message ("Key: value" lines at its end), by git's own grammar.

Two things are added to what `git interpret-trailers` sees, because forges write them: several trailer paragraphs may
close a message, and a squashed message lists the messages of its commits ("* subject"), each with its own trailers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Git knows the first two by itself; the others it would know by its configuration. A paragraph with a known key
# may hold other lines as well, as long as at least a quarter of its lines are trailers.
GENERATED = ("Signed-off-by: ", "(cherry picked from commit ")
KNOWN_KEYS = frozenset({"co-authored-by", "assisted-by", "made-with", "generated-by"})

_KEY = re.compile(r"([A-Za-z0-9-]+)[ \t]*:")
_RULE = re.compile(r"\s*-{3,}\s*")


@dataclass(frozen=True, slots=True)
class Trailer:
    """`key` in lower case; `value` unfolded; `line` as it stands in the message."""

    key: str
    value: str
    line: str


def trailers(message: str) -> list[Trailer]:
    """All trailers of a message, those of squashed messages first, each in the order of the text."""
    lines = message.replace("\r\n", "\n").rstrip("\n").split("\n")
    return [trailer for section in _sections(lines) for block in _closing_blocks(section) for trailer in _read(block)]


def _sections(lines: list[str]) -> Iterator[list[str]]:
    """The message itself, or its listed messages when it is a squash."""
    start = 0
    for index in range(1, len(lines)):
        if lines[index].startswith("* ") and not lines[index - 1].strip():
            yield lines[start:index]
            start = index
    yield lines[start:]


def _closing_blocks(lines: list[str]) -> list[list[str]]:
    """Trailer paragraphs at the end of one message; its first paragraph, the title, never is one."""
    blocks: list[list[str]] = []
    end = len(lines)
    while end:
        while end and (not lines[end - 1].strip() or _RULE.fullmatch(lines[end - 1])):
            end -= 1
        start = end
        while start and lines[start - 1].strip():
            start -= 1
        if not start or not _is_block(lines[start:end]):
            break
        blocks.insert(0, lines[start:end])
        end = start
    return blocks


def _is_block(paragraph: list[str]) -> bool:
    found = other = 0
    known = previous_is_trailer = False
    for line in paragraph:
        key = _KEY.match(line)
        if line.startswith(GENERATED):
            found, known, previous_is_trailer = found + 1, True, True
        elif key:
            found, previous_is_trailer = found + 1, True
            known = known or key[1].lower() in KNOWN_KEYS
        elif not (line[0].isspace() and previous_is_trailer):
            other, previous_is_trailer = other + 1, False
    return found > 0 and (not other or (known and found * 3 >= other))


def _read(block: list[str]) -> Iterator[Trailer]:
    folded: list[str] = []
    for line in block:
        if line[0].isspace() and folded:
            folded[-1] += "\n" + line
        else:
            folded.append(line)
    for line in folded:
        key = _KEY.match(line)
        if key:
            value = " ".join(part.strip() for part in line[key.end() :].split("\n"))
            yield Trailer(key[1].lower(), value.strip(), line)
