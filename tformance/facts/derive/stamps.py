"""The stamps of a pull request's life and the times between them.

started ─ opened ─ ready ─ reviewed ─ approved ─ merged: each stamp is clamped to [the stamp before it, merged], so
that the phases between them are never negative and sum exactly to the lead time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tformance.facts.derive.reviews import human_reviews
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
    approved = max((instant for instant, review in reviews if review.state == "approved"), default=None)
    ready, in_draft = _ready(record, reviewed)
    raw = (_started(record), record.opened_at, ready, reviewed, approved)
    clamped = list(_clamped(raw, record.merged_at))
    moved = sum(before != after for before, after in zip(raw, clamped, strict=True))
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


def _started(record: PullRequestRecord) -> datetime | None:
    """The first authored commit, but not after the opening: rebasing and clock skew move commits forward."""
    if record.commits is None or not record.commits.complete or not record.commits.items:
        return None
    first = min(commit.authored_at for commit in record.commits.items)
    return min(first, record.opened_at) if record.opened_at else first


def _ready(record: PullRequestRecord, reviewed: datetime | None) -> tuple[datetime | None, bool]:
    """When reviewers were last told to start before the first review, and whether that review came in draft."""
    if record.events is None or not record.events.complete or record.opened_at is None:
        return None, False
    changes = _draft_changes(record)
    until = reviewed or record.merged_at
    past = [change for change in changes if until is None or change[0] <= until]
    in_draft = past[-1][1] if past else _opened_as_draft(record, changes)
    if in_draft:
        return reviewed, reviewed is not None
    return next((instant for instant, is_draft in reversed(past) if not is_draft), record.opened_at), False


def _draft_changes(record: PullRequestRecord) -> list[tuple[datetime, bool]]:
    """(instant, is a draft from then on), oldest first."""
    kinds = {"ready_for_review": False, "convert_to_draft": True}
    events = record.events.items if record.events else ()
    ordered = sorted(events, key=lambda event: (event.occurred_at, event.position))
    return [(event.occurred_at, kinds[event.kind]) for event in ordered if event.kind in kinds]


def _opened_as_draft(record: PullRequestRecord, changes: list[tuple[datetime, bool]]) -> bool:
    """No event tells of the opening itself: it was in draft when the first change is to ready."""
    return not changes[0][1] if changes else record.is_draft


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
