from django.db.models import F

from tformance.measures.rows.pull_requests import BY_PEOPLE
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="active_authors",
    question="How many people merged something?",
    title="Active authors",
    unit="authors",
    rows=BY_PEOPLE,
    value=F("author_id"),
    statistics=("distinct",),
    better="neither",
    source="Pull requests",
    notes=(
        "People with at least one merged pull request, each counted once. Agents, automation and deleted accounts are "
        "no people. Parts of a time or a cut add up to more than the whole."
    ),
)
