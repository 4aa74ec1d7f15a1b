"""What moved the head of a pull request, and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tformance.facts.records import EventRecord, PullRequestRecord


@dataclass(frozen=True, slots=True)
class Push:
    """The head moved: by one commit, whose sha it is, or by force."""

    at: datetime
    by_force: bool
    sha: str


def pushes(record: PullRequestRecord) -> Iterator[Push]:
    """Whoever made them: providers do not say who pushed a commit. Merging the base in moves nothing on.

    A commit's own date may be long before it was pushed, but it came after the push before it in the timeline.
    """
    merges = {commit.sha for commit in record.commits.items if commit.is_merge} if record.commits else set()
    events = record.events.items if record.events else ()
    moves = [event for event in events if event.kind in ("commit", "head_ref_force_pushed")]
    before: datetime | None = None
    for event in sorted(moves, key=_by_position):
        by_force = event.kind != "commit"
        instant = event.occurred_at if by_force or before is None else max(event.occurred_at, before)
        before = instant
        if by_force or event.after not in merges:
            yield Push(instant, by_force, event.after)


def _by_position(event: EventRecord) -> tuple[int, str]:
    return event.position, event.node_id
