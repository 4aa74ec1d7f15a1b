"""Instants of a row and the time between them, as ORM expressions."""

from typing import Any

from django.db.models import Case, DateTimeField, F, FloatField, Func, When


def own_instant() -> Case:
    """When a pull request was merged, else closed, and while open when it was opened."""
    return Case(
        When(merged_at__isnull=False, then="merged_at"),
        When(closed_at__isnull=False, then="closed_at"),
        default="pr_created_at",
        output_field=DateTimeField(),
    )


class HoursBetween(Func):
    """Hours from the first to the second; null where either is."""

    arity = 2
    template = "(EXTRACT(EPOCH FROM (%(expressions)s)) / 3600)::double precision"
    arg_joiner = " - "
    output_field = FloatField()

    def __init__(self, start: Any, end: Any, **extra: Any) -> None:
        super().__init__(end, start, **extra)


def hours_until(start: str, end: str) -> Case:
    """Hours from the first to the second; null also where the second came before the first."""
    return Case(When(**{f"{start}__lte": F(end)}, then=HoursBetween(start, end)), output_field=FloatField())
