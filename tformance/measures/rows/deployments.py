"""Deployments to production as rows.

A delivery is one that succeeded, on that day; bringing the same commit once more is an attempt, going back to an older
one a signal of failure, and neither is a delivery. Attempts are all, whatever became of them, on the day they began.
A commit that reaches several environments is one delivery, where it came first; cut by environment each has its own.
A deployment is of the groups whose pull requests it brought.
"""

from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q

from tformance.facts.models.delivery import Deployment, DeploymentPullRequest
from tformance.measures.query import Filters
from tformance.measures.rows.groups import each_group, members_of
from tformance.measures.shape import Rows

TEAMS = "pull_request__author__provider_teams"
BROUGHT = DeploymentPullRequest._base_manager.filter(deployment=OuterRef("pk"), pull_request__gone_at__isnull=True)
BROUGHT_BY_GROUPS = BROUGHT.filter(**{f"{TEAMS}__isnull": False})


def _of_groups(filters: Filters) -> Any:
    condition = Q(Exists(BROUGHT.filter(pull_request__author__in=members_of(filters.groups))))
    return condition | ~Q(Exists(BROUGHT_BY_GROUPS)) if None in filters.groups else condition


COLUMNS = {
    "repository": "repository_id",
    "environment": "environment",
    "failure": "failure",
    "group": each_group(BROUGHT_BY_GROUPS, f"{TEAMS}__provider_team"),
}
HOLDS = {"groups": _of_groups}

DELIVERED = Rows(
    id="deliveries",
    about="Deployments to production that brought something new and succeeded, on the day they did.",
    model=Deployment,
    anchor="succeeded_at",
    where=Q(is_delivery=True, succeeded_at__isnull=False),
    not_automation=Q(),
    columns=COLUMNS,
    holds=HOLDS,
    stream="deployments",
    unless_cut={"environment": Q(is_rollout=False)},
)

FAILED = replace(
    DELIVERED,
    id="failed_deliveries",
    about="Deployments to production with a sign of failure, on the day they succeeded.",
    where=DELIVERED.where & ~Q(failure=""),
)

ATTEMPTED = Rows(
    id="deployment_attempts",
    about="Deployments to production whatever became of them, on the day they began.",
    model=Deployment,
    anchor="deployed_at",
    where=Q(is_production=True),
    not_automation=Q(),
    columns=COLUMNS,
    holds=HOLDS,
    stream="deployments",
)
