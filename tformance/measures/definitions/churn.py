from django.db.models import F

from tformance.measures.rows.files import CHANGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="churn",
    question="How many lines change, and where?",
    title="Lines changed",
    unit="lines",
    rows=CHANGED,
    value=F("additions") + F("deletions"),
    statistics=("sum",),
    better="neither",
    source="Files of merged pull requests",
    notes=("Added and removed lines, without generated, vendored and lock files."),
)
