from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="reviewers",
    question="How many people review a pull request?",
    title="Reviewers",
    unit="reviewers",
    rows=MERGED,
    value=F("reviewers"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="neither",
    source="Reviews",
    notes=(
        "People other than the author who reviewed it before the merge, and before any commit of their own in it; nobody "
        "is 0. Where reviews were not read there is no value."
    ),
)
