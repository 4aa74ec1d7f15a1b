from django.db.models import Case, Exists, IntegerField, When

from tformance.measures.rows.checks import FAILED, FIRST_RUNS, PASSED, RUNS
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="flaky_share",
    question="What share of checks both fails and passes on the same commit?",
    title="Flaky checks",
    unit="checks",
    rows=FIRST_RUNS,
    value=Case(
        When(FAILED & Exists(RUNS.filter(PASSED)), then=1),
        When(PASSED & Exists(RUNS.filter(FAILED)), then=1),
        default=0,
        output_field=IntegerField(),
    ),
    statistics=("rate", "sum"),
    better="lower",
    source="Check runs of every head",
    notes=(
        "A check on a commit counts once, however often it ran, on the day it first passed or failed. It is flaky when "
        "runs of it failed and passed on that commit. Seen only where every run of every head is read."
    ),
    version=2,
)
