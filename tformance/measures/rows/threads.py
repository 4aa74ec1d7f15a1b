"""Review threads that people began, as rows on the day their pull request was merged."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from tformance.facts.models.people import Actor
from tformance.facts.models.review import PRComment, ReviewThread
from tformance.measures.rows import axes
from tformance.measures.shape import Rows

IS_PERSON = Q(
    author__kind__in=(Actor.Kind.USER, Actor.Kind.MANNEQUIN, Actor.Kind.GHOST),
    author__is_automation=False,
)


def _firsts(thread: str) -> QuerySet[Any]:
    """The remarks that threads began with."""
    return PRComment._base_manager.filter(thread=OuterRef(thread), in_reply_to__isnull=True)


BEGUN_AT = Subquery(_firsts("pk").values("created_at")[:1])
ANSWERED_AT = Subquery(
    PRComment._base_manager.filter(IS_PERSON, thread=OuterRef("pk"), in_reply_to__isnull=False)
    .exclude(author_id=Subquery(_firsts("thread_id").values("author_id")[:1]))
    .order_by("created_at")
    .values("created_at")[:1]
)

BEGUN = Rows(
    id="threads",
    about=(
        "Conversations in the code that people began, on the day their pull request was merged. Pull requests that "
        "automation opened are left out unless asked for."
    ),
    model=ReviewThread,
    anchor="pull_request__merged_at",
    where=Q(pull_request__state="merged", pull_request__merged_at__isnull=False, pull_request__gone_at__isnull=True)
    & Q(Exists(_firsts("pk").filter(IS_PERSON))),
    not_automation=Q(pull_request__by_automation=False, pull_request__carries=""),
    columns=axes.columns("pull_request__"),
    holds=axes.holds("pull_request__"),
    pull="pull_request",
)
