from django.db.models import Case, IntegerField, When

from tformance.measures.rows.deployments import DELIVERED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="unlinked_deployments",
    question="How many deployments bring nothing we know of?",
    title="Deployments without a pull request",
    unit="deployments",
    rows=DELIVERED,
    value=Case(When(is_linked=True, then=0), When(is_linked=False, then=1), output_field=IntegerField()),
    statistics=(
        "sum",
        "rate",
    ),
    better="lower",
    source="Deployments and their comparison",
    notes=(
        "No pull request is known to be in them: they cannot be compared with the one before, or brought direct pushes "
        "only. What was not compared yet has no value, nor has the first deployment that is known, as what it brought "
        "is older than what was read."
    ),
    version=3,
)
