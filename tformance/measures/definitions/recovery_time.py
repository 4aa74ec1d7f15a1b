from tformance.facts.models.instants import HoursBetween
from tformance.measures.rows.deployments import FAILED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="recovery_time",
    question="How long does it take to recover from a failed deployment?",
    title="Time to recover",
    unit="hours",
    rows=FAILED,
    value=HoursBetween("succeeded_at", "recovered_at"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Deployments",
    notes=(
        "From the failed deployment to the one that put it right, in the last of the environments in which it failed. "
        "Those not put right yet have no value and are counted as missing."
    ),
    version=2,
)
