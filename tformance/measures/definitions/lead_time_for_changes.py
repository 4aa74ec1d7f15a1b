from django.db.models import Case, F, FloatField, When

from tformance.measures.hours import HoursBetween
from tformance.measures.rows.pull_requests import DEPLOYED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="lead_time_for_changes",
    question="How long does a change take from its first commit to production?",
    title="Lead time for changes",
    unit="hours",
    rows=DEPLOYED,
    value=Case(
        When(first_commit_at__lte=F("deployed_at"), then=HoursBetween("first_commit_at", "deployed_at")),
        output_field=FloatField(),
    ),
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
