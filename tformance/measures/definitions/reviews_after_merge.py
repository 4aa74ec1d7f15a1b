from django.db.models import Case, F, IntegerField, Q, When

from tformance.measures.rows.reviews import GIVEN
from tformance.measures.shape import Measure

IS_LATE = Q(submitted_at__gt=F("pull_request__merged_at"))

MEASURE = Measure(
    id="reviews_after_merge",
    question="What share of reviews comes after the merge?",
    title="Reviews after the merge",
    unit="reviews",
    rows=GIVEN,
    value=Case(When(IS_LATE, then=1), default=0, output_field=IntegerField()),
    statistics=("share", "sum"),
    better="neither",
    source="Reviews",
    notes=(
        "Reviews by people other than the author, on the day they were given. Such a review is no first review and ends "
        "no phase of the pull request."
    ),
)
