"""Pages, lists and exports at 10,000, 100,000 and 1,000,000 pull requests, as the runtime role behind its walls.

BENCH_SIZES names the sizes that are written; the last of them is then multiplied by ten inside PostgreSQL. BENCH_REPEATS
is how often a page is asked for.
"""

import gc
import os
import re
from collections.abc import Mapping
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.db import connection
from django.template import Template
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import multiply, organisation
from tests.bench.addresses import DEEP, LATER, LISTS, PAGES
from tests.bench.exports import copied, exported
from tests.bench.figures import Times, growth, timed, write_down
from tests.bench.reference import Reference, aggregates, read_for_numbers
from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as facts
from tformance.facts.coverage import write_coverage
from tformance.facts.models.repository import Repository
from tformance.measures.rollups.keeping import keep
from tformance.measures.weekly.follow import follow

pytestmark = pytest.mark.bench

WRITTEN: Final = [int(size) for size in os.environ.get("BENCH_SIZES", "10000,100000").split(",")]
SIZES: Final = [*WRITTEN, WRITTEN[-1] * multiply.COPIES]
REPEATS: Final = int(os.environ.get("BENCH_REPEATS", "20"))
LIST_REPEATS: Final = min(REPEATS, 5)  # there are many lists
COMPARED: Final = ("overview", "delivery", "review")
STREAMS: Final = ("pull_requests", "deployments", "head_checks", "commits")
OFF: Final = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
ON: Final = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
NEXT: Final = re.compile('href="([^"]+)" rel="next"')


@pytest.fixture(autouse=True)
def _drawn_as_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under test Django copies all that each template is given, which takes as long as drawing a small page.

    The web server does not look for garbage in what it has loaded either.
    """
    gc.collect()
    gc.freeze()
    monkeypatch.setattr(Template, "_render", lambda template, context: template.nodelist.render(context))


@pytest.fixture
def client(live_db: str) -> Client:
    """Somebody who belongs to a team of each size."""
    user = User.objects.create_user("bench@example.org", "a long password")
    for size in SIZES:
        team = Team.objects.create(slug=f"bench-{size}", name="Bench")
        Membership.objects.create(team=team, user=user, role=Role.ADMIN)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def filled(client: Client) -> Client:
    at = now()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        for size in WRITTEN:
            _write(Team.objects.get(slug=f"bench-{size}"), size, owner)
            multiply.deploy_daily(owner, Team.objects.get(slug=f"bench-{size}").pk, at)
        source, target = (Team.objects.get(slug=f"bench-{size}").pk for size in SIZES[-2:])
        multiply.multiply(owner, source, target, at)
        owner.execute("VACUUM ANALYZE")
    return client


def _write(team: Team, size: int, owner: psycopg.Connection[Any]) -> None:
    """As sync does; nobody else keeps the planner's statistics here."""
    for count, page in enumerate(organisation.pages(0, size, now())):
        if count in (10, 100, 500):
            owner.execute("ANALYZE")
        facts.write(team, page)
    with tenant(team.pk):
        for repository in Repository.objects.all():
            for stream in STREAMS:
                write_coverage(repository.pk, stream, None, now())


def test_pages_lists_and_exports(filled: Client, settings: Any, tmp_path: Path) -> None:
    medians: dict[str, list[float]] = {}
    settings.CACHES = OFF
    from_rows = {size: _asked(filled, size) for size in SIZES}
    write_down("roll-ups", {f"s to make all of {size}": _kept(size) for size in SIZES})
    for size in SIZES:
        pages, lists, later = (_of(size, addresses) for addresses in (PAGES, LISTS, LATER))
        settings.CACHES = OFF
        found: dict[str, Any] = {
            "cold": _timed(filled, pages),
            "later": _timed(filled, later, LIST_REPEATS),
            "statements": {name: len(_statements(filled, address)) for name, address in pages.items()},
            "lists": _timed(filled, lists, LIST_REPEATS),
            "deep": {name: _deep(filled, address) for name, address in _of(size, DEEP).items()},
        }
        for name, times in {**found["cold"], **found["later"], **found["lists"]}.items():
            medians.setdefault(name, []).append(times.median)
        settings.CACHES = ON
        found["warm"] = _timed(filled, pages)
        settings.CACHES = OFF
        found["against DuckDB"] = _compared(filled, size, from_rows[size], tmp_path / str(size))
        found["export"] = _exported(filled, size)
        write_down(f"pages-{size}", found)
    write_down("growth", {name: growth(SIZES, times) for name, times in medians.items()})
    write_down("unused-indexes", {"indexes": _unused()})


def _of(size: int, addresses: Mapping[str, str]) -> dict[str, str]:
    return {name: address.replace("/t/bench/", f"/t/bench-{size}/") for name, address in addresses.items()}


def _timed(client: Client, addresses: Mapping[str, str], n: int = REPEATS) -> dict[str, Times]:
    return {name: timed(partial(_fetch, client, address), n) for name, address in addresses.items()}


def _fetch(client: Client, address: str) -> Any:
    response = client.get(address)
    assert response.status_code == 200, address
    return response


def _statements(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        _fetch(client, address)
    return [query["sql"] for query in captured if not query["sql"].startswith(("BEGIN", "COMMIT"))]


def _deep(client: Client, address: str, pages: int = 20) -> Times:
    """So many pages from the start of a list, each by the address the one before it gave."""
    for _ in range(pages):
        further = NEXT.search(_fetch(client, address).text)
        address = unescape(further[1]) if further else address
    return timed(partial(_fetch, client, address), LIST_REPEATS)


def _kept(size: int) -> float:
    """As workers do it, in one go."""
    team = Team.objects.get(slug=f"bench-{size}")
    while follow(team.pk).left:
        pass
    started = now()
    while keep(team.pk):
        pass
    seconds = (now() - started).total_seconds()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE measures_rollup")
    return round(seconds, 1)


def _asked(client: Client, size: int) -> dict[str, list[str]]:
    """What each page counts."""
    return {
        name: aggregates(_statements(client, address))
        for name, address in _of(size, PAGES).items()
        if name.startswith(COMPARED)
    }


def _compared(client: Client, size: int, from_rows: Mapping[str, list[str]], folder: Path) -> dict[str, Any]:
    """What a page reads for its numbers, from roll-ups where there are any, and the same aggregates of all rows there."""
    folder.mkdir()
    pages = _of(size, PAGES)
    reads = {name: read_for_numbers(_statements(client, pages[name])) for name in from_rows}
    with tenant(Team.objects.get(slug=f"bench-{size}").pk):
        reference = Reference(folder)
        return {name: _against(reference, reads[name], statements) for name, statements in from_rows.items()}


def _against(reference: Reference, reads: list[str], statements: list[str]) -> dict[str, Any]:
    assert statements
    assert [reference.rows(each) for each in statements] == [len(_rows_of(each)) for each in statements]
    there = reference.time(statements, REPEATS)
    here = timed(lambda: [_rows_of(statement) for statement in reads], REPEATS)
    return {
        "statements": [len(reads), len(statements)],
        "here": here,
        "DuckDB": there,
        "ratio": round(here.median / there.median, 2),
    }


def _rows_of(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[Any] = cursor.fetchall()
        return found


def _exported(client: Client, size: int) -> dict[str, Any]:
    slug = f"bench-{size}"
    csv, as_json = (exported(client, slug, kind) for kind in ("csv", "json"))
    theirs = copied(Team.objects.get(slug=slug).pk)
    return {
        "csv": csv,
        "json": as_json,
        "COPY": theirs,
        "ratio": round(theirs["rows a second"] / csv["rows a second"], 1),
    }


def _unused() -> list[str]:
    """Indexes of pull requests and their children that nothing read; unique ones also keep rules."""
    rows = _rows_of(
        "SELECT s.indexrelname FROM pg_stat_user_indexes s JOIN pg_index i USING (indexrelid) "
        "WHERE s.relname LIKE 'facts_pr%' AND s.idx_scan = 0 AND NOT i.indisunique ORDER BY 1"
    )
    return [name for (name,) in rows]
