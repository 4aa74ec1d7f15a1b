import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import RateLimited, Reconnect, Retry
from tformance.facts.models.pull_request import PullRequest
from tformance.sources.registry import SOURCES
from tformance.sync import lease, run
from tformance.sync.lane import Turn
from tformance.sync.models import Connection, Quarantined, Scope, SyncStep, Wanted
from tformance.sync.single import fetch_complete
from tformance.sync.tests.conftest import NOON, lane_of, make_connection, make_team
from tformance.sync.tests.test_run import failing_once, look, stored_numbers
from tformance.sync.tests.toy import Provider
from tformance.sync.turns import SHARED_SECONDS
from tformance.sync.wanted import want


def wish(team: Team, *items: str, why: str = "merged", due_at: datetime | None = None) -> None:
    with tenant(team.pk):
        want(Scope.objects.get(), "pull_requests", items, why, due_at or now())


def wishes(team: Team) -> list[Wanted]:
    with tenant(team.pk):
        return list(Wanted.objects.order_by("item"))


def test_what_is_wanted_is_read_by_its_id_and_settled(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    asked = provider.requests
    provider.changed[99] = now()
    wish(team, "99")
    look(connection)
    assert 99 in stored_numbers(team)
    assert wishes(team) == []
    assert provider.requests == asked + 1


def test_what_is_wanted_later_is_not_read_sooner_and_sooner_wins(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    provider.changed[99] = now()
    wish(team, "99", due_at=now() + timedelta(seconds=30))
    assert lease.offered_lanes() == []
    clock.shift(timedelta(seconds=10))
    wish(team, "99", due_at=now())
    wish(team, "99", due_at=now() + timedelta(hours=1))
    assert lease.offered_lanes() == [lane_of(connection).pk]
    look(connection)
    assert wishes(team) == []


def test_fifty_items_cost_two_requests(team: Team, connection: Connection, provider: Provider) -> None:
    look(connection)
    asked = provider.requests
    provider.changed |= dict.fromkeys(range(100, 150), NOON)
    wish(team, *map(str, range(100, 150)))
    look(connection)
    assert provider.requests == asked + 2
    assert stored_numbers(team) >= set(range(100, 150))


def test_a_reading_that_began_before_the_wish_does_not_settle_it(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    provider.changed[99] = now()
    wish(team, "99")

    def changes_meanwhile(provider: Provider) -> None:
        provider.before_translation = lambda _: None
        clock.shift(timedelta(seconds=1))
        wish(team, "99", due_at=now() + timedelta(seconds=5))

    provider.before_translation = changes_meanwhile
    look(connection)
    assert [row.item for row in wishes(team)] == ["99"]
    clock.shift(timedelta(seconds=5))
    look(connection)
    assert wishes(team) == []


def test_a_merge_does_not_wait_for_the_pages_of_a_history(
    team: Team, connection: Connection, provider: Provider
) -> None:
    order: list[int] = []

    def merged_at_the_second_page(provider: Provider) -> None:
        order.append(provider.requests)
        if provider.requests == 3:
            provider.changed[99] = NOON - timedelta(days=300)  # far back in the history
            wish(team, "99")
        with tenant(team.pk):
            if 99 in set(PullRequest.objects.values_list("number", flat=True)):
                order.append(99)

    provider.before_translation = merged_at_the_second_page
    look(connection)
    assert order[: order.index(99)][-1] <= 6  # of more than ten requests
    assert stored_numbers(team) == {*range(1, 21), 99}


def test_steps_go_on_however_much_is_wanted(team: Team, connection: Connection, provider: Provider) -> None:
    provider.changed |= dict.fromkeys(range(1000, 1500), NOON)
    wish(team, *map(str, range(1000, 1500)))
    provider.before_page = lambda provider: None
    run.look_at_lane(lane_of(connection).pk, seconds=0.0)
    run.look_at_lane(lane_of(connection).pk)
    with tenant(team.pk):
        assert not SyncStep.objects.exclude(state="complete").exists()
    assert wishes(team) == []


def test_a_fault_keeps_the_wish_and_waits_longer_each_time_until_it_is_given_up(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    wish(team, "20")
    provider.before_page = lambda _: (_ for _ in ()).throw(Retry("GitHub did not answer."))
    waits = []
    for _ in range(5):
        look(connection)
        (row,) = wishes(team)
        assert row.error == "GitHub did not answer."
        waits.append((row.due_at - now()).total_seconds())
        clock.move_to(row.due_at)
    assert waits == [5, 20, 60, 60, 60]
    clock.move_to(NOON + timedelta(days=15))
    look(connection)
    assert wishes(team) == []


def test_whoever_looks_after_the_server_hears_once_of_what_quick_repeats_did_not_help(
    team: Team,
    connection: Connection,
    provider: Provider,
    clock: time_machine.Traveller,
    reported: Callable[[], list[str]],
) -> None:
    look(connection)
    wish(team, "19", "20")
    provider.before_page = lambda _: (_ for _ in ()).throw(Retry("GitHub did not answer."))
    for _ in range(3):
        look(connection)
        clock.move_to(max(row.due_at for row in wishes(team)))
    assert reported() == []
    for _ in range(3):
        look(connection)
        clock.move_to(max(row.due_at for row in wishes(team)))
    [told] = reported()
    assert told.startswith("pull_requests ")
    assert "GitHub did not answer." in told
    provider.before_page = failing_once()
    look(connection)
    assert wishes(team) == []
    assert len(reported()) == 1


def test_an_item_that_the_provider_no_longer_knows_is_gone_and_not_asked_again(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.shift(timedelta(minutes=1))
    del provider.changed[20]
    wish(team, "20")
    look(connection)
    assert wishes(team) == []
    assert 20 not in stored_numbers(team)
    with tenant(team.pk):
        assert PullRequest.everything.get(number=20).gone_at is not None
        assert not Quarantined.objects.exists()


def test_one_bad_item_of_a_batch_does_not_keep_the_others(
    team: Team, connection: Connection, provider: Provider
) -> None:
    look(connection)
    provider.changed |= {98: NOON, 99: NOON}
    provider.unreadable = frozenset({98})
    wish(team, "98", "99")
    look(connection)
    assert 99 in stored_numbers(team)
    assert [(row.item, row.failures) for row in wishes(team)] == [("98", 1)]
    with tenant(team.pk):
        raw = Quarantined.objects.get().raw
    assert raw is not None
    opened = settings.KEY_RING.open(raw)
    assert json.loads(opened)["number"] == 98
    assert opened.encode() not in bytes(raw)


def test_a_rate_limit_is_nobodys_failure(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    wish(team, "20")
    provider.before_page = failing_once(RateLimited("Asked to wait.", NOON + timedelta(minutes=20)))
    look(connection)
    assert [row.failures for row in wishes(team)] == [0]
    assert lease.offered_lanes() == []
    clock.move_to(NOON + timedelta(minutes=20))
    look(connection)
    assert wishes(team) == []


def limited_at_every_third(provider: Provider) -> None:
    if provider.requests % 3 == 0:
        raise RateLimited("Asked to wait.", now() + timedelta(seconds=1))


def test_what_costs_a_request_each_comes_on_between_limits(
    team: Team,
    connection: Connection,
    provider: Provider,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look(connection)
    source = provider.source()
    each = replace(source.streams[1], id="contents", backfill="on_demand")
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, each)))
    with tenant(team.pk):
        want(Scope.objects.get(), "contents", map(str, range(1, 11)), "contents", now())
    provider.before_page = limited_at_every_third
    for _ in range(6):
        look(connection)
        clock.shift(timedelta(seconds=1))
    assert wishes(team) == []


def test_what_costs_a_request_each_does_not_hold_up_a_history(
    team: Team, connection: Connection, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = provider.source()
    each = replace(source.streams[1], id="contents", backfill="on_demand")
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, each)))
    with tenant(team.pk):
        want(Scope.objects.get(), "contents", map(str, range(1000, 1200)), "contents", now())
    provider.before_page = limited_from_the_hundredth
    look(connection)
    assert stored_numbers(team) == set(range(1, 21))
    assert 0 < len(wishes(team)) < 200


def limited_from_the_hundredth(provider: Provider) -> None:
    if provider.requests > 100:
        raise RateLimited("GitHub asks for patience", now() + timedelta(hours=1))


def test_a_refused_credential_keeps_what_is_wanted(team: Team, connection: Connection, provider: Provider) -> None:
    look(connection)
    wish(team, "20")
    provider.before_page = failing_once(Reconnect("GitHub no longer accepts this token."))
    look(connection)
    assert [row.failures for row in wishes(team)] == [0]
    with tenant(team.pk):
        assert Connection.objects.get().state == "reconnect"
    assert Turn.objects.get().due_at is None


def test_of_two_teams_on_one_credential_both_are_served_and_a_merge_of_the_small_one_at_once(
    team: Team, connection: Connection, provider: Provider
) -> None:
    small = make_team("small")
    second = make_connection(small, "toys/small")
    assert lane_of(connection) == lane_of(second)
    look(second)
    assert stored_numbers(small) == stored_numbers(team) == set(range(1, 21))
    provider.changed |= dict.fromkeys(range(1000, 1200), NOON)
    wish(team, *map(str, range(1000, 1200)))
    provider.changed[99] = NOON
    wish(small, "99")
    Turn.objects.filter(connection_id=connection.pk).update(served_at=now())
    Turn.objects.filter(connection_id=second.pk).update(served_at=now() - timedelta(minutes=1))
    asked = provider.requests
    order: list[set[int]] = []
    provider.before_translation = lambda provider: order.append(stored_numbers(small))
    look(connection)
    assert 99 in stored_numbers(small)
    assert 99 in order[1]  # read with the first request
    assert provider.requests == asked + 9
    assert {row.pk for row in wishes(team)} == set()


def test_a_merge_of_a_small_team_is_read_within_seconds_of_a_huge_history_of_another(
    team: Team, connection: Connection, provider: Provider
) -> None:
    """Of the same credential: twenty thousand pull requests are being read when it merges."""
    look(connection)
    provider.changed |= {number: NOON - timedelta(minutes=number) for number in range(50_000, 70_000)}
    big = make_team("big")
    assert lane_of(make_connection(big, "toys/one")) == lane_of(connection)
    Turn.objects.filter(connection_id=connection.pk).update(served_at=now() - timedelta(minutes=1))
    merged_at, waited, begin = 0.0, 0.0, provider.requests + 20

    def merges_meanwhile(provider: Provider) -> None:
        nonlocal merged_at, waited
        if not merged_at and provider.requests >= begin:
            provider.changed[99] = NOON
            wish(team, "99")
            merged_at = time.monotonic()
        elif merged_at and not waited and 99 in stored_numbers(team):
            waited = time.monotonic() - merged_at

    provider.before_translation = merges_meanwhile
    run.look_at_lane(lane_of(connection).pk, seconds=SHARED_SECONDS + 3)
    assert 0 < waited < SHARED_SECONDS + 2
    with tenant(big.pk):
        assert SyncStep.objects.filter(window="history", state="pending", is_walked=False).count() == 1


def test_a_pull_request_is_read_whole_on_demand_and_what_came_is_told(
    team: Team, connection: Connection, provider: Provider
) -> None:
    look(connection)
    with tenant(team.pk):
        pull = PullRequest.objects.get(number=20)
    answer = fetch_complete(pull.pk)
    assert answer["pr"] == pull.pk
    assert answer["requests"] == 1
    assert answer["errors"] == []
    assert set(answer["fetched"]) == {"commits", "files", "checks", "comments", "reviews", "events"}
    assert wishes(team) == []


def test_an_unknown_pull_request_and_one_that_nobody_follows_are_told_apart(
    team: Team, connection: Connection, provider: Provider
) -> None:
    assert fetch_complete(123456)["errors"] == ["Pull request 123456 is not known."]
    look(connection)
    with tenant(team.pk):
        pull = PullRequest.objects.get(number=20)
        Scope.objects.update(is_tracked=False)
    assert fetch_complete(pull.pk, team.pk)["errors"] == ["No working connection follows toys/one."]


def test_on_demand_says_when_the_budget_allows_it(team: Team, connection: Connection, provider: Provider) -> None:
    look(connection)
    with tenant(team.pk):
        pull = PullRequest.objects.get(number=20)
    lane = lane_of(connection)
    lane.blocked_until = NOON + timedelta(minutes=40)
    lane.save()
    asked = provider.requests
    answer = fetch_complete(pull.pk)
    assert answer["errors"] == ["The provider asks for patience: it is read after 12:40:00 UTC."]
    assert provider.requests == asked
    assert [row.why for row in wishes(team)] == ["asked"]
