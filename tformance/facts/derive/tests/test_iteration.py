"""Rounds of review, answers to them, and what was said."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.facts import testing as t
from tformance.facts.derive.iteration import Iteration, iteration
from tformance.facts.records import (
    GHOST,
    ChildSet,
    CommentRecord,
    CommitRecord,
    EventRecord,
    PullRequestRecord,
    ReviewRecord,
    ThreadRecord,
)

BOT = t.actor("coderabbitai", kind="bot")


def review(hours: float, state: Any = "commented", author: Any = "grace", **fields: Any) -> ReviewRecord:
    who = t.actor(author) if isinstance(author, str) else author
    given = {"state": state, "submitted_at": t.at(hours), "author": who}
    return t.review(int(hours * 100), **(given | fields))


def thread(hours: float, author: str = "grace", answers: int = 0, **fields: Any) -> ThreadRecord:
    first = t.comment(int(hours * 100), kind="review", author=t.actor(author), created_at=t.at(hours))
    replies = [
        t.comment(first.provider_id + place, kind="review", author=t.actor("ada"), created_at=t.at(hours + place))
        for place in range(1, answers + 1)
    ]
    return t.thread(first.provider_id, **({"comments": t.whole([*replies, first])} | fields))


def pushed(hours: float, place: float | None = None, **fields: Any) -> tuple[CommitRecord, EventRecord]:
    """A commit with its entry in the timeline, at the place of that hour."""
    key = int(hours * 100) + 10_000
    commit = t.commit(key, committed_at=t.at(hours), **fields)
    position = int(100 * (hours if place is None else place))
    return commit, t.event(key, kind="commit", position=position, occurred_at=t.at(hours), after=commit.sha)


def forced(hours: float) -> EventRecord:
    place = int(hours * 100)
    return t.event(place, kind="head_ref_force_pushed", position=place, occurred_at=t.at(hours))


def pull(*children: Any, **fields: Any) -> PullRequestRecord:
    """Opened at 0 with a commit of -1, merged at 8."""
    commits, events = [], []
    for commit, event in [pushed(-1), *(child for child in children if isinstance(child, tuple))]:
        commits.append(commit)
        events.append(event)
    given = {
        "commits": t.whole(commits),
        "events": t.whole([*events, *_of(EventRecord, children)]),
        "reviews": t.whole(_of(ReviewRecord, children)),
        "threads": t.whole(_of(ThreadRecord, children)),
        "comments": t.whole(_of(CommentRecord, children)),
    }
    return t.pull_request(1, **(given | fields))


def _of(kind: type, children: tuple[Any, ...]) -> list[Any]:
    return [child for child in children if isinstance(child, kind)]


@pytest.mark.parametrize(
    ("children", "rounds", "answer"),
    [
        ([], None, None),
        ([review(1, "approved")], 0, None),
        ([review(1, body="Nice.")], 0, None),
        ([review(1, "changes_requested"), pushed(3)], 1, 2),
        ([review(1, comments_count=1), thread(1), pushed(3)], 1, 2),
        ([review(1, comments_count=1), thread(1, is_resolved=True), pushed(3)], 1, 2),
        ([review(1, comments_count=2), thread(0.5), thread(0.75), pushed(3)], 1, 2),
        ([review(1, "approved", comments_count=1), thread(1), pushed(3)], 0, None),
        ([review(1, "changes_requested"), review(2, "changes_requested", "carol"), pushed(3)], 1, 2),
        ([review(1, "changes_requested"), pushed(3), review(4, "changes_requested"), pushed(8)], 2, 3),
        ([review(1, "changes_requested"), pushed(3), review(4, "changes_requested")], 2, 2),
        ([review(1, "changes_requested"), review(4, "changes_requested")], 1, None),
        ([review(1, "changes_requested"), pushed(2, is_merge=True), pushed(3)], 1, 2),
        ([review(1, "changes_requested"), forced(2), pushed(3)], 1, 1),
        ([review(1, "changes_requested", "ada"), pushed(3)], None, None),
        ([review(1, "changes_requested", author=BOT), pushed(3)], None, None),
    ],
    ids=[
        "nobody reviewed",
        "approved at once",
        "remarks below only",
        "changes requested",
        "remarks in the code",
        "remarks in the code, resolved since",
        "remarks written before they were sent",
        "an approval with remarks",
        "two requests before one push",
        "two rounds",
        "a round that was never answered",
        "asked twice and never answered",
        "the base merged in is no answer",
        "pushed by force",
        "the author's own review",
        "a bot's review",
    ],
)
def test_a_round_is_a_request_and_the_push_that_answers_it(
    children: list[Any], rounds: int | None, answer: float | None
) -> None:
    found = iteration(pull(*children))
    assert (found.review_rounds, found.avg_fix_response_hours) == (rounds, answer)


def test_an_answer_in_a_thread_is_a_review_but_no_request() -> None:
    asked, answered = review(1, comments_count=1), review(4, comments_count=1)
    begun = thread(1)
    reply = t.comment(900, kind="review", author=t.actor("grace"), created_at=t.at(4), in_reply_to=100)
    begun = replace(begun, comments=t.whole([*begun.comments.items, reply]))
    assert iteration(pull(asked, begun, pushed(3), answered)).review_rounds == 1


def test_what_came_after_the_merge_is_no_round() -> None:
    found = iteration(pull(review(1, "approved"), review(9, "changes_requested")))
    assert (found.review_rounds, found.reviewers) == (0, 1)


def test_commits_after_the_first_review_are_those_that_reached_it_later() -> None:
    record = pull(pushed(0.5), review(1, "approved"), pushed(1), pushed(2), pushed(3, is_merge=True), pushed(4))
    assert iteration(record).commits_after_first_review == 2


def test_an_old_commit_that_was_pushed_later_came_later() -> None:
    """Rebasing keeps dates; the place in the timeline does not lie."""
    record = pull(review(1, "approved"), forced(3), pushed(-5, place=3.5), pushed(-4, place=3.6))
    found = iteration(record)
    assert (found.commits_after_first_review, found.force_pushes_after_review) == (2, 1)


def test_without_a_review_nothing_came_after_it() -> None:
    found = iteration(pull(pushed(1), forced(2)))
    assert (found.commits_after_first_review, found.force_pushes_after_review) == (None, None)


def test_comments_are_those_of_people_and_bots_are_apart() -> None:
    by_bot = t.whole([t.comment(7, kind="review", author=BOT)])
    found = iteration(
        pull(
            t.comment(1),
            t.comment(2, author=t.actor("ada")),
            t.comment(3, author=BOT),
            t.comment(4, author=t.actor("k8s-ci-robot")),
            t.comment(5, author=GHOST),
            review(1, body="Please split this."),
            review(2, body="  "),
            review(3, body="Summary", author=BOT),
            review(4, "pending", body="Not sent", submitted_at=None),
            thread(1, answers=2),
            t.thread(2, comments=by_bot),
        )
    )
    assert (found.total_comments, found.bot_comments) == (3 + 1 + 3, 2 + 1 + 1)
    assert (found.review_threads, found.unresolved_threads) == (1, 1)


def test_threads_that_are_still_open_are_told() -> None:
    found = iteration(pull(thread(1), thread(2, is_resolved=True), thread(3)))
    assert (found.review_threads, found.unresolved_threads) == (3, 2)


def test_reviewers_are_counted_once_each() -> None:
    record = pull(review(1), review(2, "approved"), review(3, author="carol"), review(4, author="ada"))
    assert iteration(record).reviewers == 2
    assert iteration(pull()).reviewers == 0


@pytest.mark.parametrize(
    ("fields", "children", "expected"),
    [
        ({}, [], False),
        ({"merged_by": t.actor("ada")}, [], True),
        ({"merged_by": t.actor("ada")}, [review(1, author="ada"), review(2, author=BOT)], True),
        ({"merged_by": t.actor("ada")}, [review(1)], False),
        ({"merged_by": t.actor("ada")}, [review(9)], True),
        ({"merged_by": None}, [], None),
        ({"merged_by": None}, [review(1)], False),
        ({"state": "closed", "merged_at": None, "merged_by": None}, [], None),
    ],
    ids=[
        "merged by somebody else",
        "by the author",
        "reviewed by a bot and the author",
        "reviewed",
        "reviewed too late",
        "nobody knows who merged",
        "reviewed, whoever merged",
        "not merged",
    ],
)
def test_who_merges_the_own_work_unreviewed(fields: dict[str, Any], children: list[Any], expected: bool | None) -> None:
    assert iteration(pull(*children, **fields)).self_merged_unreviewed is expected


def test_behind_a_merge_queue_the_one_who_queued_it_merged_it() -> None:
    queue = t.actor("github-merge-queue", kind="bot")
    for who, expected in (("ada", True), ("grace", False)):
        queued = t.event(1, kind="added_to_merge_queue", actor=t.actor(who))
        assert iteration(pull(queued, merged_by=queue)).self_merged_unreviewed is expected


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("reviews", {"review_rounds", "total_comments", "reviewers", "self_merged_unreviewed"}),
        ("threads", {"review_rounds", "total_comments", "review_threads", "unresolved_threads"}),
        ("events", {"review_rounds", "commits_after_first_review", "force_pushes_after_review"}),
        ("commits", {"review_rounds", "commits_after_first_review"}),
        ("comments", {"total_comments", "bot_comments"}),
    ],
)
def test_what_was_not_read_completely_is_missing(name: str, missing: set[str]) -> None:
    record = pull(review(1, "changes_requested"), pushed(2), thread(1), t.comment(1), merged_by=t.actor("ada"))
    assert None not in {getattr(iteration(record), each) for each in missing}
    cut = ChildSet(getattr(record, name).items, total=99)
    for incomplete in (replace(record, **{name: cut}), replace(record, **{name: None})):
        assert {getattr(iteration(incomplete), each) for each in missing} == {None}


def test_a_timeline_without_commits_does_not_say_when_they_came() -> None:
    found = iteration(pull(review(1, "changes_requested"), forced(2), events=t.whole([forced(2)])))
    assert (found.review_rounds, found.commits_after_first_review, found.reviewers) == (None, None, 1)


hours = st.integers(-8, 40).map(lambda quarter: quarter / 4)
people = st.sampled_from(["ada", "grace", "carol"])
states = st.sampled_from(["approved", "commented", "changes_requested", "dismissed"])
children = st.lists(
    st.one_of(
        st.builds(lambda *of: review(*of, comments_count=1), hours, states, people),
        st.builds(thread, hours, people),
        st.builds(lambda at, place, is_merge: pushed(at, place, is_merge=is_merge), hours, hours, st.booleans()),
        st.builds(forced, hours),
    ),
    max_size=12,
    unique_by=lambda child: (type(child), child[0].sha if isinstance(child, tuple) else child.node_id),
)


@given(children, st.randoms(use_true_random=False))
def test_the_order_of_what_was_read_does_not_matter(found: list[Any], chance: random.Random) -> None:
    record = pull(*found)
    names = ("reviews", "threads", "comments", "commits", "events")
    mixed = {name: t.whole(chance.sample(items := getattr(record, name).items, len(items))) for name in names}
    assert iteration(replace(record, **mixed)) == iteration(record)


@given(children)
def test_rounds_are_never_more_than_requests_and_answers_never_negative(found: list[Any]) -> None:
    result = iteration(pull(*found))
    if result.review_rounds is None:
        assert result.commits_after_first_review is result.avg_fix_response_hours is None
        return
    asked = [one for one in _of(ReviewRecord, tuple(found)) if one.state in ("changes_requested", "commented")]
    assert 0 <= result.review_rounds <= len(asked)
    assert result.avg_fix_response_hours is None or result.avg_fix_response_hours > 0
    assert result.reviewers


@given(children, st.integers(-1000, 1000))
def test_shifting_everything_changes_nothing(found: list[Any], by: int) -> None:
    record = pull(*found)
    assert iteration(shifted(record, timedelta(hours=by))) == iteration(record)


def shifted(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, tuple):
        return tuple(shifted(item, by) for item in value)
    if hasattr(value, "__dataclass_fields__"):
        return replace(value, **{name: shifted(getattr(value, name), by) for name in value.__dataclass_fields__})
    return value


def test_a_source_that_knows_commits_only_says_nothing() -> None:
    children = dict.fromkeys(("reviews", "threads", "comments", "events"))
    assert iteration(t.pull_request(1, source="git", merged_by=None, **children)) == Iteration()
