from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="merged_prs",
    question="How many pull requests were merged?",
    title="Pull requests merged",
    unit="pull requests",
    rows=MERGED,
    value=None,
    statistics=("count", "per_week"),
    better="neither",
    source="Pull requests",
    notes="Counted on the day of the merge. Pull requests that automation opened are left out; AI agents count.",
)
