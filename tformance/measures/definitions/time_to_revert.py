from django.db.models import Case, F, When

from tformance.facts.models.instants import HoursBetween
from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="time_to_revert",
    question="How soon is a pull request taken back?",
    title="Time to revert",
    unit="hours",
    rows=MERGED,
    value=Case(When(is_revert=True, then=HoursBetween(F("reverts__merged_at"), F("merged_at")))),
    statistics=("median", "p75", "p90"),
    better="neither",
    source="Pull requests and commits",
    notes=(
        "From the merge of what is reverted to the merge of the revert, on the day of the latter. All other pull "
        "requests have no value and are counted as missing."
    ),
)
