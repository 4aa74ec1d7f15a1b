from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import Retry, Skip
from tformance.facts.models.pull_request import PullRequest
from tformance.sources.contract import Page, ScopeRef, Session, Skipped, Stream, Window
from tformance.sources.github.tests.examples import first
from tformance.sources.registry import SOURCES
from tformance.sync import connections, health, lease, plan, rounds, turns
from tformance.sync.lane import Turn
from tformance.sync.models import Connection, Quarantined, Scope, SyncRun, SyncStep, Wanted
from tformance.sync.tests.conftest import NOON, make_connection, make_team
from tformance.sync.tests.posted import follow
from tformance.sync.tests.test_run import failing_once, look, steps_of, stored_numbers
from tformance.sync.tests.toy import Provider


def one_scope(team: Team) -> Scope:
    with tenant(team.pk):
        return Scope.objects.get(kind="repository")


def runs(team: Team, kind: str) -> int:
    with tenant(team.pk):
        return SyncRun.objects.filter(kind=kind).count()


def test_a_quiet_repository_costs_one_request_every_half_hour(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    asked = provider.requests
    clock.shift(timedelta(minutes=29))
    assert lease.offered_lanes() == []
    clock.shift(timedelta(minutes=1))
    look(connection)
    assert provider.requests == asked + 1
    clock.shift(timedelta(minutes=30))
    look(connection)
    assert provider.requests == asked + 2
    assert runs(team, "incremental") == 0


def test_news_between_the_daily_rounds_are_read_from_that_stream_alone(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.shift(timedelta(minutes=30))
    provider.changed[21] = now()
    look(connection)
    assert 21 in stored_numbers(team)
    assert [step.stream for step in steps_of(team) if step.window == "incremental"] == ["pull_requests"]


def test_a_pulse_that_fails_is_tried_again_after_five_minutes(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.shift(timedelta(minutes=30))
    provider.changed[21] = now()
    provider.before_page = failing_once(Retry("GitHub did not answer."))
    look(connection)
    assert 21 not in stored_numbers(team)
    assert lease.offered_lanes() == []
    clock.shift(timedelta(minutes=5))
    look(connection)
    assert 21 in stored_numbers(team)


def test_a_new_stream_of_the_source_is_read_from_its_beginning_at_the_next_round(
    team: Team,
    connection: Connection,
    provider: Provider,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look(connection)
    source = provider.source()
    more = replace(source.streams[0], id="releases", title="Releases")
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, more)))
    clock.shift(timedelta(hours=1))
    look(connection)
    assert ("releases", "whole", "complete") in [(step.stream, step.window, step.state) for step in steps_of(team)]


def test_the_weekly_comparison_finds_what_was_never_told(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.shift(timedelta(minutes=1))
    provider.changed[500] = datetime(2020, 1, 1, tzinfo=UTC)  # older than every watermark
    del provider.changed[7]
    with tenant(team.pk):
        plan.plan_reconcile(Connection.objects.get())
    look(connection)
    look(connection)
    assert stored_numbers(team) == {*range(1, 21), 500} - {7}
    with tenant(team.pk):
        assert PullRequest.everything.get(number=7).gone_at is not None
        assert not Wanted.objects.exists()


def test_a_comparison_that_did_not_come_to_its_end_marks_nothing_and_goes_on_later(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.shift(timedelta(minutes=1))
    del provider.changed[20]
    begun = provider.requests
    provider.before_page = lambda provider: fail_from(provider, begun + 4)
    with tenant(team.pk):
        plan.plan_reconcile(Connection.objects.get())
    look(connection)
    assert 20 in stored_numbers(team)
    provider.before_page = lambda provider: None
    clock.shift(timedelta(seconds=5))
    look(connection)
    assert 20 not in stored_numbers(team)


def fail_from(provider: Provider, request: int) -> None:
    if provider.requests >= request:
        raise Retry("GitHub did not answer.")


def test_every_repository_is_compared_once_a_week(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    for _ in range(10):
        clock.shift(timedelta(days=1))
        look(connection)
    assert runs(team, "reconcile") == 1


def test_what_could_not_be_compared_when_it_was_due_is_compared_the_next_day(
    team: Team, connection: Connection, clock: time_machine.Traveller
) -> None:
    look(connection)
    for day in range(1, 10):
        with tenant(team.pk):
            busy = SyncStep.objects.filter(stream="pull_requests", window="history")
            busy.update(state="pending" if day == 8 else "complete", not_before=now() + timedelta(hours=1))
        clock.shift(timedelta(days=1))
        look(connection)
        with tenant(team.pk):
            busy.update(state="complete")
        assert runs(team, "reconcile") == (day == 9)


def test_a_comparison_can_be_asked_for_and_is_not_asked_for_twice(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    connections.compare_now(team.pk)
    assert runs(team, "reconcile") == 0  # its history is not read yet
    look(connection)
    clock.shift(timedelta(minutes=1))
    del provider.changed[7]
    connections.compare_now(team.pk)
    connections.compare_now(team.pk)
    assert runs(team, "reconcile") == 1
    assert one_scope(team).reconciled_at == now()
    look(connection)
    look(connection)
    assert 7 not in stored_numbers(team)


def test_a_repository_that_the_provider_no_longer_knows_says_so_and_keeps_its_rows(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    provider.before_page = lambda _: (_ for _ in ()).throw(Skip("GitHub does not know toys/one", item="toys/one"))
    connections.sync_now(team.pk)
    look(connection)
    assert health.connections(team.pk)[0].repositories[0].error == "GitHub does not know toys/one"
    assert one_scope(team).gaps != {}
    assert stored_numbers(team) == set(range(1, 21))
    provider.before_page = lambda _: None
    clock.shift(timedelta(seconds=5))
    look(connection)
    assert one_scope(team).gaps == {}


def members(session: Session, ref: ScopeRef, window: Window, cursor: object) -> "list[Page]":
    raise Skip("The token may not list members", item="members")


def test_what_may_not_be_read_of_an_organisation_is_a_gap_with_a_name_and_no_failure(
    team: Team, provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = provider.source()
    stream = Stream("members", "Members", members, source.streams[0].translate, of="organization", daily_at=(4, 15))
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, stream)))
    connection = make_connection(team, "toys/one", "toys/three")
    look(connection)
    with tenant(team.pk):
        owner = Scope.objects.get(kind="organization")
        assert (owner.name, owner.gaps) == ("toys", {"members": "The token may not list members"})
        assert Connection.objects.get().state == "active"
    assert health.is_complete(team.pk)
    assert [shown.name for shown in health.connections(team.pk)[0].repositories] == ["toys/one", "toys/three"]


def a_person(session: Session, ref: ScopeRef, window: Window, cursor: object) -> Iterator[Page]:
    yield Page((), session.clock(), None)


def denied(session: Session, ref: ScopeRef, window: Window, cursor: object) -> Iterator[Page]:
    yield Page((), session.clock(), None, skipped=(Skipped("seats", "The token may not list seats", is_denied=True),))


def test_an_owner_who_is_a_person_is_not_followed(
    team: Team, provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = provider.source()
    stream = Stream("members", "Members", a_person, source.streams[0].translate, of="organization")
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, stream)))
    connection = make_connection(team, "toys/one")
    look(connection)
    clock.shift(timedelta(days=1))
    look(connection)
    with tenant(team.pk):
        assert not Scope.objects.get(kind="organization").is_tracked
    assert health.is_complete(team.pk)


def test_an_organisation_of_whose_days_nothing_is_told_yet_is_no_person(
    team: Team, provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = provider.source()
    people = Stream("members", "Members", members, source.streams[0].translate, of="organization")
    days = replace(people, id="usage", title="Usage", fetch=a_person, backfill="recent_first")
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, days, people)))
    connection = make_connection(team, "toys/one")
    look(connection)
    with tenant(team.pk):
        owner = Scope.objects.get(kind="organization")
        assert (owner.is_tracked, owner.gaps) == (True, {"members": "The token may not list members"})


def test_a_denied_part_of_an_organisation_is_asked_for_again_as_a_whole_the_next_day(
    team: Team, provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = provider.source()
    stream = Stream("seats", "Seats", denied, source.streams[0].translate, of="organization", daily_at=(4, 45))
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(*source.streams, stream)))
    connection = make_connection(team, "toys/one")
    look(connection)
    with tenant(team.pk):
        assert Scope.objects.get(kind="organization").gaps == {"seats": "The token may not list seats"}
        assert not Quarantined.objects.exists()
    clock.shift(timedelta(days=1))
    look(connection)
    steps = [(step.window, step.since, step.state) for step in steps_of(team) if step.stream == "seats"]
    assert sorted(steps) == [("incremental", None, "complete"), ("whole", None, "complete")]


def test_deep_streams_come_last_and_only_where_they_are_wanted(
    team: Team, provider: Provider, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = provider.source()
    deep = replace(source.streams[0], id="head_checks", title="Checks", backfill="deep")
    on_demand = replace(source.streams[0], id="contents", title="Contents", backfill="on_demand")
    monkeypatch.setitem(SOURCES, "toy", replace(source, streams=(deep, on_demand, *source.streams)))
    connection = make_connection(team, "toys/one")
    assert [step.stream for step in steps_of(team)][-1] == "head_checks"
    assert "contents" not in [step.stream for step in steps_of(team)]
    with tenant(team.pk):
        SyncStep.objects.all().delete()
        Scope.objects.update(reads_every_head=False)
        plan.plan_history(Connection.objects.get(pk=connection.pk))
    assert "head_checks" not in [step.stream for step in steps_of(team)]


def test_a_round_that_was_slept_through_is_made_up_for_once(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.move_to(NOON + timedelta(days=3))
    look(connection)
    assert runs(team, "incremental") == 1


def stop(connection: Connection, problem: Connection.Problem) -> None:
    with tenant(connection.team_id):
        connections.stop(Connection.objects.get(pk=connection.pk), problem, "GitHub refuses it.")


def state_of(connection: Connection) -> str:
    with tenant(connection.team_id):
        return Connection.objects.get(pk=connection.pk).state


def test_a_suspended_installation_is_tried_again_every_hour_as_nobody_may_tell_that_it_was_resumed(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    stop(connection, Connection.Problem.SUSPENDED)
    asked = provider.requests
    clock.shift(timedelta(minutes=59))
    look(connection)
    assert (state_of(connection), provider.requests) == ("reconnect", asked)
    clock.shift(timedelta(minutes=1))
    provider.changed[21] = now()
    assert lease.offered_lanes()
    look(connection)
    assert state_of(connection) == "active"
    assert 21 in stored_numbers(team)


def test_a_withdrawn_access_is_tried_again_only_when_somebody_asks_for_it(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    stop(connection, Connection.Problem.REVOKED)
    asked = provider.requests
    clock.shift(timedelta(days=2))
    look(connection)
    assert (state_of(connection), provider.requests) == ("reconnect", asked)
    connections.sync_now(team.pk)
    look(connection)
    assert state_of(connection) == "active"
    assert provider.requests > asked


def test_a_pause_holds_until_it_is_ended(team: Team, connection: Connection, provider: Provider) -> None:
    connections.pause(team.pk, connection.pk, "Paused by Ada.")
    connections.sync_now(team.pk)
    assert state_of(connection) == "paused"


def test_repositories_members_and_copilot_each_have_their_hour(db: None) -> None:
    with time_machine.travel(datetime(2026, 3, 10, 3, 59, tzinfo=UTC), tick=False) as clock:
        team = make_team("acme")
        repository = follow(team, None, first("pull_request", "opened")["repository"] | {"full_name": "acme/shop"})
        with tenant(team.pk):
            known = dict.fromkeys(("members", "copilot_seats", "copilot_usage"), now().isoformat())
            Scope.objects.create(
                team=team, connection=repository.connection, kind="organization", name="acme", watermarks=known
            )
            turns.join(repository.connection)
        hours = {}
        for hour, minute in ((4, 0), (4, 15), (4, 45), (5, 0)):
            clock.move_to(datetime(2026, 3, 10, hour, minute, tzinfo=UTC))
            with tenant(team.pk):
                rounds.plan_due(Turn.objects.get(connection_id=repository.connection_id))
                steps = SyncStep.objects.filter(window="incremental", run__started_at=now())
                hours[f"{hour}:{minute:02}"] = set(steps.values_list("stream", flat=True))
    assert hours == {
        "4:00": {"repository", "pull_requests", "deployments", "releases"},
        "4:15": {"members"},
        "4:45": {"copilot_seats", "copilot_usage"},
        "5:00": set(),
    }
