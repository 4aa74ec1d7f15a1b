from django.db.models import Case, IntegerField, When

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="ai_assisted_share",
    question="What share of merged pull requests did a person make with an AI tool?",
    title="AI-assisted",
    unit="pull requests",
    rows=MERGED,
    value=Case(When(ai_assisted="yes", then=1), When(ai_assisted="no_evidence", then=0), output_field=IntegerField()),
    statistics=("share", "sum"),
    better="neither",
    source="Commit trailers and generator lines",
    notes="A person with a tool, as far as it leaves a mark: a lower bound. What an agent made alone is not in it.",
)
