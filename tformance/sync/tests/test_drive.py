from datetime import timedelta

import time_machine

from tformance.accounts.models import Team
from tformance.core.errors import Retry
from tformance.sync import drive, health
from tformance.sync.models import Connection
from tformance.sync.tests.conftest import NOON
from tformance.sync.tests.test_run import stored_numbers
from tformance.sync.tests.toy import Fault, Provider


def test_what_no_message_came_for_is_taken_up_after_half_a_minute(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    drive.take_overdue()
    assert provider.requests == 0
    clock.shift(timedelta(seconds=30))
    drive.take_overdue()
    assert health.is_complete(team.pk)


def test_driving_to_the_end_waits_for_retries(team: Team, provider: Provider, connection: Connection) -> None:
    provider.before_page = failing_twice()
    with time_machine.travel(NOON, tick=False) as clock:
        drive.run_until_done(team.pk, tick=lambda: clock.shift(timedelta(seconds=10)))
    assert health.is_complete(team.pk)
    assert stored_numbers(team) == set(range(1, 21))


def failing_twice() -> Fault:
    left = [Retry("No answer."), Retry("No answer.")]

    def fault(provider: Provider) -> None:
        if left:
            raise left.pop()

    return fault


def test_driving_ends_when_only_partial_steps_are_left(team: Team, provider: Provider, connection: Connection) -> None:
    provider.unreadable = frozenset({4})
    with time_machine.travel(NOON, tick=False) as clock:
        drive.run_until_done(team.pk, tick=lambda: clock.shift(timedelta(seconds=30)))
    assert not health.is_complete(team.pk)
    assert stored_numbers(team) == set(range(1, 21)) - {4}
