from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="fix_response",
    question="How long does an author take to answer a request for changes?",
    title="Time to answer a review",
    unit="hours",
    rows=MERGED,
    value=F("avg_fix_response_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Reviews, review threads and timelines",
    notes=(
        "From the request that begins a round to the next push, averaged over the rounds of a pull request. Rounds "
        "that were never answered by a push are left out; without rounds there is no value."
    ),
)
