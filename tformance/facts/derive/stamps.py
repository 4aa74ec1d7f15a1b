"""The stamps of a pull request's life and the times between them.

started ─ opened ─ ready ─ reviewed ─ approved ─ merged: each stamp is clamped to [the stamp before it, merged], so
that the phases between them are never negative and sum exactly to the lead time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from tformance.facts.derive.reviews import approved_at, human_reviews
from tformance.facts.derive.waits import draft_changes, opened_as_draft
from tformance.facts.records import PullRequestRecord


@dataclass(frozen=True, slots=True)
class Stamps:
    """Instants in their order, None where unknown or not reached; `clamped` of them had to be moved.

    `reviewed_in_draft`: the first review came while the pull request was a draft, so nobody waited to be picked up.
    """

    started: datetime | None
    opened: datetime | None
    ready: datetime | None
    reviewed: datetime | None
    approved: datetime | None
    merged: datetime | None
    clamped: int
    reviewed_in_draft: bool


# The first commit of git's own history.
GIT_BEGAN: Final = datetime(2005, 4, 7, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Times:
    """None where a stamp at either end is missing."""

    cycle: timedelta | None
    review: timedelta | None
    lead: timedelta | None
    coding_phase: timedelta | None
    draft_phase: timedelta | None
    pickup_phase: timedelta | None
    review_phase: timedelta | None
    merge_phase: timedelta | None


def stamps(record: PullRequestRecord) -> Stamps:
    reviews = human_reviews(record) if record.reviews and record.reviews.complete else []
    reviewed = reviews[0][0] if reviews else None
    ready, in_draft = _ready(record, reviewed)
    started, is_impossible = _started(record)
    raw = (started, record.opened_at, ready, reviewed, approved_at(record, reviews))
    clamped = list(_clamped(raw, record.merged_at))
    moved = is_impossible + sum(before != after for before, after in zip(raw, clamped, strict=True))
    started, opened, ready, reviewed, approved = clamped
    return Stamps(started, opened, ready, reviewed, approved, record.merged_at, moved, in_draft)


def times(at: Stamps) -> Times:
    return Times(
        cycle=_between(at.opened, at.merged),
        review=_between(at.opened, at.reviewed),
        lead=_between(at.started, at.merged),
        coding_phase=_between(at.started, at.opened),
        draft_phase=_between(at.opened, at.ready),
        pickup_phase=_between(at.ready, at.reviewed),
        review_phase=_between(at.reviewed, at.approved),
        merge_phase=_between(at.approved, at.merged),
    )


def _started(record: PullRequestRecord) -> tuple[datetime | None, bool]:
    """The first authored commit, and whether one claims to be older than git itself, which is no start.

    Not after the opening: rebasing and clock skew move commits forward.
    """
    if record.commits is None or not record.commits.complete or not record.commits.items:
        return None, False
    authored = [commit.authored_at for commit in record.commits.items]
    possible = [instant for instant in authored if instant >= GIT_BEGAN]
    first = min(possible, default=record.opened_at)
    return min(first, record.opened_at) if first and record.opened_at else first, len(possible) < len(authored)


def _ready(record: PullRequestRecord, reviewed: datetime | None) -> tuple[datetime | None, bool]:
    """When reviewers were last told to start before the first review, and whether that review came in draft."""
    if record.events is None or not record.events.complete or record.opened_at is None:
        return None, False
    changes = draft_changes(record)
    until = reviewed or record.merged_at
    past = [change for change in changes if until is None or change[0] <= until]
    in_draft = past[-1][1] if past else opened_as_draft(record, changes)
    if in_draft:
        return reviewed, reviewed is not None
    return next((instant for instant, is_draft in reversed(past) if not is_draft), record.opened_at), False


def _clamped(raw: tuple[datetime | None, ...], merged: datetime | None) -> Iterator[datetime | None]:
    before: datetime | None = None
    for instant in raw:
        if instant is None:
            yield None
            continue
        instant = max(instant, before) if before else instant
        before = min(instant, merged) if merged else instant
        yield before


def _between(start: datetime | None, end: datetime | None) -> timedelta | None:
    return end - start if start is not None and end is not None else None
