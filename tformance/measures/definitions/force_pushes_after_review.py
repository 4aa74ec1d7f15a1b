from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="force_pushes_after_review",
    question="How often is history rewritten under a reviewer?",
    title="Force pushes after a review",
    unit="pushes",
    rows=MERGED,
    value=F("force_pushes_after_review"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
        "sum",
    ),
    better="lower",
    source="Timeline and reviews",
    notes=(
        "Pushes that replaced commits after the first review by another person. Without a review there is no value."
    ),
)
