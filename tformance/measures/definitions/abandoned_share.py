from django.db.models import Case, IntegerField, When

from tformance.facts.models.pull_request import PullRequest
from tformance.measures.rows.pull_requests import ENDED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="abandoned_share",
    question="What share of pull requests is closed without a merge?",
    title="Closed without a merge",
    unit="pull requests",
    rows=ENDED,
    value=Case(When(state=PullRequest.State.CLOSED, then=1), default=0, output_field=IntegerField()),
    statistics=("share", "sum"),
    better="neither",
    source="Pull requests",
    notes="Of all that were merged or closed, on the day they were. What is still open is not counted.",
)
