"""Rows from before a migration are there after it, and go on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from tformance.accounts.models import Team
from tformance.sync.lane import Lane, Turn

THEN = datetime(2026, 3, 1, 9, tzinfo=UTC)
AFTER = ("sync", "0005_lane_without_connection")
BEFORE = ("sync", "0003_endpoint_checked")


def migrate(*to: tuple[str, str | None]) -> Any:
    executor = MigrationExecutor(connections["owner"])
    executor.migrate(list(to))
    return executor.loader.project_state(list(to)).apps


def rows(apps: Any, model: str) -> Any:
    return apps.get_model("sync", model).objects.using("owner").order_by("id")


@pytest.fixture
def lanes(live_db: str) -> Any:
    """The table of lanes as it was when each connection had its own; the database is made afresh afterwards."""
    return rows(migrate(BEFORE), "Lane")


def test_every_connections_lane_becomes_a_lane_with_one_turn_that_is_due(lanes: Any) -> None:
    teams = [Team.objects.create(slug=name, name=name).pk for name in ("acme", "other")]
    for number, team in enumerate((*teams, *teams), start=11):
        lanes.create(connection_id=number, team_id=team, fence=number, next_round_at=THEN, due_at=None)
    after = migrate(AFTER)
    kept = rows(after, "Lane")
    assert [(row.key, row.fence) for row in kept] == [(f"connection {number}", number) for number in range(11, 15)]
    turns = rows(after, "Turn")
    assert [(turn.connection_id, turn.team_id) for turn in turns] == list(enumerate((*teams, *teams), start=11))
    assert [turn.lane_id for turn in turns] == [row.pk for row in kept]
    assert all(turn.due_at == turn.round_at and turn.due_at is not None for turn in turns)


def test_what_was_known_of_one_budget_is_told_anew_and_the_lane_stays(lanes: Any) -> None:
    kept = rows(migrate(AFTER), "Lane").create(
        key="a", fence=7, remaining=5, limit=5000, reset_at=THEN, blocked_until=THEN
    )
    migrate(("sync", "0007_lane_without_one_budget"))
    lane = Lane.objects.get(pk=kept.pk)
    assert (lane.fence, lane.blocked_until, lane.left()) == (7, THEN, ())
    assert not Turn.objects.exists()
