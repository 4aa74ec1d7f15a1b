from django.db.models import Case, IntegerField, When

from tformance.measures.rows.threads import BEGUN
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="resolved_share",
    question="What share of conversations in the code is resolved?",
    title="Threads resolved",
    unit="threads",
    rows=BEGUN,
    value=Case(When(is_resolved=True, then=1), default=0, output_field=IntegerField()),
    statistics=(
        "rate",
        "sum",
    ),
    better="higher",
    source="Review threads",
    notes=("Threads that people began in merged pull requests, as they stood when last read."),
)
