from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q
from django.db.models.functions import Coalesce

from tformance.facts.models.instants import HoursBetween
from tformance.measures.present import Present
from tformance.measures.rows.pull_requests import OPENED
from tformance.measures.shape import Finish, Measure
from tformance.measures.survival import median_survival

IS_MERGED = Q(merged_at__isnull=False)


def _median(lines: Sequence[tuple[Any, ...]]) -> tuple[float | None, int]:
    merged = [hours for line in lines for hours in line[0] or ()]
    unmerged = [hours for line in lines for hours in line[1] or ()]
    return median_survival(merged, unmerged), len(merged) + len(unmerged)


MEASURE = Measure(
    id="time_to_merge",
    question="How long until a pull request is merged, counting those that are not?",
    title="Time until merged",
    unit="hours",
    rows=OPENED,
    value=None,
    statistics=("median",),
    better="lower",
    source="Pull requests",
    notes=(
        "After how long half of all that were opened are merged, estimated after Kaplan and Meier: an open pull request "
        "counts as unmerged until now and a closed one until it was closed, instead of being left out. No value where "
        "less than half are merged. By the day of opening."
    ),
    finish=Finish(
        columns={
            "merged": ArrayAgg(HoursBetween("pr_created_at", "merged_at"), filter=IS_MERGED),
            "unmerged": ArrayAgg(HoursBetween("pr_created_at", Coalesce("closed_at", Present())), filter=~IS_MERGED),
        },
        number=_median,
    ),
)
