from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="queue_time",
    question="How long does a pull request stand in the merge queue?",
    title="Time in the merge queue",
    unit="hours",
    rows=MERGED,
    value=F("queue_time_hours"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Timeline",
    notes=(
        "From the last time it was added to the queue to the merge. Part of waiting to merge. Without a queue "
        "there is no value."
    ),
)
