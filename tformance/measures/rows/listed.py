"""The lists of pull requests: by the same conditions and columns as the measures that count them.

A date axis says which day a pull request belongs to in a list: the day it was opened, last updated or deployed, or its own: of
the merge, else of closing, and while open of opening. By the days it was reviewed it may belong to several; its place
in the list is then its own day's.
"""

from django.db.models import F, Q

from tformance.facts.models.pull_request import PullRequest
from tformance.measures.query import State
from tformance.measures.rows.pull_requests import COLUMNS, HOLDS
from tformance.measures.shape import Rows

LISTED = Rows(
    id="pull_requests",
    about="Pull requests.",
    model=PullRequest,
    anchor="listed_at",
    where=Q(),
    not_automation=Q(by_automation=False, carries=""),
    columns=COLUMNS,
    holds=HOLDS,
    pull="pk",
)


def instant(axis: str, state: State | None) -> F:
    """The instant of an axis, as an index has it that carries what lists are narrowed by."""
    if axis == "updated":
        return F("pr_updated_at")
    if axis == "deployed":
        return F("deployed_at")
    if axis == "opened" or state == "open":
        return F("pr_created_at")
    return F("own_at")
