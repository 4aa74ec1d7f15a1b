"""What a team does not keep so long: left out of what is read, and deleted where it is stored. Inside `tenant()`."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q

from tformance.accounts.retention import kept_since
from tformance.facts.counted import touch_pull_requests
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.delivery import Deployment, Release
from tformance.facts.models.organization import AiUsageDay, UsageCoverage
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.repository import Commit
from tformance.facts.records import RepositoryPage
from tformance.facts.touched import touch_between

BATCH: Final = 500


def without_old(page: RepositoryPage) -> RepositoryPage:
    """The page without what is not kept: however it was come by, it is not stored again."""
    since = kept_since()
    if since is None:
        return page
    return replace(
        page,
        pull_requests=tuple(each for each in page.pull_requests if not each.closed_at or each.closed_at >= since),
        commits=tuple(each for each in page.commits if each.committed_at >= since),
        deployments=tuple(each for each in page.deployments if each.created_at >= since),
        releases=tuple(each for each in page.releases if (each.published_at or each.created_at) >= since),
    )


def old_pulls(since: datetime) -> int:
    """How many pull requests would go."""
    return int(PullRequest.everything.filter(closed_at__lt=since).count())


def drop_some() -> int:
    """Delete a batch of what is not kept; returns how many rows, 0 once there is nothing."""
    since = kept_since()
    if since is None:
        return 0
    _claim_later(since)
    for rows in _old(since):
        keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if keys:
            if rows.model is PullRequest:
                touch_pull_requests(keys)
            rows.model._base_manager.filter(pk__in=keys).delete()
            return len(keys)
    return 0


def _claim_later(since: datetime) -> None:
    """First of all: from now on nobody says of the time before that nothing happened in it."""
    if Coverage.objects.filter(covered_to__lte=since).delete()[0] + Coverage.objects.filter(
        Q(covered_from=None) | Q(covered_from__lt=since)
    ).update(covered_from=since):
        touch_between(None, since)


def _old(since: datetime) -> tuple[Any, ...]:
    """What others point at comes last; commits of pull requests that are kept stay with them."""
    in_pull = PRCommit.objects.filter(commit=OuterRef("pk"))
    return (
        PullRequest.everything.filter(closed_at__lt=since),
        Deployment.everything.filter(deployed_at__lt=since),
        Release.everything.filter(Q(published_at__lt=since) | Q(published_at=None, created_at__lt=since)),
        Commit.everything.filter(~Exists(in_pull), committed_at__lt=since),
        AiUsageDay.objects.filter(day__lt=since.date()),
        UsageCoverage.objects.filter(day__lt=since.date()),
    )
