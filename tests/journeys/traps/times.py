"""When a clock starts and stops: drafts, reopening, late reviews, moved commits."""

from tests.journeys.traps.stage import OWNER, Stage, stamp


def play(stage: Stage) -> None:
    for scene in (
        drafts,
        closed_as_draft,
        review_in_draft,
        reopened,
        review_after_merge,
        approvals,
        one_push_for_two,
        pending_review,
        repeated_requests,
        team_requests,
        rebased,
        wrong_clocks,
        merge_queue,
        merge_queue_batch,
        rounds_dismissed,
    ):
        scene(stage)


def drafts(stage: Stage) -> None:
    pull = stage.repository("drafts").pull(merged=12)
    pull.event(5, "READY_FOR_REVIEW_EVENT")
    pull.event(6, "CONVERT_TO_DRAFT_EVENT")
    pull.event(8, "READY_FOR_REVIEW_EVENT")
    pull.review(9)


def closed_as_draft(stage: Stage) -> None:
    """One is given up while it is a draft; another is closed as a draft, opened again and made ready."""
    repository = stage.repository("closed-as-draft")
    repository.pull(closed=7, is_draft=True)
    again = repository.pull(merged=20)
    again.event(6, "CLOSED_EVENT")
    again.event(8, "REOPENED_EVENT")
    again.event(9, "READY_FOR_REVIEW_EVENT")


def review_in_draft(stage: Stage) -> None:
    pull = stage.repository("review-in-draft").pull(merged=12)
    pull.review(2, state="COMMENTED")
    pull.event(5, "READY_FOR_REVIEW_EVENT")
    pull.review(9)


def reopened(stage: Stage) -> None:
    pull = stage.repository("reopened").pull(merged=50)
    pull.event(10, "CLOSED_EVENT")
    pull.event(30, "REOPENED_EVENT")


def review_after_merge(stage: Stage) -> None:
    pull = stage.repository("review-after-merge").pull(merged=2)
    pull.review(5)


def approvals(stage: Stage) -> None:
    repository = stage.repository("approvals")
    changed_mind = repository.pull(merged=10)
    changed_mind.review(2, "ben")
    changed_mind.review(3, "ben", "CHANGES_REQUESTED")
    changed_mind.review(6, "ben")
    taken_back = repository.pull(merged=10)
    taken_back.review(2, "ben")
    gone = taken_back.review(5, "cho", "DISMISSED")
    taken_back.event(6, "REVIEW_DISMISSED_EVENT", review_id=gone["id"], previous_review_state="APPROVED")
    objected = repository.pull(merged=10)
    objected.review(2, "ben")
    objected.review(4, "ben", "CHANGES_REQUESTED")


def one_push_for_two(stage: Stage) -> None:
    pull = stage.repository("one-push-for-two").pull(merged=10)
    pull.review(2, "ben", "CHANGES_REQUESTED")
    pull.review(3, "cho", "CHANGES_REQUESTED")
    pull.commit(5)
    pull.review(6, "ben")


def pending_review(stage: Stage) -> None:
    pull = stage.repository("pending-review").pull(merged=10)
    pull.review(None, "cho", "PENDING")
    pull.review(4, "ben")


def repeated_requests(stage: Stage) -> None:
    pull = stage.repository("repeated-requests").pull(merged=10)
    for hours, kind, who in (
        (1, "REVIEW_REQUESTED_EVENT", "ben"),
        (2, "REVIEW_REQUEST_REMOVED_EVENT", "ben"),
        (3, "REVIEW_REQUESTED_EVENT", "ben"),
        (4, "REVIEW_REQUESTED_EVENT", "cho"),
    ):
        pull.event(hours, kind, requested_reviewer=who)
    pull.review(5, "cho")


def team_requests(stage: Stage) -> None:
    """A team of two was asked: a member answered one, somebody else another, nobody the third, the fourth is asked for again."""
    stage.add(
        "teams", organization=OWNER, slug="keepers", name="Keepers", created_at=stamp(-99), members=["cho", "abbott"]
    )
    repository = stage.repository("team-requests")
    answered, by_another, ignored, asked_again = (repository.pull() for _ in range(4))
    for pull in (answered, by_another, ignored, asked_again):
        pull.event(1, "REVIEW_REQUESTED_EVENT", requested_reviewer="team:keepers")
    answered.review(3, "cho", "COMMENTED")
    by_another.review(3, "ben", "COMMENTED")
    asked_again.review(3, "cho", "COMMENTED")
    asked_again.event(5, "REVIEW_REQUESTED_EVENT", requested_reviewer="team:keepers")


def rebased(stage: Stage) -> None:
    """Written ten hours before the opening, rebased and forced up after it."""
    pull = stage.repository("rebased").pull(merged=10, commits=False)
    pull.commit(-10, committed=4)
    pull.event(4, "HEAD_REF_FORCE_PUSHED_EVENT")


def wrong_clocks(stage: Stage) -> None:
    repository = stage.repository("wrong-clocks")
    future = repository.pull(merged=10, commits=False)
    future.commit(100_000)
    past = repository.pull(merged=10, commits=False)
    past.commit(-450_000)  # half a century


def merge_queue(stage: Stage) -> None:
    pull = stage.repository("merge-queue").pull(merged=10, merged_by="github-merge-queue")
    pull.event(7, "ADDED_TO_MERGE_QUEUE_EVENT", actor="ana")
    pull.event(10, "REMOVED_FROM_MERGE_QUEUE_EVENT", actor="github-merge-queue")


def merge_queue_batch(stage: Stage) -> None:
    """The queue merges two at once, as commits of its own making, and both go out with the second."""
    repository = stage.repository("merge-queue-batch")
    before = repository.pull(opened=-30, merged=-25)
    pulls = [repository.pull(merged=10, merged_by="github-merge-queue") for _ in range(2)]
    for pull, hours, author in zip(pulls, (7, 9), ("ana", "ben"), strict=True):
        pull.event(hours, "ADDED_TO_MERGE_QUEUE_EVENT", actor=author)
        pull.event(10, "REMOVED_FROM_MERGE_QUEUE_EVENT", actor="github-merge-queue")
    repository.deployment(before.oid, -20, "SUCCESS")
    repository.deployment(pulls[1].oid, 12, "SUCCESS")


def rounds_dismissed(stage: Stage) -> None:
    pull = stage.repository("rounds-dismissed").pull(merged=10)
    asked = pull.review(2, "ben", "DISMISSED")
    pull.commit(4)
    pull.event(5, "REVIEW_DISMISSED_EVENT", review_id=asked["id"], previous_review_state="CHANGES_REQUESTED")
    pull.review(6, "cho")
