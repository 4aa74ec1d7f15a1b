from tformance.facts.models.instants import HoursBetween
from tformance.measures.rows.threads import BEGUN, BEGUN_AT
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="thread_resolution_time",
    question="How long does a conversation in the code stay open?",
    title="Time to resolve a thread",
    unit="hours",
    rows=BEGUN,
    value=HoursBetween(BEGUN_AT, "resolved_at"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Review threads and messages from the provider",
    notes=(
        "From its first remark to the moment it was resolved. Only messages tell that moment, so threads from "
        "before the connection have no value and are counted as missing, as are open ones."
    ),
)
