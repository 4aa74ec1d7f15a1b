from collections.abc import Sequence
from statistics import median
from typing import Any

from django.db.models import Count

from tformance.measures.rows.pull_requests import BY_PEOPLE
from tformance.measures.shape import Finish, Measure


def _median(lines: Sequence[tuple[Any, ...]]) -> tuple[float | None, int]:
    merged = [count for (count,) in lines]
    return (float(median(merged)) if merged else None), len(merged)


MEASURE = Measure(
    id="prs_per_author",
    question="How much does a person merge?",
    title="Pull requests for each author",
    unit="pull requests",
    rows=BY_PEOPLE,
    value=None,
    statistics=("median",),
    better="neither",
    source="Pull requests",
    notes=(
        "Half of the people who merged something merged more than this. Agents, automation and deleted accounts are no "
        "people; who merged nothing is not in it. Smaller pull requests make more of them."
    ),
    finish=Finish(columns={"merged": Count("*")}, number=_median, per="author_id"),
)
