from django.db.models import F

from tformance.measures.rows.reviews import GIVEN
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="active_reviewers",
    question="How many people review?",
    title="Active reviewers",
    unit="reviewers",
    rows=GIVEN,
    value=F("author_id"),
    statistics=("distinct",),
    better="neither",
    source="Reviews",
    notes="People who gave at least one review of somebody else's pull request, each counted once.",
)
