from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="review_threads",
    question="How many conversations in the code does a pull request have?",
    title="Review threads",
    unit="threads",
    rows=MERGED,
    value=F("review_threads"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
        "sum",
    ),
    better="neither",
    source="Review threads",
    notes=("Threads that people began. What bots began is left out."),
)
