"""Reviews as rows: submitted ones by a person other than the author, on the day they were given.

The author of such a row is the reviewer, and its groups are the reviewer's; everything else about it is its pull
request's. Reviewing what automation
opened is a person's work too.
"""

from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q

from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import PRReview
from tformance.measures.query import Filters
from tformance.measures.rows import axes
from tformance.measures.rows.groups import groups_of, is_of_groups
from tformance.measures.shape import Rows

REVIEWERS = ("reviewers", "reviewer_groups")  # of a review that is its author
# Asked this way round because next to none are gone; the reviews themselves then need no look at their pull requests.
GONE = PullRequest._base_manager.filter(pk=OuterRef("pull_request_id"), gone_at__isnull=False)


def _of_groups(filters: Filters) -> Any:
    return is_of_groups("author_id", filters.groups)


GIVEN = Rows(
    id="reviews_given",
    about=(
        "Submitted reviews by people other than the author, on the day they were given, for who gave them. Reviews of what "
        "automation opened count too."
    ),
    model=PRReview,
    anchor="submitted_at",
    where=Q(counts=True) & ~Q(Exists(GONE)),
    not_automation=Q(),
    columns=axes.columns("pull_request__")
    | {"author": "author_id", "reviewer": "author_id", "group": groups_of("author_id")},
    holds={name: hold for name, hold in axes.holds("pull_request__").items() if name not in REVIEWERS}
    | {"groups": _of_groups},
    pull="pull_request",
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
    about=(
        "The last verdict of each of several people on a pull request, approval or changes requested, on the day it was "
        "given. Deleted accounts are nobody."
    ),
    where=GIVEN.where & DECISIVE & ~Q(author__kind=Actor.Kind.GHOST) & Q(Exists(_BY_ANOTHER)) & ~Q(Exists(_LATER)),
)
