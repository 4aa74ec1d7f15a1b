from django.db.models import Case, IntegerField, When

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="self_merged_unreviewed",
    question="What share of pull requests is merged by its author without a review?",
    title="Merged alone",
    unit="pull requests",
    rows=MERGED,
    value=Case(
        When(self_merged_unreviewed=True, then=1),
        When(self_merged_unreviewed=False, then=0),
        output_field=IntegerField(),
    ),
    statistics=("share", "sum"),
    better="lower",
    source="Pull requests and reviews",
    notes=(
        "Merged by whoever opened it before anybody else had reviewed it; bots are nobody. In a merge queue it is who "
        "added it that merges. Where reviews were not read there is no value."
    ),
)
