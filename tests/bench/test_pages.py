"""Pages, their statements and the export at 10,000 and 100,000 pull requests, as the runtime role behind its walls."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import organisation
from tests.bench.figures import Times, growth, peak_memory_mb, timed, write_down
from tests.bench.reference import Reference, aggregates
from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as facts

pytestmark = pytest.mark.bench

SIZES = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,100000").split(",")]
REPEATS = 20
PAGES = {
    "overview": "/t/bench/",
    "overview, year": "/t/bench/?period=365d",
    "overview, AI only": "/t/bench/?ai=yes",
    "pull requests": "/t/bench/pulls/",
    "pull requests, year by size": "/t/bench/pulls/?period=365d&sort=-size",
    "pull requests, slowest": "/t/bench/pulls/?sort=-cycle_time",
    "pull requests, words": "/t/bench/pulls/?q=ledger+gate",
    "explain": "/t/bench/explain/cycle_time/median/",
    "connections": "/t/bench/connections/",
}


@pytest.fixture
def client(live_db: str) -> Client:
    team = Team.objects.create(slug="bench", name="Bench")
    user = User.objects.create_user("bench@example.org", "a long password")
    Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def fill(first: int, last: int) -> None:
    team = Team.objects.get(slug="bench")
    for page in organisation.pages(first, last, now()):
        facts.write(team, page)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE")


@pytest.fixture
def sizes(client: Client) -> Iterator[int]:
    """Each size once, the data grown to it."""

    def grown() -> Iterator[int]:
        have = 0
        for size in SIZES:
            fill(have, size)
            have = size
            yield size

    return grown()


def test_pages_and_export(client: Client, sizes: Iterator[int], settings: Any, tmp_path: Path) -> None:
    cold: dict[str, list[Times]] = {name: [] for name in PAGES}
    found: dict[str, Any] = {}
    for size in sizes:
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
        for name, address in PAGES.items():
            cold[name].append(timed(partial(fetch, client, address), REPEATS))
        settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
        warm = {name: timed(partial(fetch, client, address), REPEATS) for name, address in PAGES.items()}
        found[str(size)] = {
            "cold": {name: cold[name][-1] for name in PAGES},
            "warm": warm,
            "statements": {name: len(statements(client, address)) for name, address in PAGES.items()},
            "against DuckDB": against_duckdb(client, settings, tmp_path / str(size)),
            "export": export(client, size),
        }
        write_down(f"pages-{size}", found[str(size)])
    if len(SIZES) > 1:
        write_down("growth", {name: growth(SIZES, [each.median for each in times]) for name, times in cold.items()})


def fetch(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content


def statements(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        fetch(client, address)
    return [query["sql"] for query in captured if not query["sql"].startswith(("BEGIN", "COMMIT"))]


def against_duckdb(client: Client, settings: Any, folder: Path) -> dict[str, Any]:
    """The overview's aggregates alone, here and there."""
    folder.mkdir()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    team = Team.objects.get(slug="bench")
    asked = aggregates(statements(client, PAGES["overview"]))
    assert asked
    with tenant(team.id):
        reference = Reference(folder)
        there = reference.time(asked, REPEATS)
        here = timed(lambda: [rows_of(statement) for statement in asked], REPEATS)
    return {"statements": len(asked), "here": here, "DuckDB": there, "ratio": round(here.median / there.median, 2)}


def rows_of(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[Any] = cursor.fetchall()
        return found


def export(client: Client, size: int) -> dict[str, Any]:
    before = peak_memory_mb()
    times = timed(lambda: count_lines(client), 1)
    lines = count_lines(client)
    return {
        "rows": lines - 1,
        "rows per second": round((lines - 1) / (times.median / 1000)),
        "memory growth in MB": round(peak_memory_mb() - before, 1),
    }


def count_lines(client: Client) -> int:
    response: Any = client.get("/t/bench/pulls.csv?from=2020-01-01&to=2040-01-01&state=all&automation=1")
    assert response.status_code == 200
    return sum(chunk.count(b"\n") for chunk in response.streaming_content)
