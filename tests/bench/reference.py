"""The same statements on the same rows in DuckDB, to compare with."""

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
from django.db import connection

from tests.bench.figures import Times, timed

TABLES = ("facts_pullrequest", "facts_prreview", "facts_repository", "facts_actor")
NOTHING = "nothing"  # an empty text is no null
NUMBERS = {23: "INTEGER", 20: "BIGINT", 701: "DOUBLE", 1184: "TIMESTAMPTZ"}  # by PostgreSQL's type
LONG_TEXTS = ("title", "body", "url", "child_sets", "earlier_head_sets", "labels")  # no aggregate reads them
PERCENTILES = re.compile(
    r"PERCENTILE_CONT\(ARRAY\[([^\]]*)\]\) WITHIN GROUP \(ORDER BY (.*?)\)( FILTER \(WHERE [^)]*\))? AS"
)
AGGREGATES = re.compile(r"\b(count|sum|avg|percentile_cont)\b", re.IGNORECASE)


class Reference:
    """Holds a copy of the tables that aggregates read."""

    def __init__(self, folder: Path) -> None:
        self.database = duckdb.connect()
        for table in TABLES:
            self._copy(table, folder / f"{table}.csv")

    def _copy(self, table: str, file: Path) -> None:
        types = self._types(table)
        with (
            connection.cursor() as cursor,
            file.open("wb") as out,
            cursor.copy(f"COPY (SELECT {', '.join(types)} FROM {table}) TO STDOUT CSV HEADER NULL '{NOTHING}'") as copy,
        ):
            for chunk in copy:
                out.write(chunk)
        told = {name: NUMBERS[oid] for name, oid in types.items() if oid in NUMBERS}  # what is empty says no type
        options = f"sample_size=-1, nullstr='{NOTHING}'"
        self.database.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{file}', {options}, types={told})")

    def _types(self, table: str) -> dict[str, int]:
        with connection.cursor() as cursor:
            described = connection.introspection.get_table_description(cursor, table)
        return {column.name: column.type_code for column in described if column.name not in LONG_TEXTS}

    def rows(self, statement: str) -> int:
        """How many groups a statement gives here, to see that it asks for the same."""
        return len(self.database.execute(_plain(statement)).fetchall())

    def time(self, statements: Sequence[str], n: int) -> Times:
        """All statements one after the other; the few rows they give are thrown away."""
        plain = [_plain(each) for each in statements]
        return timed(lambda: [self.database.execute(f"COPY ({each}) TO '/dev/null' CSV") for each in plain], n)


def aggregates(statements: Sequence[str]) -> list[str]:
    """Those that count something of what was done; not how far it was read."""
    return [
        each
        for each in statements
        if each.startswith(("SELECT", "(SELECT"))
        and AGGREGATES.search(each)
        and "facts_" in each
        and "facts_coverage" not in each
    ]


def read_for_numbers(statements: Sequence[str]) -> list[str]:
    """Those that count something, and those that read what is kept."""
    counting = set(aggregates(statements))
    return [each for each in statements if each in counting or "measures_rollup" in each]


def _plain(statement: str) -> str:
    """In words that DuckDB knows."""
    several = PERCENTILES.sub(r"quantile_cont(\2, [\1])\3 AS", statement)
    return several.replace("::timestamptz", "::timestamp with time zone")
