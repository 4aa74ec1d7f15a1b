from django.db.models import Case, Exists, IntegerField, OuterRef, When

from tformance.facts.models.pull_request import PRIssueLink
from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

LINKS = PRIssueLink._base_manager.filter(pull_request=OuterRef("pk"))

MEASURE = Measure(
    id="linked_issue_share",
    question="What share of merged pull requests closes an issue?",
    title="Linked to an issue",
    unit="pull requests",
    rows=MERGED,
    value=Case(
        When(Exists(LINKS), then=1), When(child_sets__has_key="linked_issues", then=0), output_field=IntegerField()
    ),
    statistics=(
        "share",
        "sum",
    ),
    better="neither",
    source="Pull requests",
    notes=("Issues of the same provider that merging closes. Where links were not read there is no value."),
)
