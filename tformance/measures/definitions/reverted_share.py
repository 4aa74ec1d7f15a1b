from datetime import timedelta

from django.db.models import Case, Exists, F, IntegerField, OuterRef, When
from django.db.models.lookups import LessThanOrEqual

from tformance.facts.models.pull_request import PullRequest
from tformance.measures.present import Present
from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

WITHIN = timedelta(days=14)


REVERTS = PullRequest._base_manager.filter(
    reverts=OuterRef("pk"), is_revert=True, gone_at__isnull=True, merged_at__lte=OuterRef("merged_at") + WITHIN
)

MEASURE = Measure(
    id="reverted_share",
    question="What share of merged pull requests is taken back within two weeks?",
    title="Reverted within 14 days",
    unit="pull requests",
    rows=MERGED,
    value=Case(
        When(Exists(REVERTS), then=1),
        When(LessThanOrEqual(F("merged_at") + WITHIN, Present()), then=0),
        output_field=IntegerField(),
    ),
    statistics=("rate", "sum"),
    better="lower",
    source="Pull requests and commits",
    notes=(
        "On the day of the merge of what was reverted, by the links that reverts carry. Merged less than 14 days ago and "
        "not reverted yet has no value, so the latest weeks are not complete."
    ),
    matures=WITHIN,
)
