"""Stamps, phases and the reviews that make them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.facts import testing as t
from tformance.facts.derive.stamps import Stamps, Times, stamps, times
from tformance.facts.records import GHOST, ChildSet, EventRecord, PullRequestRecord, ReviewRecord


def review(hours: float, state: Any = "approved", author: str = "grace", **fields: Any) -> ReviewRecord:
    return t.review(int(hours * 10), state=state, submitted_at=t.at(hours), author=t.actor(author), **fields)


def ready(hours: float) -> EventRecord:
    return t.event(int(hours * 10), kind="ready_for_review", occurred_at=t.at(hours))


def draft(hours: float) -> EventRecord:
    return t.event(int(hours * 10), kind="convert_to_draft", occurred_at=t.at(hours))


def merged(*children: ReviewRecord | EventRecord, **fields: Any) -> PullRequestRecord:
    """Opened at 0, merged at 8, its first commit at -2."""
    reviews = t.whole([child for child in children if isinstance(child, ReviewRecord)])
    events = t.whole([child for child in children if isinstance(child, EventRecord)])
    return t.pull_request(**({"reviews": reviews, "events": events, "commits": t.whole([t.commit(1)])} | fields))


def hours(record: PullRequestRecord) -> dict[str, float | None]:
    found = times(stamps(record))
    spans = {name: getattr(found, name) for name in Times.__slots__}
    return {name: None if span is None else span / timedelta(hours=1) for name, span in spans.items()}


def test_the_life_of_a_plain_pull_request() -> None:
    assert hours(merged(ready(1), review(3, "commented"), review(5))) == {
        "cycle": 8,
        "review": 3,
        "lead": 10,
        "coding_phase": 2,
        "draft_phase": 1,
        "pickup_phase": 2,
        "review_phase": 2,
        "merge_phase": 3,
    }


@pytest.mark.parametrize(
    "nobody",
    [
        review(3, author="ada"),
        review(3, "pending"),
        replace(review(3), submitted_at=None),
        replace(review(3), author=t.actor("coderabbitai", kind="bot")),
        replace(review(3), author=t.actor("k8s-ci-robot")),
        review(9),
    ],
    ids=["the author", "pending", "not submitted", "a bot", "automation", "after the merge"],
)
def test_some_reviews_never_count(nobody: ReviewRecord) -> None:
    at = stamps(merged(nobody))
    assert (at.reviewed, at.approved) == (None, None)
    assert hours(merged(nobody))["review"] is None


def test_a_person_with_bot_in_the_name_counts() -> None:
    assert stamps(merged(review(3, author="abbott"))).reviewed == t.at(3)


def test_a_deleted_reviewer_was_a_person() -> None:
    assert stamps(merged(replace(review(3), author=GHOST))).reviewed == t.at(3)


def test_deleted_author_and_deleted_reviewer_may_be_the_same() -> None:
    assert stamps(merged(replace(review(3), author=GHOST), author=GHOST)).reviewed is None


def test_a_dismissed_approval_was_a_review_but_no_approval() -> None:
    at = stamps(merged(review(3, "dismissed")))
    assert (at.reviewed, at.approved) == (t.at(3), None)


def test_the_last_approval_before_the_merge_counts() -> None:
    assert stamps(merged(review(3), review(6), review(9))).approved == t.at(6)


@pytest.mark.parametrize(
    ("children", "expected", "in_draft"),
    [
        ([review(5)], 0, False),
        ([ready(2), review(5)], 2, False),
        ([ready(2), draft(3), ready(4), review(5)], 4, False),
        ([draft(3), ready(4), review(5), draft(6), ready(7)], 4, False),
        ([review(1), draft(3), ready(4)], 0, False),
        ([ready(6), review(5)], 5, True),
        ([ready(2), draft(3), review(5), ready(6)], 5, True),
        ([ready(2)], 2, False),
    ],
    ids=[
        "never a draft",
        "opened as a draft",
        "back to draft and ready again",
        "what comes after the review is too late",
        "a draft only after the review",
        "reviewed as a draft",
        "reviewed when it was a draft again",
        "never reviewed",
    ],
)
def test_when_reviewers_could_begin(children: list[Any], expected: float, in_draft: bool) -> None:
    at = stamps(merged(*children))
    assert (at.ready, at.reviewed_in_draft) == (t.at(expected), in_draft)


def test_a_draft_that_nobody_reviewed_is_not_ready() -> None:
    assert stamps(t.open_pull_request(is_draft=True)).ready is None


@pytest.mark.parametrize("name", ["reviews", "commits", "events"])
def test_what_was_not_read_completely_is_missing(name: str) -> None:
    record = merged(ready(1), review(5))
    cut = replace(record, **{name: ChildSet(getattr(record, name).items, total=9)})
    for incomplete in (cut, replace(record, **{name: None})):
        at = stamps(incomplete)
        assert {"reviews": at.reviewed, "commits": at.started, "events": at.ready}[name] is None


def test_without_commits_there_is_no_lead_time() -> None:
    assert hours(merged(commits=t.NOTHING))["lead"] is None


def test_commits_after_the_opening_do_not_delay_the_start() -> None:
    assert stamps(merged(commits=t.whole([t.commit(1, authored_at=t.at(3))]))).started == t.at(0)


def test_impossible_stamps_are_clamped_and_counted() -> None:
    at = stamps(merged(review(-1), opened_at=t.at(0)))
    assert (at.reviewed, at.approved, at.clamped) == (t.at(0), t.at(0), 2)
    assert stamps(merged(opened_at=t.at(9), commits=t.NOTHING)).opened == t.at(8)


def test_an_open_pull_request_has_a_first_review_but_no_cycle_time() -> None:
    record = t.open_pull_request(reviews=t.whole([review(3)]))
    assert (hours(record)["review"], hours(record)["cycle"]) == (3, None)


instants = st.integers(-50, 50).map(lambda quarter: quarter / 4)
lives = st.builds(
    lambda reviews, readies, drafts, started, opened: merged(
        *(review(hour, state) for hour, state in reviews),
        *map(ready, readies),
        *map(draft, drafts),
        opened_at=t.at(opened),
        commits=t.whole([t.commit(1, authored_at=t.at(started))]),
    ),
    st.lists(st.tuples(instants, st.sampled_from(["approved", "commented", "dismissed"])), max_size=4),
    st.lists(instants, max_size=3),
    st.lists(instants, max_size=3),
    instants,
    instants,
)


@given(lives)
def test_phases_sum_to_the_lead_time_and_are_never_negative(record: PullRequestRecord) -> None:
    at = stamps(record)
    found = times(at)
    phases = [found.coding_phase, found.draft_phase, found.pickup_phase, found.review_phase, found.merge_phase]
    known = [phase for phase in phases if phase is not None]
    assert all(phase >= timedelta() for phase in known)
    if len(known) == len(phases):
        assert sum(known, timedelta()) == found.lead
    if at.reviewed_in_draft:
        assert found.pickup_phase == timedelta()


@given(lives, st.integers(-1000, 1000))
def test_shifting_everything_by_whole_weeks_shifts_only_the_stamps(record: PullRequestRecord, weeks: int) -> None:
    assert times(stamps(record)) == times(stamps(_shifted(record, timedelta(weeks=weeks))))


def _shifted(record: PullRequestRecord, by: timedelta) -> PullRequestRecord:
    assert record.reviews
    assert record.events
    assert record.commits
    assert record.opened_at
    assert record.merged_at
    return replace(
        record,
        opened_at=record.opened_at + by,
        merged_at=record.merged_at + by,
        reviews=t.whole(
            [replace(one, submitted_at=one.submitted_at and one.submitted_at + by) for one in record.reviews.items]
        ),
        events=t.whole([replace(one, occurred_at=one.occurred_at + by) for one in record.events.items]),
        commits=t.whole([replace(one, authored_at=one.authored_at + by) for one in record.commits.items]),
    )


def test_the_order_of_stamps_is_kept() -> None:
    at = stamps(merged(ready(1), review(3), review(5)))
    order = [getattr(at, name) for name in Stamps.__slots__[:6]]
    assert order == sorted(order)
