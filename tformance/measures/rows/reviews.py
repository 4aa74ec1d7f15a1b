"""Reviews as rows: submitted ones by a person other than the author, on the day they were given.

The author of such a row is the reviewer; everything else about it is its pull request's.
"""

from django.db.models import Q

from tformance.facts.models.review import PRReview
from tformance.measures.shape import Rows

GIVEN = Rows(
    id="reviews_given",
    model=PRReview,
    anchor="submitted_at",
    where=Q(counts=True, pull_request__gone_at__isnull=True),
    not_automation=Q(pull_request__by_automation=False),
    columns={
        "repository": "pull_request__repository_id",
        "author": "author_id",
        "ai": "pull_request__ai_marked",
        "ai_tool": "pull_request__ai_tool",
        "size": "pull_request__size_bucket",
        "state": "pull_request__state",
        "text": "pull_request__title",
    },
)
