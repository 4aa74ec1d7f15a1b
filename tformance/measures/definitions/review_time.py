from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="review_time",
    question="How long until somebody else reviews a pull request?",
    title="Time to first review",
    unit="hours",
    rows=MERGED,
    value=F("review_time_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests and reviews",
    notes=(
        "From opening to the first review by a person other than the author. Reviews by bots and pending ones "
        "never count, nor those of who had put a commit into it before; without such a review there is no value."
    ),
)
