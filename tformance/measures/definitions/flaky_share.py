from django.db.models import Case, IntegerField, When

from tformance.measures.rows.checks import FIRST_RUNS
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="flaky_share",
    question="What share of checks both fails and passes on the same commit?",
    title="Flaky checks",
    unit="checks",
    rows=FIRST_RUNS,
    value=Case(When(is_flaky=True, then=1), default=0, output_field=IntegerField()),
    statistics=("rate", "sum"),
    better="lower",
    source="Check runs of every head",
    notes=(
        "A check on a commit counts once, however often it ran, on the day it first passed or failed. It is flaky when "
        "runs of it failed and passed on that commit. Seen only where every run of every head is read."
    ),
    version=3,
)
