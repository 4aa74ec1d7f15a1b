"""What is worth reading again, or for the first time, by what is stored. Inside `tenant()`."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from tformance.facts.gone import Kind
from tformance.facts.models.delivery import Deployment, PRCheckRun, Release
from tformance.facts.models.planning import JiraIssue
from tformance.facts.models.pull_request import PRCommit, PullRequest

_KINDS: Final[dict[Kind, tuple[Any, str]]] = {
    "pull_request": (PullRequest, "pr_updated_at"),
    "deployment": (Deployment, "provider_updated_at"),
    "release": (Release, "fetched_at"),
}


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


def pulls_of_heads(repository_id: int, shas: Collection[str], since: datetime) -> dict[str, set[str]]:
    """Sha to the node ids of the pull requests that have it as head or among their commits.

    Where there are none, of those changed since then that once had it as head.
    """
    mine = PullRequest.objects.filter(repository_id=repository_id)
    found: dict[str, set[str]] = {sha: set() for sha in shas}
    containing = PRCommit.objects.filter(commit__sha__in=shas, pull_request__in=mine)
    for sha, node_id in (
        *mine.filter(head_sha__in=shas).values_list("head_sha", "node_id"),
        *containing.values_list("commit__sha", "pull_request__node_id"),
    ):
        found[sha].add(node_id)
    lost = [sha for sha, pulls in found.items() if not pulls]
    if lost:
        late = mine.filter(pr_updated_at__gte=since, earlier_head_sets__has_any_keys=lost)
        for node_id, heads in late.values_list("node_id", "earlier_head_sets"):
            for sha in heads.keys() & set(lost):
                found[sha].add(node_id)
    return found


def _is_still_checked(since: datetime) -> Q:
    running = PRCheckRun.objects.filter(is_final_head=True).exclude(status="completed")
    return Q(pr_updated_at__gte=since, id__in=running.values("pull_request"))


def _node_ids(repository_id: int, late: Q) -> tuple[str, ...]:
    found = PullRequest.objects.filter(late, repository_id=repository_id)
    return tuple(found.order_by("-pr_updated_at", "id").values_list("node_id", flat=True))


def stored_ids(kind: Kind, repository_id: int) -> dict[str, datetime]:
    """Node id to the provider's time of change, or of reading where that is not kept, of all that is there and not gone."""
    model, changed_at = _KINDS[kind]
    found = model.objects.filter(repository_id=repository_id)
    return dict(found.values_list("node_id", changed_at))


def stored_issues(project_id: int) -> dict[str, datetime]:
    """The provider's ids of the project's issues to their times of change, of all that are there and not gone."""
    found = JiraIssue.objects.filter(project_id=project_id).values_list("jira_id", "updated_at")
    return {str(key): changed for key, changed in found}
