from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="pickup_time",
    question="How long does a ready pull request wait for its first review?",
    title="Wait for first review",
    unit="hours",
    rows=MERGED,
    value=F("pickup_phase_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests, timeline and reviews",
    notes=(
        "From ready for review to the first review by another person. A review while still a draft gives "
        "zero; without a review there is no value."
    ),
)
