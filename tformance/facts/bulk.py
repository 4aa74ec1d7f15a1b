"""Many rows in one statement: they travel as one JSON text, so a page costs the same number of statements at any size.

The only raw SQL of the facts. Table and column names come from models, never from data.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model

Row = tuple[Any, ...]


def new_ids(model: type[Model], count: int) -> list[int]:
    """Primary keys for rows about to be inserted, so that rows that refer to them can be made first."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def insert(
    model: type[Model], team_id: int, columns: Sequence[str], rows: Sequence[Row], *, keep_existing: bool = False
) -> int:
    """Insert rows, each a value for every column; returns how many. `keep_existing` passes over those that exist."""
    if not rows:
        return 0
    names = _names(columns)
    on_conflict = "ON CONFLICT DO NOTHING" if keep_existing else ""
    sql = (
        f"INSERT INTO {_table(model)} (team_id, {names}) SELECT %s, {names} "
        f"FROM json_to_recordset(%s) AS r({_types(model, tuple(columns))}) {on_conflict}"
    )
    return _run(sql, [team_id, _as_json(columns, rows)])


def shared(model: type[Model], team_id: int, columns: Sequence[str]) -> Row | None:
    """The team's row, if there is one; others may hold it too, but nobody changes it until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_names(columns)} FROM {_table(model)} WHERE team_id = %s FOR SHARE", [team_id])
        found: Row | None = cursor.fetchone()
        return found


def update(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> int:
    """Set columns of rows; the first value of each row is its id, which `columns` does not name."""
    if not rows:
        return 0
    targets = ", ".join(f'"{name}" = r."{name}"' for name in columns)
    sql = (
        f"UPDATE {_table(model)} AS t SET {targets} "
        f"FROM json_to_recordset(%s) AS r({_types(model, ('id', *columns))}) WHERE t.id = r.id"
    )
    return _run(sql, [_as_json(["id", *columns], rows)])


def delete(model: type[Model], ids: Sequence[int]) -> int:
    if not ids:
        return 0
    return _run(f"DELETE FROM {_table(model)} WHERE id = ANY(%s)", [list(ids)])


def _run(sql: str, parameters: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def _table(model: type[Model]) -> str:
    return f'"{model._meta.db_table}"'


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


@lru_cache(maxsize=128)
def _types(model: type[Model], columns: tuple[str, ...]) -> str:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return ", ".join(f'"{name}" {fields[name].cast_db_type(connection)}' for name in columns)


def _as_json(columns: Sequence[str], rows: Iterable[Row]) -> str:
    return json.dumps([dict(zip(columns, row, strict=True)) for row in rows], default=_plain, ensure_ascii=False)


def _plain(value: object) -> str:
    if isinstance(value, date):  # a datetime is one
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be stored")
