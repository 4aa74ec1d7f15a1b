from django.db.models import F

from tformance.measures.rows.pull_requests import DEPLOYED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="lead_time_for_changes",
    question="How long does a change take from its first commit to production?",
    title="Lead time for changes",
    unit="hours",
    rows=DEPLOYED,
    value=F("lead_time_for_changes_hours"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Commits, deployments and their comparison",
    notes=(
        "From the first commit of a pull request to the first successful production deployment that contains it, "
        "on the day of that deployment. Without commits, or with a first one that is younger than the deployment, there "
        "is no value."
    ),
    version=2,
)
