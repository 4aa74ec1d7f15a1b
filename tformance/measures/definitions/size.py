from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="size",
    question="How large is a pull request?",
    title="Size",
    unit="lines",
    rows=MERGED,
    value=F("size_lines"),
    statistics=("median", "p75", "p90", "mean", "sum"),
    better="lower",
    source="Pull requests and files",
    notes="Added and deleted lines of merged pull requests, without generated, vendored and lock files.",
)
