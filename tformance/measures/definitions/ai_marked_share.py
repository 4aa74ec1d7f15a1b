from django.db.models import Case, IntegerField, When

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="ai_marked_share",
    question="What share of merged pull requests shows evidence of AI?",
    title="AI-marked",
    unit="pull requests",
    rows=MERGED,
    value=Case(When(ai_marked="yes", then=1), When(ai_marked="no_evidence", then=0), output_field=IntegerField()),
    statistics=("share", "sum"),
    better="neither",
    source="Commit trailers, generator lines and agent accounts",
    notes=(
        "A lower bound: AI that leaves no mark is not seen. Pull requests whose commits could not be read "
        "count as missing; the upper bound takes all of them for AI."
    ),
)
