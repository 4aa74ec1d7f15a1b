from django.db.models import F

from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="unresolved_at_merge",
    question="How many conversations are still open when a pull request is merged?",
    title="Threads left open",
    unit="threads",
    rows=MERGED,
    value=F("unresolved_threads"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
        "sum",
    ),
    better="lower",
    source="Review threads",
    notes=(
        "Threads that people began and that were not resolved when they were last read. The provider does not say "
        "when a thread was resolved, so one that was closed after the merge counts as resolved."
    ),
)
