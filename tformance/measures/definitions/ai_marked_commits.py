from django.db.models import Case, IntegerField, Value, When

from tformance.measures.rows.commits import COMMITTED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="ai_marked_commits",
    question="How many commits show evidence of AI?",
    title="AI-marked commits",
    unit="commits",
    rows=COMMITTED,
    value=Case(When(ai_marked=True, then=Value(1)), default=Value(0), output_field=IntegerField()),
    statistics=("sum", "share"),
    better="neither",
    source="Commit trailers and agent accounts",
    notes="A lower bound: AI that leaves no mark in a commit is not seen.",
)
