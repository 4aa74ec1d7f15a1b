from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="draft_phase",
    question="How long is a pull request a draft before it is ready?",
    title="Draft",
    unit="hours",
    rows=MERGED,
    value=F("draft_phase_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests and timeline",
    notes="From opening to the last ready for review before the first review; zero if it never was a draft.",
)
