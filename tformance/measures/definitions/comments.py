from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="comments",
    question="How much is said about a pull request?",
    title="Comments",
    unit="comments",
    rows=MERGED,
    value=F("total_comments"),
    statistics=("median", "p75", "p90", "mean", "sum"),
    better="neither",
    source="Comments, review threads and reviews",
    notes=(
        "Comments below it and in its code, and reviews with words in them, by people. What bots say is counted apart."
    ),
)
