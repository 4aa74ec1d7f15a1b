from tformance.facts.models.instants import HoursBetween
from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="time_to_first_bot_review",
    question="How soon does a bot review a pull request?",
    title="First review by a bot",
    unit="hours",
    rows=MERGED,
    value=HoursBetween("pr_created_at", "first_bot_review_at"),
    statistics=(
        "median",
        "p75",
        "p90",
        "mean",
    ),
    better="lower",
    source="Pull requests and reviews",
    notes=(
        "From opening to the first review that a bot submitted before the merge. It never counts as the first "
        "review by a person."
    ),
)
