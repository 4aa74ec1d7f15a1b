from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="draft_time",
    question="How long is a pull request a draft?",
    title="Time as a draft",
    unit="hours",
    rows=MERGED,
    value=F("draft_time_hours"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="neither",
    source="Timeline",
    notes=("All stretches as a draft together, also those after a review. Never a draft has no value."),
)
