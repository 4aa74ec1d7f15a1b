"""What is dropped when its time is over, and what stays however old it is."""

from datetime import datetime, timedelta

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sync import connections, data_health, health, tidy
from tformance.sync.lane import Spending
from tformance.sync.models import Connection, Quarantined, Scope, SyncRun, SyncStep, WebhookDelivery, WebhookEndpoint
from tformance.sync.tests.conftest import NOON, lane_of, make_connection, make_team
from tformance.sync.tests.test_run import look, steps_of
from tformance.sync.tests.toy import Provider

OLD, NEW = timedelta(days=31), timedelta(days=29)
Key = tuple[str, str, str, datetime | None]


def one_round(scope: Scope, age: timedelta, state: str = "complete", stream: str = "pull_requests") -> SyncRun:
    """A round of one step that ended, or began, so long ago."""
    at, is_over = now() - age, state == "complete"
    told = {"state": state, "started_at": at, "finished_at": at if is_over else None}
    run: SyncRun = SyncRun.objects.create(team=scope.team, connection=scope.connection, kind="incremental", **told)
    named = {"run": run, "scope": scope, "stream": stream, "window": "incremental", "rank": 1}
    SyncStep.objects.create(team=scope.team, **named, **told)
    return run


def only_scope() -> Scope:
    found: Scope = Scope.objects.get(kind="repository")
    return found


def shown(team: Team) -> object:
    return data_health.scopes(team.pk), health.connections(team.pk), health.is_complete(team.pk)


def test_rounds_that_ended_long_ago_are_dropped_but_the_newest_of_every_stream(
    team: Team, connection: Connection
) -> None:
    look(connection)
    history = [step.pk for step in steps_of(team)]
    with tenant(team.pk):
        scope = only_scope()
        gone, newest = one_round(scope, 2 * OLD), one_round(scope, OLD)
        other = one_round(scope, 3 * OLD, stream="repository")
    tidy.drop_old()
    with tenant(team.pk):
        assert not SyncRun.objects.filter(pk=gone.pk).exists()
        assert {newest.pk, other.pk} < set(SyncRun.objects.values_list("pk", flat=True))
        assert set(history) < set(SyncStep.objects.values_list("pk", flat=True))


def test_rounds_of_the_last_thirty_days_stay(team: Team, connection: Connection) -> None:
    with tenant(team.pk):
        young = [one_round(only_scope(), age).pk for age in (NEW, NEW, NEW)]
    tidy.drop_old()
    with tenant(team.pk):
        assert SyncRun.objects.filter(pk__in=young).count() == 3


@pytest.mark.parametrize("state", ["running", "partial", "failed"])
def test_what_is_not_complete_stays_however_old_it_is(team: Team, connection: Connection, state: str) -> None:
    with tenant(team.pk):
        scope = only_scope()
        left = one_round(scope, 9 * OLD, state)
        one_round(scope, NEW)
    tidy.drop_old()
    with tenant(team.pk):
        assert SyncStep.objects.filter(run=left.pk).count() == 1


def test_a_running_backfill_is_not_touched_beside_years_of_rounds(
    team: Team, provider: Provider, clock: time_machine.Traveller
) -> None:
    """Fifty repositories half read for two months, and ten thousand steps of rounds before them."""
    connection = make_connection(team, *(f"toys/{number}" for number in range(50)))
    with tenant(team.pk):
        scopes = list(Scope.objects.filter(kind="repository"))
        SyncRun.objects.update(started_at=now() - 2 * OLD)
        half = SyncStep.objects.filter(scope__in=scopes[:25])
        half.update(state="complete", started_at=now() - 2 * OLD, finished_at=now() - 2 * OLD)
        backfill = list(SyncStep.objects.order_by("pk").values())
        add_years(scopes)
    before = shown(team)
    tidy.drop_old()
    assert shown(team) == before
    with tenant(team.pk):
        kept = SyncStep.objects.order_by("pk")
        assert list(kept.filter(window__in=["whole", "recent", "history"]).values()) == backfill
        assert kept.filter(window="incremental").count() == 50
        assert SyncRun.objects.count() == 2
    assert look(connection)


def add_years(scopes: list[Scope]) -> None:
    """Two hundred complete rounds over all of them, the last six weeks ago."""
    connection, team = scopes[0].connection, scopes[0].team
    instants = [now() - timedelta(days=245 - place) for place in range(200)]
    rounds = [
        SyncRun(team=team, connection=connection, kind="incremental", state="complete", started_at=at, finished_at=at)
        for at in instants
    ]
    told = {"team": team, "stream": "pull_requests", "window": "incremental", "rank": 1, "state": "complete"}
    SyncStep.objects.bulk_create(
        [
            SyncStep(run=run, scope=scope, started_at=run.started_at, finished_at=run.finished_at, **told)
            for run in SyncRun.objects.bulk_create(rounds)
            for scope in scopes
        ],
        5000,
    )


def test_every_page_says_the_same_after_rounds_are_dropped(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    for _ in range(33):
        look(connection)
        clock.shift(timedelta(days=1))
    before, steps = shown(team), len(steps_of(team))
    tidy.drop_old()
    assert len(steps_of(team)) < steps
    assert shown(team) == before
    connections.sync_now(team.pk)
    look(connection)
    assert health.is_complete(team.pk)


def test_an_item_that_was_left_out_outlives_its_round_and_loses_what_was_sent(
    team: Team, connection: Connection
) -> None:
    with tenant(team.pk):
        scope = only_scope()
        run = one_round(scope, 2 * OLD)
        one_round(scope, OLD)
        for name, age in (("1", OLD), ("2", NEW)):
            seen = {"first_seen": now() - age, "last_seen": now() - age, "raw": b"sealed"}
            told = {"scope": scope, "stream": "pull_requests", "item": name, "reason": "odd", **seen}
            Quarantined.objects.create(team=team, step=run.steps.get(), **told)
    tidy.drop_old()
    with tenant(team.pk):
        rows = {row.item: (row.step, row.raw is None) for row in Quarantined.objects.all()}
    assert rows == {"1": (None, True), "2": (None, False)}


def test_bodies_of_messages_go_after_a_month_unless_they_wait(team: Team, clock: time_machine.Traveller) -> None:
    endpoint = WebhookEndpoint.objects.create(team_id=team.pk, source="github", secret=b"", created_at=now())
    ages = {"a": (OLD, "applied"), "b": (NEW, "applied"), "c": (OLD, "received")}
    for name, (age, state) in ages.items():
        told = {"event": "push", "body": b"sealed", "received_at": now() - age, "state": state}
        WebhookDelivery.objects.create(endpoint=endpoint, delivery_id=name, **told)
    tidy.drop_old()
    left = {row.delivery_id: row.body is not None for row in WebhookDelivery.objects.all()}
    assert left == {"a": False, "b": True, "c": True}


def test_spending_of_long_ago_is_forgotten(team: Team, connection: Connection) -> None:
    for age in (OLD, NEW):
        Spending.objects.create(lane=lane_of(connection), hour=NOON - age, requests=1)
    tidy.drop_old()
    assert [row.hour for row in Spending.objects.all()] == [NOON - NEW]


def test_every_team_is_tidied(team: Team, connection: Connection) -> None:
    other = make_team("other")
    make_connection(other, "toys/one")
    for each in (team, other):
        with tenant(each.pk):
            one_round(only_scope(), 2 * OLD)
            one_round(only_scope(), OLD)
    tidy.drop_old()
    for each in (team, other):
        with tenant(each.pk):
            assert SyncRun.objects.filter(kind="incremental").count() == 1
