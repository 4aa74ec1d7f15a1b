"""Time as a draft and in a merge queue, and which approvals and requests hold."""

from typing import Any

import pytest

from tformance.facts import testing as t
from tformance.facts.derive.iteration import iteration
from tformance.facts.derive.stamps import stamps, times
from tformance.facts.derive.waits import draft_time, queue_time
from tformance.facts.records import EventRecord, PullRequestRecord
from tformance.facts.testing import at

MERGED = 8  # hours after the start


def events(*found: tuple[float, str], **fields: Any) -> PullRequestRecord:
    items = [
        t.event(position, kind=kind, occurred_at=at(hours), actor=t.actor("queue" if "removed" in kind else "ada"))
        for position, (hours, kind) in enumerate(found)
    ]
    return t.pull_request(1, events=t.whole(items), **fields)


READY, DRAFT = "ready_for_review", "convert_to_draft"


@pytest.mark.parametrize(
    ("record", "hours"),
    [
        (events(), None),
        (events((20, DRAFT)), None),
        (events((2, READY)), 2),
        (events((2, READY), (3, DRAFT), (5, READY)), 4),
        (events((6, DRAFT)), 2),
        (events((2, READY), (20, DRAFT)), 2),
        (events((1, DRAFT), state="closed", merged_at=None, closed_at=at(4)), 3),
        (events((1, READY), state="open", merged_at=None, closed_at=None), 1),
        (events((1, DRAFT), state="open", merged_at=None, closed_at=None, is_draft=True), None),
        (t.pull_request(1, events=None), None),
    ],
)
def test_draft_time_is_all_the_time_as_a_draft(record: PullRequestRecord, hours: float | None) -> None:
    found = draft_time(record)
    assert (None if found is None else found.total_seconds() / 3600) == hours


ADDED, REMOVED = "added_to_merge_queue", "removed_from_merge_queue"


@pytest.mark.parametrize(
    ("record", "hours"),
    [
        (events(), None),
        (events((5, ADDED)), 3),
        (events((5, ADDED), (MERGED, REMOVED)), 3),
        (events((1, ADDED), (2, REMOVED), (6, ADDED), (7.99, REMOVED)), 2),
        (events((1, ADDED), (2, REMOVED)), None),
        (events((5, ADDED), state="open", merged_at=None, closed_at=None), None),
    ],
)
def test_queue_time_is_from_the_queue_that_merged_it(record: PullRequestRecord, hours: float | None) -> None:
    found = queue_time(record)
    assert (None if found is None else found.total_seconds() / 3600) == hours


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (((5, ADDED), (8, REMOVED)), True),
        (((5, ADDED), (6, REMOVED)), False),
        ((), False),
    ],
)
def test_who_put_it_into_the_queue_merged_it(found: tuple[tuple[float, str], ...], expected: bool) -> None:
    record = events(*found, merged_by=t.actor("grace"), author=t.actor("ada"))
    assert iteration(record).self_merged_unreviewed is expected


def reviewed(*reviews: tuple[float, str, str, dict[str, Any]], **fields: Any) -> PullRequestRecord:
    found = [
        t.review(key, author=t.actor(who), state=state, submitted_at=at(hours), **more)
        for key, (hours, who, state, more) in enumerate(reviews)
    ]
    return t.pull_request(1, reviews=t.whole(found), **fields)


WITHDRAWN = {"dismissed_at": at(6), "dismissed_from": "approved"}


@pytest.mark.parametrize(
    ("record", "hours"),
    [
        (reviewed((2, "ben", "approved", {}), (4, "cho", "commented", {})), 2),
        (reviewed((2, "ben", "approved", {}), (4, "ben", "commented", {})), 2),
        (reviewed((2, "ben", "approved", {}), (4, "ben", "changes_requested", {})), None),
        (reviewed((2, "ben", "approved", {}), (3, "ben", "changes_requested", {}), (6, "ben", "approved", {})), 6),
        (reviewed((2, "ben", "approved", {}), (4, "cho", "changes_requested", {})), 2),
        (reviewed((2, "ben", "approved", {}), (5, "cho", "dismissed", WITHDRAWN)), 2),
        (reviewed((5, "cho", "dismissed", WITHDRAWN)), None),
        (reviewed((5, "cho", "dismissed", WITHDRAWN | {"dismissed_at": at(9)})), 5),
    ],
)
def test_of_each_reviewer_the_last_decision_holds_and_none_taken_back(
    record: PullRequestRecord, hours: float | None
) -> None:
    assert stamps(record).approved == (None if hours is None else at(hours))


def test_a_request_that_was_dismissed_later_was_a_round() -> None:
    taken_back = {"dismissed_at": at(5), "dismissed_from": "changes_requested"}
    pushed = EventRecord("E_1", "commit", 1, None, at(4), after=t.commit(1).sha)
    record = reviewed(
        (2, "ben", "dismissed", taken_back),
        (6, "cho", "approved", {}),
        commits=t.whole([t.commit(1)]),
        events=t.whole([pushed]),
    )
    assert iteration(record).review_rounds == 1


def test_a_commit_older_than_git_is_no_start() -> None:
    old = t.commit(1, authored_at=t.START.replace(year=1970))
    alone = stamps(t.pull_request(1, commits=t.whole([old])))
    assert (times(alone).lead, alone.clamped) == (times(alone).cycle, 1)
    beside = stamps(t.pull_request(1, commits=t.whole([old, t.commit(2, authored_at=at(-3))])))
    assert (beside.started, beside.clamped) == (at(-3), 1)
