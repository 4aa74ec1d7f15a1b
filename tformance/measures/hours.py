"""The time between two instants of a row, as an ORM expression."""

from typing import Any

from django.db.models import DateTimeField, Expression, FloatField, Func

from tformance.core import clock


class Present(Expression):
    """The instant at which it is asked."""

    output_field = DateTimeField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s::timestamptz", (clock.now(),)


class HoursBetween(Func):
    """Hours from the first to the second; null where either is."""

    arity = 2
    template = "(EXTRACT(EPOCH FROM (%(expressions)s)) / 3600)::double precision"
    arg_joiner = " - "
    output_field = FloatField()

    def __init__(self, start: Any, end: Any, **extra: Any) -> None:
        super().__init__(end, start, **extra)
