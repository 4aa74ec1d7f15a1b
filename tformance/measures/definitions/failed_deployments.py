from django.db.models import Case, IntegerField, When

from tformance.measures.rows.deployments import ATTEMPTED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="failed_deployments",
    question="What share of attempts to deploy does not succeed?",
    title="Attempts that failed",
    unit="deployments",
    rows=ATTEMPTED,
    value=Case(
        When(succeeded_at__isnull=False, then=0),
        When(state__in=("failure", "error"), then=1),
        output_field=IntegerField(),
    ),
    statistics=(
        "rate",
        "sum",
    ),
    better="lower",
    source="Deployments",
    notes=(
        "Attempts to bring a commit to production that ended in failure or error, on the day they began. What "
        "still runs, or was replaced before it ended, has no value."
    ),
)
