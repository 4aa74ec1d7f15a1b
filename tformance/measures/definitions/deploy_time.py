from django.db.models import F

from tformance.measures.rows.pull_requests import DEPLOYED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="deploy_time",
    question="How long does a merged change wait for production?",
    title="Merge to production",
    unit="hours",
    rows=DEPLOYED,
    value=F("deploy_time_hours"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Deployments and their comparison",
    notes=(
        "From the merge to the first successful production deployment that contains it, on the day of that deployment."
    ),
)
