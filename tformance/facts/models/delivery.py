"""Check runs and deployments: what happens to a change after it is pushed."""

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.base import Fact
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository


class PRCheckRun(TenantModel):
    """A check run of a head commit; a legacy commit status has no run id."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="check_runs")
    node_id = models.CharField(max_length=100)
    github_check_run_id = models.BigIntegerField(null=True)
    head_sha = models.CharField(max_length=64)
    name = models.TextField()
    app = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20)
    conclusion = models.CharField(max_length=20, null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    duration_seconds = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "node_id"], name="check_identity"),
            models.UniqueConstraint(fields=["team", "github_check_run_id"], name="check_run_identity"),
        ]


class Deployment(Fact):
    """An attempt to bring a commit to an environment; `state` is the provider's latest word."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="deployments")
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100)
    environment = models.CharField(max_length=255)
    task = models.CharField(max_length=255)
    sha = models.CharField(max_length=64)
    ref = models.CharField(max_length=255, null=True)
    state = models.CharField(max_length=30)
    creator = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    deployed_at = models.DateTimeField()
    provider_updated_at = models.DateTimeField()
    statuses_total = models.IntegerField()
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "provider_id"], name="deployment_identity")]


class DeploymentStatus(TenantModel):
    """One state a deployment went through."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="statuses")
    node_id = models.CharField(max_length=100)
    state = models.CharField(max_length=30)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "node_id"], name="deployment_status_identity")]
