from datetime import timedelta

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.sync import steps
from tformance.sync.models import Connection, SyncRun, SyncStep
from tformance.sync.steps import StaleStep

State = SyncStep.State


@pytest.mark.parametrize(
    ("failures", "failing_for", "delay"),
    [
        (1, timedelta(0), timedelta(seconds=5)),
        (2, timedelta(seconds=5), timedelta(seconds=20)),
        (3, timedelta(seconds=25), timedelta(seconds=60)),
        (4, timedelta(seconds=85), timedelta(minutes=1)),
        (60, timedelta(minutes=59), timedelta(minutes=1)),
        (61, timedelta(hours=1), timedelta(hours=1)),
        (390, timedelta(days=13, hours=23), timedelta(hours=1)),
        (400, timedelta(days=14), None),
    ],
)
def test_delays_grow_until_it_is_given_up(failures: int, failing_for: timedelta, delay: timedelta | None) -> None:
    assert steps.delay_after(failures, failing_for) == delay


@pytest.mark.parametrize("before", State.values)
@pytest.mark.parametrize("after", State.values)
def test_a_step_moves_only_as_allowed(team: Team, connection: Connection, before: str, after: str) -> None:
    with tenant(team.pk):
        step = SyncStep.objects.first()
        SyncStep.objects.filter(pk=step.pk).update(state=before)
        step.refresh_from_db()
        if after in steps.ALLOWED[before]:
            steps.move(step, after)
        else:
            with pytest.raises(ValueError, match="cannot go"):
                steps.move(step, after)
        step.refresh_from_db()
        assert step.state == (after if after in steps.ALLOWED[before] else before)


def test_of_two_that_take_a_step_one_wins(team: Team, connection: Connection) -> None:
    with tenant(team.pk):
        mine, theirs = SyncStep.objects.first(), SyncStep.objects.first()
        steps.take(mine)
        with pytest.raises(StaleStep):
            steps.take(theirs)


@pytest.mark.parametrize(
    ("states", "outcome"),
    [
        ({State.COMPLETE}, SyncRun.State.COMPLETE),
        ({State.COMPLETE, State.PARTIAL}, SyncRun.State.PARTIAL),
        ({State.COMPLETE, State.PARTIAL, State.FAILED}, SyncRun.State.FAILED),
        ({State.COMPLETE, State.PENDING, State.FAILED}, SyncRun.State.RUNNING),
        ({State.RUNNING}, SyncRun.State.RUNNING),
    ],
)
def test_a_run_is_what_its_steps_add_up_to(states: set[str], outcome: str) -> None:
    assert steps.outcome(states) == outcome
