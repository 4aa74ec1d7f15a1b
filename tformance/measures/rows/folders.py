"""The folder a file counts in."""

from typing import Any

from django.db.models import Case, CharField, F, Func, Value, When
from django.db.models.functions import Concat
from django.db.models.lookups import Exact


def _part(place: int) -> Func:
    """The part of a path at this place, counted from 1; '' behind its end."""
    return Func(F("path"), Value("/"), Value(place), function="SPLIT_PART", output_field=CharField())


def _ends_before(place: int) -> Any:
    return Exact(_part(place), Value(""))


# The first two folders; a file that lies higher has fewer, or none.
DIRECTORY = Case(
    When(_ends_before(2), then=Value("")),
    When(_ends_before(3), then=_part(1)),
    default=Concat(_part(1), Value("/"), _part(2)),
    output_field=CharField(),
)
