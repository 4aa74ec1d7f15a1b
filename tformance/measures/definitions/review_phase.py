from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="review_phase",
    question="How long does review take until the last approval?",
    title="In review",
    unit="hours",
    rows=MERGED,
    value=F("review_phase_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests and reviews",
    notes=(
        "From the first review by another person to the last approval before the merge; no value without an approval."
    ),
)
