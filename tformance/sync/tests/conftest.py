"""A team with a toy source connected."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core import reports
from tformance.core.clock import now
from tformance.core.tests.reported import listening, messages
from tformance.sources.registry import SOURCES
from tformance.sync import connections
from tformance.sync.lane import Lane
from tformance.sync.models import Connection
from tformance.sync.tests.toy import Provider

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """Twenty pull requests, two of them older than a month, behind the source `toy`."""
    provider = Provider()
    provider.fill(20, newest=NOON)
    provider.changed[1] = datetime(2025, 1, 1, tzinfo=UTC)
    provider.changed[2] = datetime(2025, 6, 1, tzinfo=UTC)
    monkeypatch.setitem(SOURCES, "toy", provider.source())
    return provider


def make_team(slug: str) -> Team:
    return Team.objects.create(slug=slug, name=slug)


def make_connection(team: Team, *repositories: str) -> Connection:
    with tenant(team.pk):
        connection: Connection = Connection.objects.create(
            team=team, source="toy", account="ada", secret=settings.KEY_RING.seal("key"), created_at=now()
        )
    connections.follow(team.pk, connection.pk, repositories)
    return connection


@pytest.fixture
def team(db: None, provider: Provider) -> Team:
    return make_team("acme")


@pytest.fixture
def connection(team: Team, clock: time_machine.Traveller) -> Connection:
    return make_connection(team, "toys/one")


def lane_of(connection: Connection) -> Lane:
    return Lane.objects.get(turns__connection_id=connection.pk)


@pytest.fixture
def reported() -> Iterator[Callable[[], list[str]]]:
    """Gives what was reported so far to whoever looks after the server."""
    with listening() as (address, bodies):
        reports.tell(address)
        yield lambda: messages(bodies)
