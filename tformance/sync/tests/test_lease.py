import os
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sync import connections, lease, run
from tformance.sync.lane import Lane
from tformance.sync.lease import LEASE, LeaseLost
from tformance.sync.models import Connection, SyncStep
from tformance.sync.tests.conftest import lane_of
from tformance.sync.tests.test_run import steps_of, stored_numbers
from tformance.sync.tests.toy import Provider


@pytest.fixture
def lane(connection: Connection) -> Lane:
    return lane_of(connection)


def owner_that_died() -> str:
    """How a process that has ended was called while it lived."""
    program = "import django; django.setup(); from tformance.sync.lease import this_process; print(this_process())"
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_a_lane_has_one_owner_at_a_time(lane: Lane) -> None:
    assert lease.take(lane.pk)
    assert lease.take(lane.pk) is None


def test_a_lane_is_free_again_when_the_lease_runs_out(lane: Lane, clock: time_machine.Traveller) -> None:
    lease.take(lane.pk)
    clock.shift(LEASE)
    assert lease.take(lane.pk)


def test_a_dead_owner_on_this_machine_loses_its_lane_at_once(lane: Lane) -> None:
    Lane.objects.update(lease_owner=owner_that_died(), lease_until=now() + LEASE)
    assert lease.take(lane.pk)


def test_an_owner_from_before_a_restart_of_the_machine_loses_its_lane_at_once(lane: Lane) -> None:
    host, boot, pid, start = lease.this_process().rsplit(":", 3)
    Lane.objects.update(lease_owner=f"{host}:another-{boot}:{pid}:{start}", lease_until=now() + LEASE)
    assert lease.take(lane.pk)


def test_a_later_process_with_the_same_pid_is_not_the_owner(lane: Lane) -> None:
    host, boot, _, _ = lease.this_process().rsplit(":", 3)
    Lane.objects.update(lease_owner=f"{host}:{boot}:{os.getpid()}:1", lease_until=now() + LEASE)
    assert lease.take(lane.pk)


def test_an_owner_on_another_machine_is_waited_for(lane: Lane) -> None:
    _, boot, pid, start = lease.this_process().rsplit(":", 3)
    Lane.objects.update(lease_owner=f"elsewhere:{boot}:{pid}:{start}", lease_until=now() + LEASE)
    assert lease.take(lane.pk) is None


def test_a_late_owner_can_change_nothing(lane: Lane, clock: time_machine.Traveller) -> None:
    late = lease.take(lane.pk)
    assert late is not None
    clock.shift(LEASE)
    lease.take(lane.pk)
    with pytest.raises(LeaseLost):
        late.renew()
    with pytest.raises(LeaseLost):
        late.release()


def test_a_worker_that_lost_its_lane_stores_nothing_more(
    team: Team, lane: Lane, provider: Provider, clock: time_machine.Traveller
) -> None:

    def take_over(provider: Provider) -> None:
        Lane.objects.filter(pk=lane.pk).update(fence=lane.fence + 100)

    provider.before_translation = take_over
    run.look_at_lane(lane.pk)
    assert stored_numbers(team) == set()


def test_a_step_that_kills_its_worker_again_and_again_waits_longer_each_time(
    team: Team, provider: Provider, lane: Lane
) -> None:
    with tenant(team.pk):
        SyncStep.objects.filter(stream="repository").update(state="running", attempt=4, failures=3)
    run.look_at_lane(lane.pk)
    step = steps_of(team)[0]
    assert (step.state, step.not_before) == ("partial", now() + timedelta(minutes=1))
    assert stored_numbers(team) == set(range(1, 21))  # the others went on


def test_pausing_stops_the_worker_at_its_page(
    team: Team, connection: Connection, provider: Provider, lane: Lane
) -> None:
    def pause(provider: Provider) -> None:
        provider.before_translation = lambda _: None
        connections.pause(team.pk, connection.pk, "")

    provider.before_translation = pause
    run.look_at_lane(lane.pk)
    assert stored_numbers(team) == set()
    connections.resume(team.pk, connection.pk)
    run.look_at_lane(lane.pk)
    assert stored_numbers(team) == set(range(1, 21))


def test_a_step_left_running_by_a_dead_worker_is_taken_up(
    team: Team, connection: Connection, provider: Provider, lane: Lane, clock: time_machine.Traveller
) -> None:
    with tenant(team.pk):
        SyncStep.objects.filter(stream="repository").update(state="running", attempt=1)
    run.look_at_lane(lane.pk)
    assert steps_of(team)[0].attempt == 2
    assert stored_numbers(team) == set(range(1, 21))
