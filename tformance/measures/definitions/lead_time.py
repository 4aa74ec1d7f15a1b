from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="lead_time",
    question="How long does a change take from its first commit to the merge?",
    title="Lead time to merge",
    unit="hours",
    rows=MERGED,
    value=F("lead_time_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests and commits",
    notes="From the first authored commit, or the opening if that was earlier, to the merge. No value without commits.",
)
