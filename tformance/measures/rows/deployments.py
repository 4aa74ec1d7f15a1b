"""Deployments to production as rows.

A delivery is one that succeeded, on that day; bringing the same commit once more is an attempt, going back to an older
one a signal of failure, and neither is a delivery. Attempts are all, whatever became of them, on the day they began.
"""

from dataclasses import replace

from django.db.models import Q

from tformance.facts.models.delivery import Deployment
from tformance.measures.shape import Rows

COLUMNS = {"repository": "repository_id", "environment": "environment", "failure": "failure"}

DELIVERED = Rows(
    id="deliveries",
    about="Deployments to production that brought something new and succeeded, on the day they did.",
    model=Deployment,
    anchor="succeeded_at",
    where=Q(is_delivery=True, succeeded_at__isnull=False),
    not_automation=Q(),
    columns=COLUMNS,
    stream="deployments",
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
    stream="deployments",
)
