from django.db.models import Case, IntegerField, When

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="ai_authored_share",
    question="What share of merged pull requests was made by an AI agent?",
    title="AI-authored",
    unit="pull requests",
    rows=MERGED,
    value=Case(When(ai_authored="yes", then=1), When(ai_authored="no_evidence", then=0), output_field=IntegerField()),
    statistics=("share", "sum"),
    better="neither",
    source="Commit trailers, generator lines and agent accounts",
    notes="Opened or committed by an agent's account. A lower bound, like every share from evidence.",
)
