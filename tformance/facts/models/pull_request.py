"""Pull requests: what the provider says, and what follows from it."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Concat
from django.db.models.lookups import Exact

from tformance.accounts.models import TenantModel
from tformance.facts.models.base import Fact
from tformance.facts.models.instants import hours_until, own_instant
from tformance.facts.models.people import Actor
from tformance.facts.models.repository import Commit, Repository


def is_linkable() -> models.Q:
    """Says that it reverts something, or is linked for having said so."""
    return ~models.Q(revert_claims=[]) | models.Q(reverts__isnull=False)


def may_carry() -> models.Q:
    """Says where it was picked from, or was found to carry others' work before."""
    return ~models.Q(picked_shas=[]) | ~models.Q(carries="")


# What lists are narrowed by and ordered by. Indexes that give a list its days or its order carry all of it: a row has
# several kilobytes, and looking at ten thousand of them takes a second.
LISTED_BY = (
    *("state", "by_automation", "carries", "repository", "author", "ai_marked", "ai_tool", "size_bucket"),
    *("base_ref", "work_type", "merge_kind", "is_draft"),
    *("pr_created_at", "pr_updated_at", "own_at", "deployed_at"),
    *("size_lines", "cycle_time_hours", "review_time_hours", "lead_time_hours"),
)


def besides(*own: str) -> list[str]:
    """What an index carries that has these columns itself."""
    return [name for name in ("id", *LISTED_BY) if name not in own]


class Carries(models.TextChoices):
    """What a pull request is that brings nothing new: merged work on its way to another branch."""

    PROMOTION = "promotion"
    BACKPORT = "backport"


class Verdict(models.TextChoices):
    YES = "yes"
    NO_EVIDENCE = "no_evidence"
    UNKNOWN = "unknown"


class SizeBucket(models.TextChoices):
    XS = "XS"
    S = "S"
    M = "M"
    L = "L"
    XL = "XL"


class PullRequest(Fact):
    """One pull request. Identity is the provider's id; the number is for display.

    `child_sets` maps a kind of child to {"total", "stored", "updated_at", "fetched_at"} of its newest reading, and to
    all "readings" that its rows come from while the newest is only a part; `earlier_head_sets` says the same of the
    checks of commits that were the head before, by sha. Columns from `first_commit_at` on are derived (see `facts.derive`), `derived_version` says by which definition.
    """

    class State(models.TextChoices):
        OPEN = "open"
        MERGED = "merged"
        CLOSED = "closed"

    repository = models.ForeignKey(Repository, on_delete=models.CASCADE, related_name="pull_requests", db_index=False)
    source = models.CharField(max_length=20)
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100, blank=True)
    number = models.IntegerField()
    title = models.TextField()
    body = models.TextField()
    url = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices)
    is_draft = models.BooleanField()
    author = models.ForeignKey(Actor, on_delete=models.PROTECT, related_name="pull_requests", db_index=False)
    author_association = models.CharField(max_length=30, blank=True)
    merged_by = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    base_ref = models.TextField()
    head_ref = models.TextField()
    head_sha = models.CharField(max_length=64)
    merge_sha = models.CharField(max_length=64, null=True)
    merge_kind = models.CharField(max_length=10, null=True)
    is_cross_repository = models.BooleanField()
    pr_created_at = models.DateTimeField(null=True)
    pr_updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    merged_at = models.DateTimeField(null=True)
    # A column of its own: of expressions PostgreSQL does not know how many rows a range has.
    own_at = models.GeneratedField(
        expression=own_instant(), output_field=models.DateTimeField(null=True), db_persist=True
    )
    additions = models.IntegerField(null=True)
    deletions = models.IntegerField(null=True)
    changed_files = models.IntegerField(null=True)
    labels = ArrayField(models.TextField(), default=list)
    fetched_at = models.DateTimeField()
    child_sets = models.JSONField(default=dict)
    earlier_head_sets = models.JSONField(default=dict)
    is_complete = models.BooleanField()

    derived_version = models.PositiveIntegerField()
    first_commit_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    first_review_at = models.DateTimeField(null=True)
    first_bot_review_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    cycle_time_hours = models.FloatField(null=True)
    review_time_hours = models.FloatField(null=True)
    lead_time_hours = models.FloatField(null=True)
    coding_phase_hours = models.FloatField(null=True)
    draft_phase_hours = models.FloatField(null=True)
    pickup_phase_hours = models.FloatField(null=True)
    review_phase_hours = models.FloatField(null=True)
    merge_phase_hours = models.FloatField(null=True)
    queue_time_hours = models.FloatField(null=True)
    draft_time_hours = models.FloatField(null=True)
    clamped_stamps = models.PositiveSmallIntegerField(default=0)
    reviewed_in_draft = models.BooleanField()
    size_lines = models.IntegerField(null=True)
    size_bucket = models.CharField(max_length=2, choices=SizeBucket.choices, null=True)
    by_automation = models.BooleanField()
    ai_authored = models.CharField(max_length=12, choices=Verdict.choices)
    ai_assisted = models.CharField(max_length=12, choices=Verdict.choices)
    ai_marked = models.CharField(max_length=12, choices=Verdict.choices)  # either of the two
    ai_tool = models.CharField(max_length=40, blank=True)  # of the strongest evidence
    review_rounds = models.IntegerField(null=True)
    commits_after_first_review = models.IntegerField(null=True)
    avg_fix_response_hours = models.FloatField(null=True)
    force_pushes_after_review = models.IntegerField(null=True)
    total_comments = models.IntegerField(null=True)
    bot_comments = models.IntegerField(null=True)
    review_threads = models.IntegerField(null=True)
    unresolved_threads = models.IntegerField(null=True)
    reviewers = models.IntegerField(null=True)
    self_merged_unreviewed = models.BooleanField(null=True)
    is_hotfix = models.BooleanField()
    work_type = models.CharField(max_length=12, blank=True, db_default="")  # '' where nothing says it
    revert_claims = ArrayField(models.TextField(), default=list)
    picked_shas = ArrayField(models.TextField(), default=list, db_default=[])
    # Follow from other pull requests as well, see `facts.reverts`.
    reverts = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="reverted_by", db_index=False
    )
    is_revert = models.BooleanField(db_default=False)
    carries = models.CharField(max_length=10, choices=Carries.choices, blank=True, db_default="")  # see `facts.carried`
    # Of the issue it names most clearly, '' where it names none that is there; see `facts.jira_links`.
    jira_key = models.CharField(max_length=80, blank=True, db_default="")
    # Follow from the deployments of the repository, see `facts.deliveries`.
    deployed_at = models.DateTimeField(null=True)
    deploy_time_hours = models.FloatField(null=True)
    lead_time_for_changes_hours = models.GeneratedField(
        expression=hours_until("first_commit_at", "deployed_at"), output_field=models.FloatField(), db_persist=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source", "provider_id"], name="pull_request_identity"),
            models.UniqueConstraint(fields=["team", "repository", "number"], name="pull_request_number"),
            models.CheckConstraint(
                condition=models.Q(state="merged", merged_at__isnull=False)
                | models.Q(state__in=["open", "closed"], merged_at__isnull=True),
                name="pull_request_merged_has_instant",
            ),
        ]
        indexes = [
            # Measures and lists of what was merged in a period, without a look at the rows.
            models.Index(
                fields=["team", "state", "merged_at"],
                include=[
                    *("id", "by_automation", "carries", "repository", "author", "size_bucket"),
                    *("ai_marked", "ai_authored", "ai_tool"),
                    *("cycle_time_hours", "review_time_hours", "lead_time_hours", "coding_phase_hours"),
                    *("draft_phase_hours", "pickup_phase_hours", "review_phase_hours", "merge_phase_hours"),
                    *("size_lines", "additions", "deletions", "review_rounds", "commits_after_first_review"),
                    *("avg_fix_response_hours", "total_comments", "unresolved_threads", "self_merged_unreviewed"),
                    *("is_hotfix", "is_revert", "deploy_time_hours"),
                ],
                condition=models.Q(gone_at__isnull=True),
                name="pr_team_state_merged_idx",
            ),
            models.Index(
                fields=["team", "pr_created_at"],
                include=[*besides("pr_created_at"), "is_complete"],
                condition=models.Q(gone_at__isnull=True),
                name="pr_team_created_idx",
            ),
            models.Index(
                fields=["team", "own_at", "id"],
                include=besides("own_at", "id"),
                condition=models.Q(gone_at__isnull=True),
                name="pull_request_own_day",
            ),
            models.Index(
                fields=["team", "pr_updated_at", "id"],
                include=[*besides("pr_updated_at", "id"), "gone_at"],
                name="pull_request_updated",
            ),
            # What was found by something else: a word, a label, a file.
            models.Index(
                fields=["team", "id"],
                include=besides("id"),
                condition=models.Q(gone_at__isnull=True),
                name="pull_request_listed",
            ),
            models.Index(
                fields=["team", "pr_created_at"],
                condition=models.Q(state="open") & models.Q(gone_at__isnull=True),
                name="pull_request_open",
            ),
            models.Index(fields=["team", "author", "merged_at"], name="pr_team_author_merged_idx"),
            # The orders of the whole list.
            models.Index(
                fields=["team", "size_lines", "id"], condition=models.Q(gone_at__isnull=True), name="pull_request_size"
            ),
            models.Index(
                fields=["team", "cycle_time_hours", "id"],
                condition=models.Q(gone_at__isnull=True),
                name="pull_request_cycle_time",
            ),
            models.Index(
                fields=["team", "ai_tool"],
                condition=~models.Q(ai_tool="") & models.Q(gone_at__isnull=True),
                name="pull_request_ai_tool",
            ),
            models.Index(fields=["team"], condition=models.Q(gone_at__isnull=False), name="pull_request_gone"),
            # How many there are, and how many of them are not read to their end.
            models.Index(fields=["team"], condition=models.Q(gone_at__isnull=True), name="pull_request_here"),
            models.Index(
                fields=["team"],
                condition=models.Q(is_complete=False) & models.Q(gone_at__isnull=True),
                name="pull_request_unread",
            ),
            models.Index(fields=["team", "repository"], condition=is_linkable(), name="pull_request_linkable"),
            models.Index(fields=["team", "repository"], condition=may_carry(), name="pull_request_carries"),
            models.Index(fields=["reverts"], condition=models.Q(reverts__isnull=False), name="pull_request_reverts"),
            models.Index(
                fields=["team", "merge_sha"], condition=models.Q(merge_sha__isnull=False), name="pull_request_merge_sha"
            ),
            # Lead time for changes, by the day of the deployment.
            models.Index(
                fields=["team", "deployed_at", "id"],
                include=[
                    *besides("deployed_at", "id"),
                    *("merged_at", "deploy_time_hours", "lead_time_for_changes_hours"),
                ],
                condition=models.Q(deployed_at__isnull=False, gone_at__isnull=True),
                name="pull_request_deployed",
            ),
            # Signs that a deployment failed: few, and looked for whenever one is judged.
            models.Index(
                fields=["team", "repository"],
                condition=models.Q(is_hotfix=True, gone_at__isnull=True),
                name="pull_request_hotfix",
            ),
            # What a list is narrowed to by such signs.
            models.Index(
                fields=["team", "id"],
                include=[*besides("id"), "is_hotfix", "is_revert", "self_merged_unreviewed"],
                condition=models.Q(gone_at__isnull=True)
                & (models.Q(is_hotfix=True) | models.Q(is_revert=True) | models.Q(self_merged_unreviewed=True)),
                name="pull_request_signals",
            ),
            # Branches upon branches: nothing is based on most of them, which only an index can tell.
            models.Index(
                fields=["team", "repository", "base_ref"],
                condition=models.Q(merged_at__isnull=False, gone_at__isnull=True),
                name="pull_request_base",
            ),
            models.Index(
                fields=["team", "repository", "head_ref"],
                condition=models.Q(merged_at__isnull=False, gone_at__isnull=True),
                name="pull_request_head",
            ),
            # What is to be read again because it was closed a short while ago.
            models.Index(
                fields=["team", "repository", "closed_at"],
                condition=models.Q(closed_at__isnull=False, gone_at__isnull=True),
                name="pull_request_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class PRIssueLink(TenantModel):
    """An issue of the same provider that merging closes; `repository` is its full name."""

    pull_request = models.ForeignKey(
        PullRequest, on_delete=models.CASCADE, related_name="linked_issues", db_index=False
    )
    node_id = models.CharField(max_length=100)
    repository = models.CharField(max_length=400)
    number = models.IntegerField()
    title = models.TextField()
    url = models.TextField()
    is_closed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pull_request", "node_id"], name="pr_issue_once")]


class PRCommit(TenantModel):
    """A commit in a pull request, at its place in the provider's list; a commit may be in several."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="commit_links")
    commit = models.ForeignKey(Commit, on_delete=models.CASCADE, related_name="pull_request_links")
    position = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pull_request", "commit"], name="pr_commit_once")]


def _part(place: int) -> models.Func:
    """The part of a path at this place, counted from 1; '' behind its end."""
    return models.Func(
        models.F("path"), models.Value("/"), models.Value(place), function="SPLIT_PART", output_field=models.TextField()
    )


def _ends_before(place: int) -> Any:
    return Exact(_part(place), models.Value(""))


def directory() -> models.Case:
    """The first two folders of a path, in which a file counts; one that lies higher has fewer, or none."""
    return models.Case(
        models.When(_ends_before(2), then=models.Value("")),
        models.When(_ends_before(3), then=_part(1)),
        default=Concat(_part(1), models.Value("/", models.TextField()), _part(2)),
        output_field=models.TextField(),
    )


class PRFile(TenantModel):
    """A file a pull request changes; generated, vendored and lock files do not count in its size."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="files", db_index=False)
    path = models.TextField()
    change = models.CharField(max_length=10)
    additions = models.IntegerField()
    deletions = models.IntegerField()
    category = models.CharField(max_length=20)
    is_generated = models.BooleanField()
    # A column of its own: no index of an expression that looks into a text is read behind row-level security.
    directory = models.GeneratedField(expression=directory(), output_field=models.TextField(), db_persist=True)

    class Meta:
        constraints = [
            # Also covers what measures of files read.
            models.UniqueConstraint(
                fields=["team", "pull_request", "path"],
                include=["category", "additions", "deletions", "is_generated"],
                name="pr_file_path",
            )
        ]
        # In the order of pull requests, as their terms are.
        indexes = [
            models.Index(
                fields=["team", "category", "pull_request"],
                condition=models.Q(is_generated=False),
                name="pr_file_category",
            ),
            models.Index(
                fields=["team", "directory", "pull_request"],
                condition=models.Q(is_generated=False),
                name="pr_file_directory",
            ),
        ]


class AIEvidence(TenantModel):
    """Why a pull request counts as AI-marked: the words found, where, and by which pattern."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="ai_evidence")
    pattern = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    tool = models.CharField(max_length=40)
    role = models.CharField(max_length=20)
    place = models.CharField(max_length=20)
    span = models.TextField()
    commit_sha = models.CharField(max_length=64, blank=True)
