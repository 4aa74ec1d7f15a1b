"""What follows from an issue and its history: when it was worked on, whose it was, in which sprints, how it was estimated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tformance.facts.planning_records import EstimateRecord, IssueRecord, SprintMoveRecord, TransitionRecord
from tformance.facts.records import ActorRecord

BUSY, DONE = "indeterminate", "done"


@dataclass(frozen=True, slots=True)
class Course:
    """`started_at` is the first move into work in progress, `done_at` the last move into a done status.

    Where the history tells of no such move, and it is resolved, that is when it was done. Hours are None where an end
    is not known or came before the beginning; `credited` is whose it was in the end.
    """

    started_at: datetime | None
    done_at: datetime | None
    cycle_time_hours: float | None
    lead_time_hours: float | None
    credited: ActorRecord | None


@dataclass(frozen=True, slots=True)
class Stay:
    """Time in a sprint, which has this id at the provider; `left_at` None where nobody took the issue out of it."""

    sprint: int
    joined_at: datetime
    left_at: datetime | None


def course(issue: IssueRecord) -> Course:
    """An issue that was reopened is not done, whatever it was before."""
    started, done = _first(issue.transitions, BUSY), _done_at(issue)
    ended = issue.resolved_at or done
    return Course(
        started_at=started,
        done_at=done,
        cycle_time_hours=_hours(started, done),
        lead_time_hours=_hours(issue.created_at, ended),
        credited=_credited(issue, done or ended),
    )


def _first(transitions: Sequence[TransitionRecord], category: str) -> datetime | None:
    return next((each.at for each in transitions if each.after.category == category), None)


def _done_at(issue: IssueRecord) -> datetime | None:
    """From one done status to another is no new end."""
    if issue.status.category != DONE:
        return None
    moves = [each.at for each in issue.transitions if each.after.category == DONE and each.before.category != DONE]
    return moves[-1] if moves else issue.resolved_at


def _hours(start: datetime | None, end: datetime | None) -> float | None:
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds() / 3600


def _credited(issue: IssueRecord, at: datetime | None) -> ActorRecord | None:
    """The assignee then: the current one with later changes taken back; a change at that instant counts."""
    if at is None:
        return None
    later = [each for each in issue.assignments if each.at > at]
    return later[0].before if later else issue.assignee


def stays(issue: IssueRecord) -> tuple[Stay, ...]:
    """What the history does not tell was so from the beginning; what it contradicts in the end, since its last entry."""
    found: list[Stay] = []
    opened: dict[int, datetime] = {}
    for at, inside in _sprint_sets(issue):
        for sprint in sorted(opened.keys() - inside):
            joined = opened.pop(sprint)
            found += [Stay(sprint, joined, at)] if joined < at else []
        opened |= dict.fromkeys(inside - opened.keys(), at)
    return (*found, *(Stay(sprint, joined, None) for sprint, joined in sorted(opened.items())))


def _sprint_sets(issue: IssueRecord) -> list[tuple[datetime, set[int]]]:
    """From when on it was in which sprints."""
    moves: Sequence[SprintMoveRecord] = issue.sprint_moves
    first = moves[0].before if moves else issue.sprints
    sets = [(issue.created_at, set(first)), *((move.at, set(move.after)) for move in moves)]
    return [*sets, (sets[-1][0], set(issue.sprints))]


def estimates(issue: IssueRecord) -> tuple[tuple[datetime, Decimal | None], ...]:
    """From when on it was estimated at how much; nothing where nobody ever estimated. Of one instant the last word."""
    changes: Sequence[EstimateRecord] = issue.estimates
    first = changes[0].before if changes else issue.points
    found: dict[datetime, Decimal | None] = {} if first is None else {issue.created_at: first}
    return tuple((found | {change.at: change.after for change in changes}).items())
