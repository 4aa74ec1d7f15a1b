from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="review_rounds",
    question="How often does a pull request go back to its author?",
    title="Review rounds",
    unit="rounds",
    rows=MERGED,
    value=F("review_rounds"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Reviews, review threads and timelines",
    notes=(
        "A round begins with changes requested, or with a commenting review that opened a thread, and ends with the "
        "next push; further requests before that push belong to it. 0 when nobody asked for changes, no value "
        "without a review by a person."
    ),
)
