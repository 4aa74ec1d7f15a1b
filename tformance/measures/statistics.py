"""Statistics as ORM aggregates over the value of a row.

Percentiles interpolate: the median of an even number of rows is the mean of the middle two.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Avg, Count, FloatField, Sum

from tformance.measures.shape import Statistic


class Percentile(Aggregate):
    """PostgreSQL's percentile_cont: the value below which `fraction` of the rows lie, nulls left out."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(fraction)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, fraction: float, **extra: Any) -> None:
        super().__init__(expression, fraction=fraction, **extra)


class Percentiles(Aggregate):
    """Several of them as an array: the rows are sorted once."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(ARRAY[%(fractions)s]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())

    def __init__(self, expression: Any, fractions: Sequence[float], **extra: Any) -> None:
        super().__init__(expression, fractions=", ".join(map(str, fractions)), **extra)


FRACTIONS: dict[Statistic, float] = {"median": 0.5, "p75": 0.75, "p85": 0.85, "p90": 0.9}


def aggregate(statistic: Statistic, value: Any) -> Any:
    """The aggregate that a statistic is read from; for a share the number of rows whose value is 1."""
    if statistic in FRACTIONS:
        return Percentile(value, FRACTIONS[statistic])
    if statistic in ("mean", "rate"):
        return Avg(value, output_field=FloatField())
    if statistic == "distinct":
        return Count(value, distinct=True)
    return Count("*") if statistic in ("count", "per_week") else Sum(value)
