"""How a step moves from state to state, and when it is tried again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from tformance.core.clock import now
from tformance.sync.models import SyncRun, SyncStep

State = SyncStep.State

ALLOWED: dict[str, Collection[str]] = {
    State.PENDING: {State.RUNNING, State.FAILED},
    State.RUNNING: {State.RUNNING, State.PENDING, State.PARTIAL, State.COMPLETE, State.FAILED},
    State.PARTIAL: {State.RUNNING, State.FAILED},
    State.FAILED: {State.PENDING},
    State.COMPLETE: set(),
}
OPEN = (State.PENDING, State.RUNNING, State.PARTIAL)

QUICK_RETRIES = tuple(timedelta(seconds=seconds) for seconds in (5, 20, 60))
EVERY_MINUTE_FOR = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=14)


class StaleStep(Exception):
    """Somebody else has moved the step on since it was read."""


def move(step: SyncStep, state: str, **values: Any) -> None:
    """Change a step's state by compare-and-set on (state, attempt); raises StaleStep when another was first."""
    if state not in ALLOWED[step.state]:
        raise ValueError(f"a step cannot go from {step.state} to {state}")
    same = SyncStep.objects.filter(pk=step.pk, state=step.state, attempt=step.attempt)
    if not same.update(state=state, **values):
        raise StaleStep
    for name, value in {"state": state, **values}.items():
        setattr(step, name, value)


def take(step: SyncStep) -> None:
    """Start to work on a step. One that is still `running` was left behind by a worker that died: a failure."""
    instant = now()
    died = step.state == State.RUNNING
    move(
        step,
        State.RUNNING,
        attempt=step.attempt + 1,
        failures=step.failures + died,
        failing_since=step.failing_since or (instant if died else None),
        not_before=None,
        started_at=step.started_at or instant,
        heartbeat_at=instant,
    )


def is_deadly(step: SyncStep) -> bool:
    """Whether workers died of it again and again without a page of progress."""
    return step.state == State.RUNNING and step.failures >= len(QUICK_RETRIES)


def complete(step: SyncStep) -> None:
    move(step, State.COMPLETE, finished_at=now(), not_before=None, failing_since=None, failures=0, error="")


def wait(step: SyncStep, until: datetime, reason: str) -> None:
    """The provider asks for patience: nobody's failure."""
    move(step, State.PENDING, not_before=until, error=reason)


def put_back(step: SyncStep) -> None:
    """The worker's turn is over, the work is not."""
    move(step, State.PENDING)


def fail(step: SyncStep, reason: str) -> None:
    """End a step for good; only the user opens it again."""
    move(step, State.FAILED, finished_at=now(), not_before=None, error=reason)


def reopen(step: SyncStep) -> None:
    """A step that was given up gets a new start from where it stopped."""
    move(step, State.PENDING, failures=0, failing_since=None, finished_at=None, not_before=None)


def retry_later(step: SyncStep, reason: str) -> None:
    """After 5, 20 and 60 seconds; then the step is partial and offered every minute, hourly, at last given up."""
    instant = now()
    since = step.failing_since or instant
    failures = step.failures + 1
    delay = delay_after(failures, instant - since)
    if delay is None:
        fail(step, reason)
        return
    state = State.PENDING if failures <= len(QUICK_RETRIES) else State.PARTIAL
    move(step, state, failures=failures, failing_since=since, not_before=instant + delay, error=reason)


def delay_after(failures: int, failing_for: timedelta) -> timedelta | None:
    """How long to wait after so many failures in a row; None gives up."""
    if failures <= len(QUICK_RETRIES):
        return QUICK_RETRIES[failures - 1]
    if failing_for < EVERY_MINUTE_FOR:
        return timedelta(minutes=1)
    return timedelta(hours=1) if failing_for < GIVE_UP_AFTER else None


def outcome(states: Collection[str]) -> str:
    """Running while a step is pending or running, else the worst of its steps."""
    if State.PENDING in states or State.RUNNING in states:
        return SyncRun.State.RUNNING
    if State.FAILED in states:
        return SyncRun.State.FAILED
    return SyncRun.State.PARTIAL if State.PARTIAL in states else SyncRun.State.COMPLETE
