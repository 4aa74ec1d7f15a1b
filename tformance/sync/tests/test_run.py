from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import RateLimited, Reconnect, Retry
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.sources.contract import Allowance
from tformance.sync import connections, health, lease, run
from tformance.sync.lane import Turn
from tformance.sync.models import Connection, Quarantined, Scope, SyncRun, SyncStep
from tformance.sync.tests.conftest import NOON, lane_of, make_connection, make_team
from tformance.sync.tests.toy import Fault, Provider

State = SyncStep.State


def look(connection: Connection) -> bool:
    return run.look_at_lane(lane_of(connection).pk)


def steps_of(team: Team) -> list[SyncStep]:
    with tenant(team.pk):
        return list(SyncStep.objects.order_by("rank", "id"))


def stored_numbers(team: Team) -> set[int]:
    with tenant(team.pk):
        return set(PullRequest.objects.values_list("number", flat=True))


def failing_once(*errors: Exception) -> Fault:
    """A fault that raises each error once, then never again."""
    left = list(errors)

    def fault(provider: Provider) -> None:
        if left:
            raise left.pop(0)

    return fault


def test_history_is_read_newest_month_first_and_ends_complete(
    team: Team, connection: Connection, provider: Provider
) -> None:
    assert look(connection)
    assert [(step.stream, step.window, step.state) for step in steps_of(team)] == [
        ("repository", "whole", State.COMPLETE),
        ("pull_requests", "recent", State.COMPLETE),
        ("pull_requests", "history", State.COMPLETE),
    ]
    assert stored_numbers(team) == set(range(1, 21))
    assert health.is_complete(team.pk)


def test_every_repository_gets_its_newest_month_before_any_gets_its_history(
    team: Team, clock: time_machine.Traveller, provider: Provider
) -> None:
    connection = make_connection(team, "toys/one", "toys/three")
    provider.before_page = failing_at_request(9)
    look(connection)
    windows = [step.window for step in steps_of(team) if step.started_at]
    assert windows == ["whole", "whole", "recent", "recent"]


def failing_at_request(number: int) -> Fault:
    def fault(provider: Provider) -> None:
        if provider.requests >= number:
            raise RateLimited("GitHub asks us to wait.", now() + timedelta(hours=1))

    return fault


def test_counts_and_coverage_are_kept_with_the_step(team: Team, connection: Connection, provider: Provider) -> None:
    look(connection)
    recent = steps_of(team)[1]
    assert recent.counts["fetched"] == recent.counts["written"] == recent.seen == recent.expected == 18
    assert recent.counts["requests"] == 6
    assert recent.counts["points"] == 12
    with tenant(team.pk):
        coverage = Coverage.objects.get(stream="pull_requests")
        scope = Scope.objects.get()
    assert coverage.covered_from is None
    assert coverage.covered_to == NOON
    assert scope.watermark("pull_requests") == NOON
    assert scope.memory["asked"] == provider.requests


def test_coverage_begins_with_the_newest_month_until_the_history_is_read(
    team: Team, connection: Connection, provider: Provider
) -> None:
    provider.before_page = failing_at_request(8)
    look(connection)
    with tenant(team.pk):
        assert Coverage.objects.get(stream="pull_requests").covered_from == NOON - timedelta(days=30)


def test_a_passing_fault_is_tried_again_after_5_20_and_60_seconds_then_every_minute_then_hourly(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.before_page = lambda _: (_ for _ in ()).throw(Retry("GitHub did not answer."))
    waits = []
    for _ in range(5):
        look(connection)
        step = steps_of(team)[0]
        assert step.error == "GitHub did not answer."
        assert step.not_before is not None
        waits.append((step.state, (step.not_before - now()).total_seconds()))
        clock.move_to(step.not_before)
    assert waits == [
        (State.PENDING, 5),
        (State.PENDING, 20),
        (State.PENDING, 60),
        (State.PARTIAL, 60),
        (State.PARTIAL, 60),
    ]
    clock.move_to(NOON + timedelta(hours=2))
    look(connection)
    assert steps_of(team)[0].not_before == NOON + timedelta(hours=3)
    clock.move_to(NOON + timedelta(days=15))
    look(connection)
    assert steps_of(team)[0].state == State.FAILED


def test_whoever_looks_after_the_server_hears_once_when_quick_repeats_did_not_help(
    team: Team,
    connection: Connection,
    provider: Provider,
    clock: time_machine.Traveller,
    reported: Callable[[], list[str]],
) -> None:
    provider.before_page = lambda _: (_ for _ in ()).throw(Retry("GitHub did not answer."))
    heard = []
    for _ in range(5):
        look(connection)
        heard.append(len(reported()))
        clock.move_to(steps_of(team)[0].not_before)
    assert heard == [0, 0, 0, 3, 3]  # once for each of the three steps
    assert all("GitHub did not answer." in told for told in reported())


def test_after_a_fault_reading_goes_on_behind_the_last_stored_page(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.before_page = failing_on({4})
    look(connection)
    recent = steps_of(team)[1]
    assert recent.state == State.PENDING
    assert recent.cursor == {"at": 6}
    clock.shift(timedelta(seconds=5))
    look(connection)
    assert stored_numbers(team) == set(range(1, 21))
    assert provider.requests == 9


def failing_on(requests: set[int]) -> Fault:
    def fault(provider: Provider) -> None:
        if provider.requests in requests:
            raise Retry("GitHub did not answer.")

    return fault


def test_a_rate_limit_rests_the_whole_lane_until_the_named_instant(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.before_page = failing_once(RateLimited("Asked to wait.", NOON + timedelta(minutes=40)))
    look(connection)
    asked = provider.requests
    assert not look(connection)
    assert provider.requests == asked
    assert lease.offered_lanes() == []
    clock.move_to(NOON + timedelta(minutes=40))
    assert lease.offered_lanes() != []
    look(connection)
    assert health.is_complete(team.pk)


def test_a_low_budget_rests_the_lane_before_it_is_used_up(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    reset = NOON + timedelta(minutes=10)
    provider.budget = Allowance("core", 10, reset)
    look(connection)
    assert provider.requests == 1
    assert lane_of(connection).blocked_until == reset


def test_a_refused_credential_stops_the_connection_until_it_is_connected_again(
    team: Team, connection: Connection, provider: Provider
) -> None:
    provider.before_page = failing_once(Reconnect("GitHub no longer accepts this token."))
    look(connection)
    shown = connections.connected(team.pk)[0]
    assert (shown.state, shown.reason) == ("reconnect", "GitHub no longer accepts this token.")
    look(connection)
    assert provider.requests == 1
    assert not health.is_complete(team.pk)
    connections.resume(team.pk, connection.pk)
    look(connection)
    assert health.is_complete(team.pk)


def test_one_unreadable_item_is_quarantined_and_the_rest_of_its_page_is_stored(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.unreadable = frozenset({17})
    look(connection)
    assert stored_numbers(team) == set(range(1, 21)) - {17}
    with tenant(team.pk):
        kept = Quarantined.objects.get()
    assert kept.item == "17"
    assert "does not understand" in kept.reason
    assert steps_of(team)[1].error == "1 item could not be read yet."

    provider.unreadable = frozenset()
    asked = provider.requests
    clock.shift(timedelta(seconds=5))
    look(connection)
    assert provider.requests == asked + 1
    assert stored_numbers(team) == set(range(1, 21))
    assert health.is_complete(team.pk)
    with tenant(team.pk):
        assert not Quarantined.objects.exists()


def test_a_fault_of_our_own_is_recorded_and_the_lane_goes_on(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.before_page = failing_once(ZeroDivisionError("division by zero"))
    look(connection)
    first, *others = steps_of(team)
    assert first.error.startswith("A fault in tformance: ZeroDivisionError")
    assert {step.state for step in others} == {State.COMPLETE}


def test_the_next_round_reads_only_what_changed_since_ten_minutes_before_the_newest_change(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.move_to(NOON + timedelta(hours=3))
    provider.changed[5] = now() - timedelta(minutes=1)
    provider.changed[21] = now()
    connections.sync_now(team.pk)
    look(connection)
    incremental = [step for step in steps_of(team) if step.window == "incremental" and step.stream == "pull_requests"]
    assert [step.since for step in incremental] == [NOON - timedelta(minutes=10)]
    assert incremental[0].counts["fetched"] == 3  # the newest of before is inside the overlap
    assert 21 in stored_numbers(team)


def test_the_daily_round_comes_at_four_and_is_caught_up_after_sleep(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    assert lease.offered_lanes() == []
    clock.move_to(datetime(2026, 3, 13, 9, tzinfo=UTC))
    assert len(lease.offered_lanes()) == 1
    look(connection)
    with tenant(team.pk):
        assert SyncRun.objects.filter(kind="incremental").count() == 1
    assert Turn.objects.get().round_at == now()


def test_following_the_same_repository_twice_is_harmless(
    team: Team, connection: Connection, provider: Provider
) -> None:
    connections.follow(team.pk, connection.pk, ["Toys/One"])
    look(connection)
    connections.follow(team.pk, connection.pk, ["toys/one"])
    with tenant(team.pk):
        assert Scope.objects.count() == 1
        assert SyncRun.objects.count() == 1


def test_a_renamed_repository_keeps_its_rows_and_gets_its_new_name(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.shift(timedelta(hours=1))
    provider.renamed_to = "toys/won"
    connections.sync_now(team.pk)
    look(connection)
    assert connections.connected(team.pk)[0].repositories == ("toys/won",)
    with tenant(team.pk):
        assert [repository.full_name for repository in Repository.objects.all()] == ["toys/won"]
        assert PullRequest.objects.count() == 20


def test_a_second_team_gets_rows_of_its_own(team: Team, connection: Connection, provider: Provider) -> None:
    other = make_team("other")
    second = make_connection(other, "toys/one")
    look(connection)
    look(second)
    assert stored_numbers(team) == stored_numbers(other) == set(range(1, 21))


def test_nothing_is_read_while_paused_and_all_of_it_afterwards(
    team: Team, connection: Connection, provider: Provider
) -> None:
    connections.pause(team.pk, connection.pk, "Holidays.")
    look(connection)
    assert provider.requests == 0
    assert health.connections(team.pk)[0].words == "Paused. Holidays."
    connections.resume(team.pk, connection.pk)
    look(connection)
    assert health.is_complete(team.pk)
