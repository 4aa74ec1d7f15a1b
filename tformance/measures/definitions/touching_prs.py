from django.db.models import F

from tformance.measures.rows.files import CHANGED
from tformance.measures.shape import Measure

MEASURE = Measure(
    id="touching_prs",
    question="How many pull requests touch a part of the code?",
    title="Pull requests touching it",
    unit="pull requests",
    rows=CHANGED,
    value=F("pull_request_id"),
    statistics=("distinct",),
    better="neither",
    source="Files of merged pull requests",
    notes=("A pull request counts once in each part that it changes, so parts add up to more than the whole."),
)
