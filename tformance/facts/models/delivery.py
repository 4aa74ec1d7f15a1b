"""Check runs, deployments and releases: what happens to a change after it is pushed."""

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.base import Fact
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository


class PRCheckRun(TenantModel):
    """A check run of a commit that is or was the head; a legacy commit status has no run id.

    `is_flaky` is set on the run of a name that was the first to decide on its commit: whether another decided otherwise.
    """

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="check_runs")
    node_id = models.CharField(max_length=100)
    github_check_run_id = models.BigIntegerField(null=True)
    head_sha = models.CharField(max_length=64)
    is_final_head = models.BooleanField()  # whether that commit is the head still
    name = models.TextField()
    app = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20)
    conclusion = models.CharField(max_length=20, null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    duration_seconds = models.IntegerField(null=True)
    is_flaky = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "node_id"], name="check_identity"),
            models.UniqueConstraint(fields=["team", "github_check_run_id"], name="check_run_identity"),
        ]
        indexes = [
            # What is to be read again because it still ran; finished checks are nearly all of them.
            models.Index(
                fields=["team", "pull_request"],
                condition=~models.Q(status="completed") & models.Q(is_final_head=True),
                name="check_unfinished",
            ),
            # Measures of a period.
            models.Index(
                fields=["team", "completed_at"],
                include=[
                    "pull_request",
                    "name",
                    "conclusion",
                    "duration_seconds",
                    "is_final_head",
                    "is_flaky",
                ],
                condition=models.Q(completed_at__isnull=False, conclusion__isnull=False),
                name="check_completed",
            ),
        ]


class Deployment(Fact):
    """An attempt to bring a commit to an environment; `state` is the provider's latest word.

    Columns from `derived_version` on follow from all deployments, comparisons and pull requests of the repository, see
    `facts.derive.deployments`. An environment's deployments that succeeded stand in one line: `previous` is the one
    before this, `relation` what comparing the two commits gave, null until they were compared.
    """

    class Relation(models.TextChoices):
        BASELINE = "baseline"  # the first that is known: what it brought is not
        AHEAD = "ahead"
        BEHIND = "behind"
        DIVERGED = "diverged"  # what it brought is known, and it took something away
        IDENTICAL = "identical"  # the same commit once more: an attempt, not a deployment of its own
        UNKNOWN = "unknown"  # the provider no longer has one of the two commits

    class Failure(models.TextChoices):
        ROLLBACK = "rollback"
        REVERT = "revert"
        HOTFIX = "hotfix"

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

    derived_version = models.PositiveIntegerField(db_default=0)
    is_production = models.BooleanField(db_default=False)
    succeeded_at = models.DateTimeField(null=True)
    previous = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    relation = models.CharField(max_length=10, choices=Relation.choices, null=True)
    is_rollback = models.BooleanField(db_default=False)
    is_delivery = models.BooleanField(db_default=False)  # in production, and neither a repetition nor a rollback
    is_rollout = models.BooleanField(db_default=False)  # a delivery of what another environment's counts for already
    failure = models.CharField(max_length=10, choices=Failure.choices, blank=True, db_default="")
    recovered_at = models.DateTimeField(null=True)
    is_linked = models.BooleanField(null=True)  # a pull request is known to be in it; null where that cannot be known
    pull_requests = models.ManyToManyField(PullRequest, through="DeploymentPullRequest", related_name="deployments")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "provider_id"], name="deployment_identity")]
        indexes = [
            # The line of one environment, and within it what was not compared yet.
            models.Index(
                fields=["team", "repository", "environment", "succeeded_at"],
                include=["relation", "previous"],
                condition=models.Q(is_production=True, succeeded_at__isnull=False, gone_at__isnull=True),
                name="deployment_in_line",
            ),
            # Measures of a period, over all repositories.
            models.Index(
                fields=["team", "succeeded_at", "id"],
                include=["repository", "environment", "failure", "recovered_at", "is_rollout", "is_linked"],
                condition=models.Q(is_delivery=True, gone_at__isnull=True),
                name="deployment_delivered",
            ),
            models.Index(
                fields=["team", "deployed_at"],
                include=["repository", "environment", "state", "succeeded_at", "is_production"],
                condition=models.Q(gone_at__isnull=True),
                name="deployment_attempted",
            ),
            models.Index(fields=["previous"], condition=models.Q(previous__isnull=False), name="deployment_previous"),
        ]


class DeploymentStatus(TenantModel):
    """One state a deployment went through."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="statuses")
    node_id = models.CharField(max_length=100)
    state = models.CharField(max_length=30)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "node_id"], name="deployment_status_identity")]


class DeploymentPullRequest(TenantModel):
    """A delivery to production and a pull request in it; a diverged one may bring again what was there before."""

    deployment = models.ForeignKey(Deployment, on_delete=models.CASCADE, related_name="contents", db_index=False)
    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="deliveries")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "deployment", "pull_request"], name="delivered_once")]


class Comparison(TenantModel):
    """What one commit has that another has not, by the provider; see `ComparisonRecord`."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="comparisons", db_index=False)
    base_sha = models.CharField(max_length=64)
    head_sha = models.CharField(max_length=64)
    relation = models.CharField(max_length=10)
    total = models.IntegerField()
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "repository", "base_sha", "head_sha"], name="comparison_once")
        ]


class ComparisonCommit(TenantModel):
    """A commit that the head of a comparison has and its base has not; a row, since arrays are not looked into."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="commits", db_index=False)
    sha = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "comparison", "sha"], name="comparison_commit_once")]
        indexes = [
            # From a pull request that arrives late to the deployments that contain it.
            models.Index(fields=["team", "sha"], include=["comparison"], name="comparison_commit_sha"),
        ]


class Release(Fact):
    """A version that was published, or is drafted."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="releases")
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100)
    tag = models.TextField()
    name = models.TextField()
    sha = models.CharField(max_length=64, null=True)
    is_draft = models.BooleanField()
    is_prerelease = models.BooleanField()
    author = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "repository", "provider_id"], name="release_identity")]
