"""Repositories, their commits, and how far the team's data has moved on."""

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.base import Fact
from tformance.facts.models.people import Actor


class Repository(Fact):
    """A repository at a provider, or a clone on this machine."""

    source = models.CharField(max_length=20)
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=200, blank=True)
    full_name = models.CharField(max_length=400)
    default_branch = models.CharField(max_length=255, null=True)
    is_private = models.BooleanField()
    is_archived = models.BooleanField()
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "source", "provider_id"], name="repository_identity")]
        indexes = [models.Index(fields=["team", "full_name"], name="repository_name")]

    def __str__(self) -> str:
        return self.full_name


class Commit(Fact):
    """A commit, one row however many repositories and pull requests contain it."""

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="commits")
    sha = models.CharField(max_length=64)
    author = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="commits")
    author_name = models.TextField()
    author_email = models.TextField()
    committer_name = models.TextField()
    committer_email = models.TextField()
    authored_at = models.DateTimeField()
    committed_at = models.DateTimeField()
    message = models.TextField()
    is_merge = models.BooleanField()
    additions = models.IntegerField(null=True)
    deletions = models.IntegerField(null=True)
    changed_files = models.IntegerField(null=True)
    ai_marked = models.BooleanField()
    ai_tool = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "sha"], name="commit_identity")]
        indexes = [
            models.Index(
                fields=["team", "committed_at"],
                include=["repository", "author", "is_merge", "ai_marked", "ai_tool"],
                condition=models.Q(gone_at__isnull=True),
                name="commit_committed",
            )
        ]

    def __str__(self) -> str:
        return self.sha[:12]


class DataVersion(TenantModel):
    """One row a team: moves on with every write, so that followers and caches know what they have seen."""

    version = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team"], name="data_version_team")]
