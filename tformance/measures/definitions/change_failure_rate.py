from django.db.models import Case, IntegerField, When

from tformance.measures.rows.deployments import DELIVERED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="change_failure_rate",
    question="What share of deployments shows a signal of failure?",
    title="Deployments that failed",
    unit="deployments",
    rows=DELIVERED,
    value=Case(When(failure="", then=0), default=1, output_field=IntegerField()),
    statistics=(
        "rate",
        "sum",
    ),
    better="lower",
    source="Deployments, their contents and what followed",
    notes=(
        "A deployment followed by a rollback, or by the deployment of a revert or a hotfix of what it brought "
        "within a day, in any of the environments it went to. Each counts once. What happened yesterday may still fail."
    ),
    version=2,
)
