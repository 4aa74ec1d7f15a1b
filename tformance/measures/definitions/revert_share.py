from django.db.models import Case, IntegerField, When

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="revert_share",
    question="What share of merged pull requests takes another one back?",
    title="Reverts",
    unit="pull requests",
    rows=MERGED,
    value=Case(When(is_revert=True, then=1), When(is_revert=False, then=0), output_field=IntegerField()),
    statistics=("share", "sum"),
    better="lower",
    source="Pull requests and commits",
    notes=(
        "Linked to the pull request it reverts, which was merged earlier in the same repository; the word in a title "
        "is not enough. Reverting a revert lands a change again and does not count."
    ),
)
