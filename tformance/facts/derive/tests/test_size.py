"""How large a change is."""

import pytest

from tformance.facts import testing as t
from tformance.facts.derive.size import BUCKETS, bucket, limits, size_lines
from tformance.facts.records import ChildSet


def test_generated_vendored_and_lock_files_do_not_count() -> None:
    files = [t.file("src/a.py"), t.file("uv.lock", additions=5000), t.file("vendor/b.go"), t.file("api/shop.pb.go")]
    assert size_lines(t.pull_request(files=t.whole(files))) == 24


def test_until_all_files_are_known_the_size_is_not() -> None:
    assert size_lines(t.pull_request(files=ChildSet((t.file(),), total=2))) is None
    assert size_lines(t.pull_request(files=None)) is None


def test_a_change_without_files_is_empty() -> None:
    assert size_lines(t.pull_request(files=t.NOTHING)) == 0


def test_a_clone_gives_the_sum_of_its_lines() -> None:
    assert size_lines(t.pull_request(source="git", files=None)) == 24
    assert size_lines(t.pull_request(source="git", files=None, additions=None)) is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (0, "XS"),
        (10, "XS"),
        (11, "S"),
        (50, "S"),
        (51, "M"),
        (200, "M"),
        (201, "L"),
        (500, "L"),
        (501, "XL"),
        (None, None),
    ],
)
def test_buckets_include_their_upper_limit(lines: int | None, expected: str | None) -> None:
    assert bucket(lines) == expected


@pytest.mark.parametrize("size", BUCKETS)
def test_the_limits_of_a_bucket_hold_its_lines_and_no_others(size: str) -> None:
    above, most = limits(size)
    inside = [lines for lines in range(1000) if (above is None or lines > above) and (most is None or lines <= most)]
    assert inside == [lines for lines in range(1000) if bucket(lines) == size]
