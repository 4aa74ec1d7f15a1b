from django.db.models.functions import Coalesce

from tformance.facts.models.instants import HoursBetween
from tformance.measures.present import Present
from tformance.measures.rows.pull_requests import UNMERGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="time_open",
    question="How long are pull requests open that are not merged?",
    title="Open without a merge",
    unit="hours",
    rows=UNMERGED,
    value=HoursBetween("pr_created_at", Coalesce("closed_at", Present())),
    statistics=("median", "p75", "p90"),
    better="lower",
    source="Pull requests",
    notes="From opening until it was closed, or until now while it is open. By the day of opening; drafts count.",
)
