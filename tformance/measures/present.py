"""The instant at which a question is asked, as an ORM expression."""

from typing import Any

from django.db.models import DateTimeField, Expression

from tformance.core import clock


class Present(Expression):
    """Each time the statement is made, it is the instant of then."""

    output_field = DateTimeField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s::timestamptz", (clock.now(),)
