from tformance.facts.models.instants import HoursBetween
from tformance.measures.rows.threads import ANSWERED_AT, BEGUN, BEGUN_AT
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="comment_response",
    question="How soon is a remark in the code answered?",
    title="Answer to a remark",
    unit="hours",
    rows=BEGUN,
    value=HoursBetween(BEGUN_AT, ANSWERED_AT),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Review threads",
    notes=(
        "From the first remark of a thread to the first answer in it by another person. Threads without one have "
        "no value."
    ),
)
