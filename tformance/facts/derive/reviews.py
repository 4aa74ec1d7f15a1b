"""Which reviews count."""

from datetime import datetime

from tformance.facts.derive.automation import is_human
from tformance.facts.derive.pushes import pushes
from tformance.facts.records import ActorRecord, PullRequestRecord, ReviewRecord


def counts(review: ReviewRecord, record: PullRequestRecord) -> bool:
    """A submitted review by a person who did not write the pull request; one that was dismissed was a review.

    Who puts a commit into it is a reviewer only before that.
    """
    return _is_by_person(review) and _is_by_somebody_else(review, record.author) and not _wrote_before(review, record)


def human_reviews(record: PullRequestRecord) -> list[tuple[datetime, ReviewRecord]]:
    """The reviews that count and came before the merge, oldest first, each with its instant."""
    return _before_merge(record, [review for review in _reviews(record) if counts(review, record)])


def approved_at(record: PullRequestRecord, reviews: list[tuple[datetime, ReviewRecord]]) -> datetime | None:
    """The last approval that held at the merge: of each reviewer the last decision counts, and none taken back.

    `reviews` are the record's human reviews.
    """
    decisions: dict[int, tuple[datetime, str]] = {}
    for instant, review in reviews:
        state = _state_at_merge(record, review)
        if state in ("approved", "changes_requested"):
            decisions[review.author.provider_id] = instant, state
    return max((instant for instant, state in decisions.values() if state == "approved"), default=None)


def _state_at_merge(record: PullRequestRecord, review: ReviewRecord) -> str:
    """One that was dismissed after the merge still held at it."""
    if review.dismissed_at and record.merged_at and review.dismissed_at > record.merged_at:
        return review.dismissed_from
    return review.state


def asked_for_changes(review: ReviewRecord) -> bool:
    """Also if that was dismissed later: it was a request at its time."""
    return "changes_requested" in (review.state, review.dismissed_from)


def first_bot_review(record: PullRequestRecord) -> datetime | None:
    """When a bot or AI reviewer first spoke up before the merge."""
    by_bots = [
        review
        for review in _reviews(record)
        if _is_by_somebody_else(review, record.author) and not _is_by_person(review)
    ]
    return next((instant for instant, _ in _before_merge(record, by_bots)), None)


def _reviews(record: PullRequestRecord) -> tuple[ReviewRecord, ...]:
    return record.reviews.items if record.reviews else ()


def _is_by_person(review: ReviewRecord) -> bool:
    return is_human(review.author.kind, review.author.login, review.author.verdict)


def _wrote_before(review: ReviewRecord, record: PullRequestRecord) -> bool:
    """By the timeline, else by the commit's date. Merging the base in is no writing; a deleted account may be anybody."""
    if record.commits is None or review.author.kind == "ghost":
        return False
    key = review.author.provider_id
    own = [
        each for each in record.commits.items if each.author and each.author.provider_id == key and not each.is_merge
    ]
    came = {push.sha: push.at for push in pushes(record)} if own else {}
    given = review.submitted_at
    return given is not None and any(came.get(commit.sha, commit.committed_at) <= given for commit in own)


def _is_by_somebody_else(review: ReviewRecord, author: ActorRecord) -> bool:
    is_submitted = review.submitted_at is not None and review.state != "pending"
    return is_submitted and review.author.provider_id != author.provider_id


def _before_merge(record: PullRequestRecord, reviews: list[ReviewRecord]) -> list[tuple[datetime, ReviewRecord]]:
    merged = record.merged_at
    found = [(review.submitted_at, review) for review in reviews if review.submitted_at is not None]
    return sorted(
        ((instant, review) for instant, review in found if merged is None or instant <= merged),
        key=lambda pair: (pair[0], pair[1].provider_id),
    )
