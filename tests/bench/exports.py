"""The list of pull requests as a file, beside PostgreSQL writing the same columns by itself."""

import time
from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.test import Client

from tests.bench.figures import peak_growth_mb
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.measures.records import COLUMNS

ROWS: Final = 100_000
WHOLE: Final = "from=2010-01-01&to=2035-01-01&state=all&automation=1"


def exported(client: Client, slug: str, kind: str) -> dict[str, Any]:
    """Up to 100,000 rows as a visitor gets them: rows a second, and how much memory grew meanwhile."""
    address = f"/t/{slug}/pulls.{kind}?{WHOLE}"
    _lines_of(client, address, 1_000)  # code is loaded
    return _measured(lambda: _lines_of(client, address, ROWS))


def _lines_of(client: Client, address: str, most: int) -> int:
    response: Any = client.get(address)
    assert response.status_code == 200
    lines = -1  # the first line is none of a pull request
    for part in response.streaming_content:
        lines += part.count(b"\n")
        if lines >= most:
            break
    response.close()
    return lines


def copied(team: int) -> dict[str, Any]:
    """COPY … TO STDOUT of the same columns, but for the reviewers' names."""
    return _measured(lambda: _copy(team))


def _copy(team: int) -> int:
    rows = 0
    with tenant(team), connection.cursor() as cursor:
        wanted = PullRequest.objects.order_by("-merged_at", "-id").values_list(*COLUMNS)[:ROWS]
        statement, parameters = wanted.query.sql_with_params()
        with cursor.copy(f"COPY ({statement}) TO STDOUT CSV", parameters) as lines:
            for line in lines:
                rows += bytes(line).count(b"\n")
    return rows


def _measured(lines: Callable[[], int]) -> dict[str, Any]:
    started = time.perf_counter()
    rows, grown = peak_growth_mb(lines)
    seconds = time.perf_counter() - started
    return {
        "rows": rows,
        "seconds": round(seconds, 2),
        "rows a second": round(rows / seconds),
        "memory growth in MB": round(grown, 1),
    }
