from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="deploy_phase",
    question="How long do the changes merged in this period wait for production?",
    title="To production",
    unit="hours",
    rows=MERGED,
    value=F("deploy_time_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Deployments and their comparison",
    notes=(
        "From the merge to the first successful production deployment that contains it, on the day of the merge. "
        "What has not reached production yet has no value."
    ),
)
