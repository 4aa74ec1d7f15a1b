"""Marks every day on which rows of pull requests count, where a change concerns all of them."""

from collections.abc import Collection

from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import PRReview
from tformance.facts.touched import Concern, touch

INSTANTS = ("pr_created_at", "closed_at", "deployed_at")


def touch_pull_requests(ids: Collection[int]) -> None:
    """They count no more, or again, or otherwise."""
    if not ids:
        return
    pulls = PullRequest.everything.filter(id__in=sorted(ids))
    touch(pulls.values_list("merged_at", flat=True))
    days = [instant for row in pulls.values_list(*INSTANTS) for instant in row]
    for model, column in ((PRReview, "submitted_at"), (PRCheckRun, "completed_at")):
        days += model.objects.filter(pull_request__in=sorted(ids)).values_list(column, flat=True)
    touch(days, Concern.ROLLUPS)


def touch_deployed(ids: Collection[int]) -> None:
    """Something of them changed, and they count on the day they were deployed as well."""
    if ids:
        deployed = PullRequest.everything.filter(id__in=sorted(ids), deployed_at__isnull=False)
        touch(deployed.values_list("deployed_at", flat=True), Concern.ROLLUPS)
