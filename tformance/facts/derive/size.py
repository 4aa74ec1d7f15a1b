"""How large a change is: lines that people write, without generated, vendored and lock files."""

from bisect import bisect_left
from typing import Final

from tformance.facts.derive.files import is_generated
from tformance.facts.records import PullRequestRecord

BUCKETS: Final = ("XS", "S", "M", "L", "XL")
_LIMITS: Final = (10, 50, 200, 500)


def size_lines(record: PullRequestRecord) -> int | None:
    """Lines added and deleted; None until all files are known. A clone's sums are of files chosen there."""
    if record.files is not None:
        if not record.files.complete:
            return None
        return sum(file.additions + file.deletions for file in record.files.items if not is_generated(file.path))
    if record.source == "git" and record.additions is not None and record.deletions is not None:
        return record.additions + record.deletions
    return None


def bucket(lines: int | None) -> str | None:
    return None if lines is None else BUCKETS[bisect_left(_LIMITS, lines)]


def limits(size: str) -> tuple[int | None, int | None]:
    """Of a bucket: more lines than the first and at most the second; None where there is no such end."""
    place = BUCKETS.index(size)
    return (None, *_LIMITS)[place], (*_LIMITS, None)[place]
