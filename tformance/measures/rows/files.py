"""Files of merged pull requests as rows, on the day of the merge; generated, vendored and lock files are left out."""

from typing import Any

from django.db.models import Case, CharField, F, Func, Q, Value, When
from django.db.models.functions import Concat
from django.db.models.lookups import Exact

from tformance.facts.models.pull_request import PRFile
from tformance.measures.shape import Rows


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

CHANGED = Rows(
    id="changed_files",
    model=PRFile,
    anchor="pull_request__merged_at",
    where=Q(is_generated=False, pull_request__merged_at__isnull=False, pull_request__gone_at__isnull=True),
    not_automation=Q(pull_request__by_automation=False, pull_request__carries=""),
    columns={
        "repository": "pull_request__repository_id",
        "author": "pull_request__author_id",
        "ai": "pull_request__ai_marked",
        "ai_tool": "pull_request__ai_tool",
        "size": "pull_request__size_bucket",
        "state": "pull_request__state",
        "text": "pull_request__title",
        "category": "category",
        "directory": DIRECTORY,
    },
)
