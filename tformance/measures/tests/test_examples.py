"""Measures on rows few enough to work out by hand, one rule at a time."""

from typing import Any

from tformance.facts.records import ChildSet, PullRequestRecord
from tformance.facts.testing import actor, at, comment, commit, event, file, pull_request, review, thread, whole
from tformance.measures.tests.conftest import Ask, Land, merged


def walked(number: int, **fields: Any) -> PullRequestRecord:
    """First commit 2 h before opening as a draft, ready after 1 h, a remark after 4 that a push answers after 5.5,
    approved after 6, merged after 8."""
    remark = comment(number, kind="review", created_at=at(4))
    answer = commit(number + 500, authored_at=at(5), committed_at=at(5.5))
    given: dict[str, Any] = {
        "commits": whole([commit(number, authored_at=at(-2), committed_at=at(-2)), answer]),
        "events": whole(
            [
                event(number, kind="ready_for_review", occurred_at=at(1)),
                event(number + 500, kind="commit", occurred_at=at(5.5), after=answer.sha),
            ]
        ),
        "reviews": whole(
            [
                review(number * 10, state="commented", submitted_at=at(4), comments_count=1),
                review(number * 10 + 1, state="approved", submitted_at=at(6)),
            ]
        ),
        "threads": whole([thread(number, comments=whole([remark]))]),
        "files": whole([file("src/shop.py", additions=30, deletions=10), file("uv.lock", additions=900, deletions=0)]),
        "additions": 930,
        "deletions": 10,
    }
    return merged(number, 8, **(given | fields))


def test_commits_count_once_on_the_day_they_were_committed(land: Land, ask: Ask) -> None:
    shared = commit(7, committed_at=at(3))
    marked = commit(8, committed_at=at(4), message="Change\n\nCo-authored-by: Claude <noreply@anthropic.com>")
    land(merged(1, 8, commits=whole([shared, marked])), merged(2, 9, commits=whole([shared])))
    assert ask("commits").total.value == 2
    assert ask("ai_marked_commits").total.value == 1
    assert ask("ai_marked_commits", "share").total.value == 0.5


def test_reviews_count_for_who_gave_them_and_when(land: Land, ask: Ask) -> None:
    ada, grace, bot = actor("ada"), actor("grace"), actor("coderabbitai", kind="bot")
    reviews = [
        review(1, author=grace, submitted_at=at(1)),
        review(2, author=grace, submitted_at=at(24 * 8)),
        review(3, author=ada, submitted_at=at(2)),
        review(4, author=bot, submitted_at=at(2)),
        review(5, author=grace, state="pending", submitted_at=None),
    ]
    land(pull_request(1, author=ada, reviews=whole(reviews)))
    (row,) = ask("reviews_given", by=("author",)).rows
    assert (row.key[0].label, row.value) == ("grace", 1)


def test_a_share_of_evidence_is_a_floor_with_a_ceiling(land: Land, ask: Ask) -> None:
    mark = commit(1, message="Change\n\nCo-authored-by: Claude <noreply@anthropic.com>")
    unread = ChildSet((commit(3),), total=300)
    land(
        merged(1, 8, commits=whole([mark])),
        merged(2, 8, commits=whole([commit(2)])),
        merged(3, 8, commits=unread),
        merged(4, 8, commits=whole([commit(4)])),
    )
    share = ask("ai_marked_share").total
    assert (share.value, share.n, share.missing, share.ceiling) == (0.25, 3, 1, 0.5)
    assert ask("ai_marked_share", "sum").total.value == 1


def test_a_pull_request_that_nobody_reviewed_has_no_rounds_rather_than_none(land: Land, ask: Ask) -> None:
    land(walked(1), merged(2, 8, reviews=whole([review(2, submitted_at=at(3))])), merged(3, 8))
    total = ask("review_rounds").total
    assert (total.value, total.n, total.missing) == (0.5, 2, 1)
    assert ask("review_rounds", "mean").total.value == 0.5
    answered = ask("fix_response").total
    assert (answered.value, answered.n, answered.missing) == (1.5, 1, 2)


def test_talk_adds_up_and_bots_do_not(land: Land, ask: Ask) -> None:
    bot = actor("coderabbitai", kind="bot")
    said = [comment(1), comment(2), comment(3, author=bot)]
    land(merged(1, 8, comments=whole(said)), merged(2, 8, reviews=whole([review(2, body="Why?")])), merged(3, 8))
    assert ask("comments", "sum").total.value == 3
    assert ask("comments").total.value == 1
    assert ask("comments", "mean").total.value == 1


def test_shares_of_reverts_hotfixes_and_what_was_merged_alone(land: Land, ask: Ask) -> None:
    alone = {"merged_by": actor("ada")}
    land(
        merged(1, 8, **alone),
        merged(2, 12, opened=9, body="Reverts acme/shop#1"),
        merged(3, 16, opened=13, body="Reverts acme/shop#2"),
        merged(4, 20, opened=17, title='Revert "colours" in the theme', labels=("hotfix",), reviews=None, **alone),
    )
    assert ask("revert_share").total.value == 0.25
    assert ask("revert_share", "sum").total.value == 1
    assert ask("hotfix_share").total.value == 0.25
    unreviewed = ask("self_merged_unreviewed").total
    assert (unreviewed.value, unreviewed.n, unreviewed.missing) == (0.25, 3, 1)
