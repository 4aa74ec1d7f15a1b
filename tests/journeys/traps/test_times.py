import pytest

from tests.journeys.traps.asked import Asked


def test_draft_time_is_no_waiting_for_review(asked: Asked) -> None:
    pull = asked.pull("drafts")
    assert (pull.draft_phase_hours, pull.pickup_phase_hours) == (8, 1)
    assert asked.value("drafts", "draft_time") == 5 + 2


def test_what_is_closed_as_a_draft_was_one_until_then(asked: Asked) -> None:
    given_up, again = (asked.pull("closed-as-draft", number) for number in (1, 2))
    assert (given_up.draft_time_hours, again.draft_time_hours) == (7, 9)
    assert asked.value("closed-as-draft", "cycle_time") == 20


def test_a_review_during_draft_leaves_no_pickup_and_is_flagged(asked: Asked) -> None:
    pull = asked.pull("review-in-draft")
    assert (pull.reviewed_in_draft, pull.pickup_phase_hours) == (True, 0)


def test_a_reopened_pull_request_runs_from_its_first_opening(asked: Asked) -> None:
    assert asked.value("reopened", "cycle_time") == 50


def test_a_review_after_the_merge_is_no_first_review(asked: Asked) -> None:
    row = asked.measure("review-after-merge", "review_time", "median")
    assert (row.value, row.n, row.missing) == (None, 0, 1)
    assert asked.value("review-after-merge", "reviews_given", "count") == 1


def test_an_approval_is_the_reviewers_last_word_and_one_taken_back_is_none(asked: Asked) -> None:
    assert asked.pull("approvals", 1).merge_phase_hours == 10 - 6
    assert asked.pull("approvals", 2).merge_phase_hours == 10 - 2
    assert asked.pull("approvals", 3).merge_phase_hours is None


def test_two_requests_before_one_push_are_one_round(asked: Asked) -> None:
    assert asked.value("one-push-for-two", "review_rounds") == 1
    assert asked.value("one-push-for-two", "fix_response") == 3  # from the first request


def test_a_review_that_is_not_handed_in_does_not_count(asked: Asked) -> None:
    assert asked.value("pending-review", "review_time") == 4
    assert asked.value("pending-review", "reviews_given", "count") == 1


def test_repeated_and_withdrawn_requests_do_not_move_the_clock(asked: Asked) -> None:
    assert asked.pull("repeated-requests").pickup_phase_hours == 5


def test_a_team_that_was_asked_is_answered_by_the_first_of_its_members(asked: Asked) -> None:
    assert asked.numbers("team-requests", asked=("keepers",)) == {2, 3, 4}
    assert asked.numbers("team-requests", asked=("",)) == {1}
    assert asked.value("team-requests", "opened_prs", "count", asked=("keepers",)) == 3


def test_rebasing_does_not_move_when_work_began(asked: Asked) -> None:
    assert asked.pull("rebased").coding_phase_hours == 10


def test_a_clock_that_runs_ahead_is_held_by_the_opening(asked: Asked) -> None:
    assert asked.pull("wrong-clocks", 1).coding_phase_hours == 0


def test_a_commit_from_before_there_was_git_is_no_start(asked: Asked) -> None:
    pull = asked.pull("wrong-clocks", 2)
    assert pull.lead_time_hours == pytest.approx(10)
    assert pull.clamped_stamps == 1


def test_waiting_in_the_merge_queue_is_a_stage_and_who_enqueued_merged(asked: Asked) -> None:
    assert asked.value("merge-queue", "queue_time") == 3
    assert asked.value("merge-queue", "self_merged_unreviewed", "share") == 1


def test_a_batch_of_the_queue_is_each_ones_own_wait_and_one_delivery(asked: Asked) -> None:
    first, second = (asked.pull("merge-queue-batch", number) for number in (2, 3))
    assert (first.queue_time_hours, second.queue_time_hours) == (3, 1)
    assert asked.value("merge-queue-batch", "self_merged_unreviewed", "share") == 2 / 3, "who enqueued it merged it"
    assert first.merge_sha not in (first.head_sha, second.merge_sha)
    assert (first.deploy_time_hours, second.deploy_time_hours) == (2, 2)


def test_changes_requested_stay_a_round_when_the_review_is_dismissed_later(asked: Asked) -> None:
    assert asked.value("rounds-dismissed", "review_rounds") == 1
