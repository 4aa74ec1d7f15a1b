from django.db.models import OuterRef, Subquery
from django.db.models.functions import Least

from tformance.facts.models.instants import HoursBetween
from tformance.facts.models.review import PRComment, PRReview
from tformance.measures.rows.pull_requests import MERGED
from tformance.measures.shape import Measure

OF_IT = {"pull_request": OuterRef("pk")}
REVIEWED = (
    PRReview._base_manager.filter(**OF_IT, submitted_at__lte=OuterRef("merged_at"))
    .exclude(author=OuterRef("author"))
    .order_by("submitted_at")
    .values("submitted_at")[:1]
)
REMARKED = (
    PRComment._base_manager.filter(**OF_IT, created_at__lte=OuterRef("merged_at"))
    .exclude(author=OuterRef("author"))
    .order_by("created_at")
    .values("created_at")[:1]
)

MEASURE = Measure(
    id="time_to_first_response",
    question="How long until anybody answers, a bot included?",
    title="Time to first response",
    unit="hours",
    rows=MERGED,
    value=HoursBetween("pr_created_at", Least(Subquery(REVIEWED), Subquery(REMARKED))),
    statistics=("median", "p75", "p90", "mean"),
    better="lower",
    source="Reviews and comments",
    notes=(
        "From opening to the first review or comment by anybody but the author, person or bot, before the merge. The "
        "first review by a person is a measure of its own. Without an answer there is no value."
    ),
)
