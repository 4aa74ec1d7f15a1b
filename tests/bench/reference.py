"""The same statements on the same rows in DuckDB, to compare with."""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
from django.db import connection

from tests.bench.figures import Times, timed

TABLES = ("facts_pullrequest", "facts_prreview", "facts_repository", "facts_actor", "facts_coverage", "facts_commit")
AGGREGATES = re.compile(r"\b(count|sum|avg|percentile_cont)\b", re.IGNORECASE)


class Reference:
    """Holds a copy of the tables that aggregates read."""

    def __init__(self, folder: Path) -> None:
        self.database = duckdb.connect()
        for table in TABLES:
            self._copy(table, folder / f"{table}.csv")

    def _copy(self, table: str, file: Path) -> None:
        with (
            connection.cursor() as cursor,
            file.open("wb") as out,
            cursor.copy(f"COPY (SELECT * FROM {table}) TO STDOUT CSV HEADER") as copy,
        ):
            for chunk in copy:
                out.write(chunk)
        self.database.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{file}', sample_size=-1)")

    def time(self, statements: Sequence[str], n: int) -> Times:
        """All statements one after the other; the few rows they give are thrown away."""
        return timed(lambda: [self.database.execute(f"COPY ({each}) TO '/dev/null' CSV") for each in statements], n)


def aggregates(statements: Sequence[str]) -> list[str]:
    """Those that count something, in words that both databases know."""
    return [
        _plain(each)
        for each in statements
        if each.startswith("SELECT") and AGGREGATES.search(each) and "facts_" in each
    ]


def _plain(statement: str) -> str:
    return statement.replace("::timestamptz", "::timestamp with time zone")
