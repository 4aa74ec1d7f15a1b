"""Copilot's reports of a small and of a large organisation, from HTTP to rows."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database

from tests.journeys import road
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.organization import AiUsageDay, Seat
from tformance.sources.github.tests.test_copilot import organisation
from tformance.sources.github.tests.world import served
from tformance.sources.tests.lent import Lent
from tformance.sync import connections

DAYS = 28


@pytest.mark.usefixtures("live_db")
def test_three_hundred_accounts_cost_the_statements_of_ten(tmp_path: Path) -> None:
    few, many = (read(tmp_path / str(people), people) for people in (10, 300))
    assert few == many
    assert few["INSERT"] > DAYS


def read(folder: Path, people: int) -> Counter[str]:
    """Read all there is; returns how many statements of each kind concerned what Copilot tells."""
    folder.mkdir()
    statements: Counter[str] = Counter()

    def count(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if "facts_aiusageday" in sql or "facts_seat" in sql:
            statements[sql.split()[0]] += 1
        return execute(sql, *rest)

    with served(organisation(people, DAYS), folder, "limit=1000000") as sandbox:
        team = Team.objects.create(slug=f"of-{people}", name="Acme")
        connected = connections.connect_github(team.pk, sandbox.url, Lent().token)
        connections.follow(team.pk, connected.id, ["acme/shop"])
        with database.execute_wrapper(count):
            road.read_all(team)
    with tenant(team.pk):
        assert AiUsageDay.objects.count() == people * DAYS
        assert Seat.objects.count() == people
    return statements
