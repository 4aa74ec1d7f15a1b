from django.db.models import Case, IntegerField, When

from tformance.measures.rows.checks import COMPLETED, FAILED, PASSED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="check_pass_rate",
    question="What share of checks passes?",
    title="Checks that pass",
    unit="checks",
    rows=COMPLETED,
    value=Case(When(PASSED, then=1), When(FAILED, then=0), output_field=IntegerField()),
    statistics=(
        "rate",
        "sum",
    ),
    better="higher",
    source="Check runs and commit statuses",
    notes=(
        "Passed, of those that passed, failed, timed out, could not start or need action. Skipped, neutral, "
        "cancelled and stale ones decided nothing: they are left out and counted as missing."
    ),
)
