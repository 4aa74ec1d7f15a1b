"""Waiting that is no phase of its own: as a draft, and in a merge queue."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from tformance.facts.records import EventRecord, PullRequestRecord

# A queue takes out what it has merged, about then; taken out earlier, it was not the queue that merged it.
AT_THE_MERGE: Final = timedelta(minutes=1)


def enqueued(record: PullRequestRecord) -> EventRecord | None:
    """How it came into the merge queue that merged it."""
    merged = record.merged_at
    if merged is None:
        return None
    kinds = ("added_to_merge_queue", "removed_from_merge_queue")
    events = record.events.items if record.events else ()
    queue = [event for event in events if event.kind in kinds and event.occurred_at <= merged]
    queue = [event for event in queue if event.kind == kinds[0] or event.occurred_at < merged - AT_THE_MERGE]
    last = max(queue, key=lambda event: (event.occurred_at, event.position), default=None)
    return last if last and last.kind == kinds[0] else None


def queue_time(record: PullRequestRecord) -> timedelta | None:
    """From the queue to the merge; None where it was not queued or not all events are known."""
    if record.merged_at is None or record.events is None or not record.events.complete:
        return None
    added = enqueued(record)
    return record.merged_at - added.occurred_at if added else None


def draft_time(record: PullRequestRecord) -> timedelta | None:
    """All the time as a draft until it was merged or closed; none if it never was one, not known yet while it is."""
    end = record.merged_at or record.closed_at
    if record.events is None or not record.events.complete or record.opened_at is None:
        return None
    changes = draft_changes(record)
    if end is None:
        if record.is_draft:
            return None
        end = max((instant for instant, _ in changes), default=record.opened_at)
    states = [(record.opened_at, opened_as_draft(record, changes)), *changes, (end, False)]
    spans = [min(after, end) - min(before, end) for (before, is_draft), (after, _) in pairwise(states) if is_draft]
    return sum((max(span, timedelta()) for span in spans), timedelta()) or None


def draft_changes(record: PullRequestRecord) -> list[tuple[datetime, bool]]:
    """(instant, is a draft from then on), oldest first."""
    kinds = {"ready_for_review": False, "convert_to_draft": True}
    events = record.events.items if record.events else ()
    ordered = sorted(events, key=lambda event: (event.occurred_at, event.position))
    return [(event.occurred_at, kinds[event.kind]) for event in ordered if event.kind in kinds]


def opened_as_draft(record: PullRequestRecord, changes: list[tuple[datetime, bool]]) -> bool:
    """No event tells of the opening itself: it was in draft when the first change is to ready."""
    return not changes[0][1] if changes else record.is_draft
