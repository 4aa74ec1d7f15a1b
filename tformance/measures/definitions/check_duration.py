from django.db.models import Case, F, FloatField, Value, When

from tformance.measures.rows.checks import COMPLETED, FAILED, PASSED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="check_duration",
    question="How long does a check take?",
    title="Time of a check",
    unit="hours",
    rows=COMPLETED,
    value=Case(When(PASSED | FAILED, then=F("duration_seconds") / Value(3600.0)), output_field=FloatField()),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Check runs",
    notes=("From start to end of those that passed or failed, where both are known. Commit statuses have no start."),
)
