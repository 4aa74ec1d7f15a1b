"""What is worth reading again, or for the first time, by what is stored. Inside `tenant()`."""

from datetime import datetime

from django.db.models import Q

from tformance.facts.models.delivery import Deployment, PRCheckRun
from tformance.facts.models.pull_request import PullRequest


def uncompared(repository_id: int) -> tuple[str, ...]:
    """ "BASE...HEAD" of production deployments whose contents are not known yet, the newest first."""
    waiting = Deployment.objects.filter(
        repository_id=repository_id,
        is_production=True,
        succeeded_at__isnull=False,
        previous__isnull=False,
        relation__isnull=True,
    )
    pairs = waiting.order_by("-succeeded_at", "-provider_id").values_list("previous__sha", "sha")
    return tuple(dict.fromkeys(f"{base}...{head}" for base, head in pairs))


def unfinished(repository_id: int, since: datetime) -> tuple[str, ...]:
    """Node ids of pull requests to read again, since nothing tells when checks end or somebody adds a late word.

    Those closed at `since` or later, and those changed since then whose checks still ran when they were last read.
    """
    return _node_ids(repository_id, Q(closed_at__gte=since) | _is_still_checked(since))


def still_checked(repository_id: int, since: datetime) -> tuple[str, ...]:
    """Node ids of pull requests changed since then whose checks still ran when they were last read."""
    return _node_ids(repository_id, _is_still_checked(since))


def _is_still_checked(since: datetime) -> Q:
    running = PRCheckRun.objects.filter(is_final_head=True).exclude(status="completed")
    return Q(pr_updated_at__gte=since, id__in=running.values("pull_request"))


def _node_ids(repository_id: int, late: Q) -> tuple[str, ...]:
    found = PullRequest.objects.filter(late, repository_id=repository_id)
    return tuple(found.order_by("-pr_updated_at", "id").values_list("node_id", flat=True))


def stored_ids(repository_id: int) -> dict[str, datetime]:
    """Node id to the provider's time of change, of every pull request that is stored and not gone."""
    return dict(PullRequest.objects.filter(repository_id=repository_id).values_list("node_id", "pr_updated_at"))
