from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from tformance.measures.rows.reviews import GIVEN
from tformance.measures.shape import Finish, Measure


def _gini(lines: Sequence[tuple[Any, ...]]) -> tuple[float | None, int]:
    """Of the reviews of each person; there is nothing to share with one person alone."""
    given = sorted(reviews for (reviews,) in lines)
    people = len(given)
    if people < 2:
        return None, people
    ranked = sum(rank * reviews for rank, reviews in enumerate(given, 1))
    return 2 * ranked / (people * sum(given)) - (people + 1) / people, people


MEASURE = Measure(
    id="review_load",
    question="How evenly is reviewing shared?",
    title="Balance of reviewing",
    unit="reviewers",
    rows=GIVEN,
    value=None,
    statistics=("gini",),
    better="lower",
    source="Reviews",
    notes=(
        "The Gini index of reviews given per person: 0 where everybody who reviews gives as many, near 1 where "
        "one person gives all. People who gave none are not in it."
    ),
    finish=Finish(columns={"reviews": Count("*")}, number=_gini, per="author_id"),
)
