from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="cycle_time",
    question="How long is a pull request open until it is merged?",
    title="Cycle time",
    unit="hours",
    rows=MERGED,
    value=F("cycle_time_hours"),
    statistics=("median", "p75", "p85", "p90", "mean"),
    better="lower",
    source="Pull requests",
    notes="From opening to the merge, merged pull requests only. Elapsed hours, nights and weekends included.",
)
