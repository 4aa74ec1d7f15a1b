from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="merge_phase",
    question="How long does an approved pull request wait for its merge?",
    title="Wait for merge",
    unit="hours",
    rows=MERGED,
    value=F("merge_phase_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests and reviews",
    notes="From the last approval to the merge; no value without an approval.",
)
