from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="coding_phase",
    question="How long is a change worked on before it is shown?",
    title="Coding",
    unit="hours",
    rows=MERGED,
    value=F("coding_phase_hours"),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Pull requests and commits",
    notes=(
        "From the first authored commit to opening. The phases of one pull request add up to its lead time; "
        "their medians do not."
    ),
)
