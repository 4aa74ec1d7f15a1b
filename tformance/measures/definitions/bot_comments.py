from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="bot_comments",
    question="How much do bots say about a pull request?",
    title="Comments by bots",
    unit="comments",
    rows=MERGED,
    value=F("bot_comments"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
        "sum",
    ),
    better="neither",
    source="Comments, review threads and reviews",
    notes=("Comments below it and in its code, and reviews with words in them, by bots and apps."),
)
