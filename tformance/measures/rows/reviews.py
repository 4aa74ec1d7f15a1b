"""Reviews as rows: submitted ones by a person other than the author, on the day they were given.

The author of such a row is the reviewer; everything else about it is its pull request's. Reviewing what automation
opened is a person's work too.
"""

from dataclasses import replace

from django.db.models import Exists, OuterRef, Q

from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import PRReview
from tformance.measures.shape import Rows

# Asked this way round because next to none are gone; the reviews themselves then need no look at their pull requests.
GONE = PullRequest._base_manager.filter(pk=OuterRef("pull_request_id"), gone_at__isnull=False)

GIVEN = Rows(
    id="reviews_given",
    model=PRReview,
    anchor="submitted_at",
    where=Q(counts=True) & ~Q(Exists(GONE)),
    not_automation=Q(),
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

DECISIVE = Q(state__in=(PRReview.State.APPROVED, PRReview.State.CHANGES_REQUESTED))
_LATER = PRReview._base_manager.filter(
    DECISIVE,
    counts=True,
    pull_request=OuterRef("pull_request_id"),
    author=OuterRef("author_id"),
    submitted_at__gt=OuterRef("submitted_at"),
)
_BY_ANOTHER = PRReview._base_manager.filter(
    ~Q(author=OuterRef("author_id")), DECISIVE, counts=True, pull_request=OuterRef("pull_request_id")
)

# The last word of each reviewer of a pull request that several people decided on; deleted accounts are nobody.
LAST_WORDS = replace(
    GIVEN,
    id="last_words",
    where=GIVEN.where & DECISIVE & ~Q(author__kind=Actor.Kind.GHOST) & Q(Exists(_BY_ANOTHER)) & ~Q(Exists(_LATER)),
)
