from collections.abc import Sequence
from math import comb
from typing import Any

from django.db.models import Count, Q

from tformance.facts.models.review import PRReview
from tformance.measures.rows.reviews import LAST_WORDS
from tformance.measures.shape import Finish, Measure

VERDICTS = {
    "approvals": Count("pk", filter=Q(state=PRReview.State.APPROVED)),
    "refusals": Count("pk", filter=Q(state=PRReview.State.CHANGES_REQUESTED)),
}


def _agreement(lines: Sequence[tuple[Any, ...]]) -> tuple[float | None, int]:
    """Of all pairs of verdicts on the same pull request those that are equal."""
    pairs = sum(comb(approvals + refusals, 2) for approvals, refusals in lines)
    equal = sum(comb(approvals, 2) + comb(refusals, 2) for approvals, refusals in lines)
    return (equal / pairs if pairs else None), pairs


MEASURE = Measure(
    id="review_agreement",
    question="How often do reviewers of the same pull request agree?",
    title="Reviewers agree",
    unit="reviews",
    rows=LAST_WORDS,
    value=None,
    statistics=("rate",),
    better="neither",
    source="Reviews",
    notes=(
        "For each two people who reviewed the same pull request, whether their last verdicts, approval or changes "
        "requested, were the same. Remarks without a verdict and dismissed reviews do not count, nor do bots and "
        "deleted accounts."
    ),
    finish=Finish(columns=VERDICTS, number=_agreement, per="pull_request_id"),
)
