"""What people and bots said about a pull request."""

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest


class PRReview(TenantModel):
    """A review. `counts` is true for a submitted review by a person other than the author, before the merge or after."""

    class State(models.TextChoices):
        APPROVED = "approved"
        CHANGES_REQUESTED = "changes_requested"
        COMMENTED = "commented"
        DISMISSED = "dismissed"
        PENDING = "pending"

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="reviews")
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100)
    author = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="reviews", db_index=False)
    state = models.CharField(max_length=20, choices=State.choices)
    submitted_at = models.DateTimeField(null=True)
    body = models.TextField()
    commit_sha = models.CharField(max_length=64, null=True)
    comments_count = models.IntegerField()
    dismissed_at = models.DateTimeField(null=True)
    dismissed_from = models.CharField(max_length=20, blank=True)  # the state it had before
    counts = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "provider_id"], name="review_identity")]
        indexes = [
            models.Index(
                fields=["team", "submitted_at"],
                include=["author", "pull_request"],
                condition=models.Q(counts=True),
                name="review_submitted",
            ),
            # Who gave reviews, and the reviews of one person.
            models.Index(fields=["team", "author"], condition=models.Q(counts=True), name="review_author"),
        ]


class ReviewThread(TenantModel):
    """A conversation at a place in the code; the provider gives it a node id only.

    `resolved_at` is what a message told at the moment itself, null where none did. `resolution_read_at` is when that
    message was received, or when a thread that is resolved now was last read as open.
    """

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="threads")
    node_id = models.CharField(max_length=100)
    path = models.TextField()
    line = models.IntegerField(null=True)
    is_resolved = models.BooleanField()
    is_outdated = models.BooleanField()
    resolved_by = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    resolved_at = models.DateTimeField(null=True)
    resolution_read_at = models.DateTimeField(null=True)
    comments_total = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "node_id"], name="thread_identity")]


class PRComment(TenantModel):
    """A remark below the pull request, or in one of its review threads."""

    class Kind(models.TextChoices):
        ISSUE = "issue"
        REVIEW = "review"

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="comments")
    thread = models.ForeignKey(ReviewThread, null=True, on_delete=models.CASCADE, related_name="comments")
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    author = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="comments", db_index=False)
    body = models.TextField()
    created_at = models.DateTimeField()
    in_reply_to = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "kind", "provider_id"], name="comment_identity")]


class TimelineEvent(TenantModel):
    """One item of a pull request's timeline, such as a force push; see `EventRecord` for the fields."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="events")
    node_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=40)
    position = models.IntegerField()
    actor = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    occurred_at = models.DateTimeField()
    subject = models.CharField(max_length=200, blank=True)
    before = models.CharField(max_length=255, blank=True)
    after = models.CharField(max_length=255, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pull_request", "node_id"], name="event_identity")]
