"""Marks every day on which rows of pull requests count, where a change concerns all of them."""

from collections.abc import Collection

from tformance.facts.models.pull_request import PullRequest
from tformance.facts.state import CHILDREN_COUNTED_AT, COUNTED_AT
from tformance.facts.touched import Concern, touch


def touch_pull_requests(ids: Collection[int]) -> None:
    """They count no more, or again, or otherwise."""
    if not ids:
        return
    pulls = PullRequest.everything.filter(id__in=sorted(ids))
    touch(pulls.values_list("merged_at", flat=True))
    days = [instant for row in pulls.values_list(*COUNTED_AT, "deployed_at") for instant in row]
    for table, column in CHILDREN_COUNTED_AT.items():
        days += table.rows_of(ids).values_list(column, flat=True)
    touch(days, Concern.ROLLUPS)


def touch_deployed(ids: Collection[int]) -> None:
    """Something of them changed, and they count on the day they were deployed as well."""
    if ids:
        deployed = PullRequest.everything.filter(id__in=sorted(ids), deployed_at__isnull=False)
        touch(deployed.values_list("deployed_at", flat=True), Concern.ROLLUPS)
