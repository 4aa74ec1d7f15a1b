"""What the database itself says about row-level security."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from tformance.accounts.tenancy import tenant
from tformance.facts import testing
from tformance.project.checks import WITHOUT_POLICY, walled_tables

pytestmark = pytest.mark.django_db


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def test_every_table_has_a_forced_policy_or_a_reason() -> None:
    tables = rows(
        "SELECT relname, relrowsecurity AND relforcerowsecurity AND EXISTS "
        "(SELECT FROM pg_policy WHERE polrelid = pg_class.oid AND polqual IS NOT NULL AND polwithcheck IS NOT NULL) "
        "FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    assert {name for name, walled in tables if walled} == walled_tables()
    assert {name for name, walled in tables if not walled} == set(WITHOUT_POLICY)


def test_the_runtime_role_is_bound_by_policies_and_owns_no_table() -> None:
    assert rows("SELECT rolsuper, rolbypassrls, rolname FROM pg_roles WHERE rolname = current_user") == [
        (False, False, "tformance_app")
    ]
    assert rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user") == []


def test_unique_constraints_of_tenant_tables_start_with_the_team() -> None:
    """A unique value across teams would tell one team what another one has."""
    constraints = rows(
        "SELECT indrelid::regclass::text, indexrelid::regclass::text FROM pg_index "
        "JOIN pg_class ON pg_class.oid = indrelid "
        "WHERE indisunique AND NOT indisprimary AND relrowsecurity AND relnamespace = 'public'::regnamespace "
        "AND (SELECT attname FROM pg_attribute WHERE attrelid = indrelid AND attnum = indkey[0]) <> 'team_id'"
    )
    assert constraints == []


@pytest.mark.parametrize("table", sorted(walled_tables()))
def test_no_row_is_written_for_another_team_or_for_none(table: str) -> None:
    ours, theirs = testing.team("ours"), testing.team("theirs")
    with pytest.raises(ProgrammingError, match="row-level security"), tenant(ours.pk):
        insert(table, theirs.pk)
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        insert(table, ours.pk)


def insert(table: str, team: int) -> None:
    """The policy is asked before whatever else the row would lack."""
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" (team_id) VALUES (%s)', [team])
