from tformance.measures.rows.pull_requests import OPENED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="opened_prs",
    question="How many pull requests were opened?",
    title="Pull requests opened",
    unit="pull requests",
    rows=OPENED,
    value=None,
    statistics=("count", "per_week"),
    better="neither",
    source="Pull requests",
    notes="Counted on the day of opening, whatever became of them. Those that automation opened are left out.",
)
