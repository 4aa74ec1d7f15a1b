from tformance.facts.models.instants import HoursBetween
from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="ready_to_merge",
    question="How long does it take from ready for review to the merge?",
    title="Ready to merged",
    unit="hours",
    rows=MERGED,
    value=HoursBetween("ready_at", "merged_at"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests and timeline",
    notes=(
        "From the last time it was marked ready before its first review by another person, or from opening if it never "
        "was a draft, to the merge. Where the timeline was not read there is no value."
    ),
)
