"""Who is a reviewer of a pull request, and until when."""

from dataclasses import replace
from typing import Any

import pytest

from tformance.facts import testing as t
from tformance.facts.derive.iteration import iteration
from tformance.facts.derive.reviews import counts
from tformance.facts.derive.stamps import stamps
from tformance.facts.records import GHOST, CommitRecord, PullRequestRecord

GRACE = t.actor("grace")


def written(hours: float, author: Any = GRACE, **fields: Any) -> CommitRecord:
    return t.commit(7, author=author, authored_at=t.at(hours), committed_at=t.at(hours), **fields)


def reviewed(commit: CommitRecord, pushed: float | None = None) -> PullRequestRecord:
    """Grace reviews after 2 and 6 hours; the commit stands in the timeline at the hour it was pushed."""
    events = [t.event(1, kind="commit", occurred_at=t.at(-2), after=t.commit(1).sha)]
    if pushed is not None:
        events += [t.event(2, kind="head_ref_force_pushed", occurred_at=t.at(pushed))]
    events += [t.event(3, kind="commit", occurred_at=commit.committed_at, after=commit.sha)]
    return t.pull_request(
        1,
        commits=t.whole([t.commit(1), commit]),
        events=t.whole(events),
        reviews=t.whole([t.review(1, submitted_at=t.at(2), state="commented"), t.review(2, submitted_at=t.at(6))]),
    )


def those_that_count(record: PullRequestRecord) -> list[int]:
    assert record.reviews
    return [review.provider_id for review in record.reviews.items if counts(review, record)]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (reviewed(written(4)), [1]),
        (reviewed(written(1)), []),
        (reviewed(written(7)), [1, 2]),
        (reviewed(written(1), pushed=4), [1]),  # written long ago, here since after the first review
        (reviewed(written(4, is_merge=True)), [1, 2]),
        (reviewed(written(4, author=t.actor("ann"))), [1, 2]),
        (reviewed(written(4, author=None)), [1, 2]),
        (replace(reviewed(written(4)), events=None), [1]),
        (replace(reviewed(written(4)), commits=None), [1, 2]),
    ],
)
def test_who_puts_a_commit_into_it_is_a_reviewer_only_before_that(
    record: PullRequestRecord, expected: list[int]
) -> None:
    assert those_that_count(record) == expected


def test_deleted_accounts_are_not_taken_for_one_person() -> None:
    record = reviewed(written(4, author=GHOST))
    said = tuple(replace(review, author=GHOST) for review in record.reviews.items) if record.reviews else ()
    assert those_that_count(replace(record, reviews=t.whole(said))) == [1, 2]


def test_an_approval_of_what_one_wrote_is_none() -> None:
    record = reviewed(written(4))
    assert (stamps(record).reviewed, stamps(record).approved) == (t.at(2), None)
    assert iteration(record).reviewers == 1
    alone = reviewed(written(1))
    assert stamps(alone).reviewed is None
    assert iteration(alone).review_rounds is None
