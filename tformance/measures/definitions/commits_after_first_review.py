from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="commits_after_first_review",
    question="How many commits follow the first review?",
    title="Commits after the first review",
    unit="commits",
    rows=MERGED,
    value=F("commits_after_first_review"),
    statistics=("median", "p75", "p90", "mean", "sum"),
    better="neither",
    source="Reviews and timelines",
    notes=(
        "By their place in the timeline, as dates of commits survive a rebase. Merging the base branch in does not "
        "count; without a review by a person there is no value."
    ),
)
