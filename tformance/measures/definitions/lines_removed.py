from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="lines_removed",
    question="How many lines were removed?",
    title="Lines removed",
    unit="lines",
    rows=MERGED,
    value=F("deletions"),
    statistics=("sum", "median", "p75", "p90"),
    better="neither",
    source="Pull requests",
    notes="As the provider counts them, generated files included, in merged pull requests.",
)
