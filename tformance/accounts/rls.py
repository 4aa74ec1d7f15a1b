"""Row-level security as a migration operation: every tenant table gets one, none is forgotten (see the system check)."""

from typing import Any

from django.db import migrations

POLICY = "team_id = nullif(current_setting('app.team_id', true), '')::bigint"


class TenantTable(migrations.RunSQL):
    """Enable and force row-level security on `table` for reads and writes, by its team_id."""

    def __init__(self, table: str) -> None:
        self.table = table
        super().__init__(
            sql=[
                f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
                f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
                f'CREATE POLICY tenant ON "{table}" USING ({POLICY}) WITH CHECK ({POLICY})',
            ],
            reverse_sql=[
                f'DROP POLICY tenant ON "{table}"',
                f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
                f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
            ],
        )

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__qualname__, [self.table], {})

    def describe(self) -> str:
        return f"Wall off {self.table} by team"
