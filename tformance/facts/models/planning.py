"""What a team plans: projects of an issue tracker, their issues and sprints, and which pull requests name them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.base import Fact
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest


class Category(models.TextChoices):
    """What a status means, whatever it is called."""

    NEW = "new"
    INDETERMINATE = "indeterminate"
    DONE = "done"


class JiraProject(Fact):
    """A project of a Jira site; `site` is the site's id, `points_field` '' where nobody estimates.

    Every issue that changed in [covered_from, covered_to) is stored; without a start from the beginning, without an
    end nothing was read completely yet.
    """

    site = models.CharField(max_length=100)
    provider_id = models.BigIntegerField()
    key = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    url = models.TextField()
    style = models.CharField(max_length=20, blank=True)
    points_field = models.CharField(max_length=60, blank=True)
    fetched_at = models.DateTimeField()
    covered_from = models.DateTimeField(null=True)
    covered_to = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "site", "provider_id"], name="jira_project_identity")]

    def __str__(self) -> str:
        return self.key


class JiraIssue(Fact):
    """An issue. Identity is the provider's id: the key changes when it is moved to another project.

    `points` is null where nobody estimated, `resolved_at` what the provider says: not every project resolves what is
    done. Columns from `started_at` on are derived, see `facts.derive.planning`: when work began and when it was done for
    the last time, the hours between the two, those from creation to the end, and whose it was then.
    """

    project = models.ForeignKey(JiraProject, on_delete=models.CASCADE, related_name="issues", db_index=False)
    site = models.CharField(max_length=100)
    jira_id = models.BigIntegerField()
    jira_key = models.CharField(max_length=80)
    former_keys = ArrayField(models.CharField(max_length=80), default=list)
    summary = models.TextField()
    issue_type = models.CharField(max_length=200)
    is_subtask = models.BooleanField()
    status = models.CharField(max_length=200)
    status_category = models.CharField(max_length=20, choices=Category.choices, blank=True)
    priority = models.CharField(max_length=100, blank=True)
    labels = ArrayField(models.TextField(), default=list)
    parent_jira_id = models.BigIntegerField(null=True)
    assignee = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reporter = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    points = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    resolution = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    fetched_at = models.DateTimeField()

    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    cycle_time_hours = models.FloatField(null=True)
    lead_time_hours = models.FloatField(null=True)
    credited = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    related_prs = models.ManyToManyField(PullRequest, through="PRJiraLink", related_name="jira_issues")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "site", "jira_id"], name="jira_issue_identity")]
        indexes = [
            models.Index(fields=["team", "jira_key"], name="jira_issue_key"),
            models.Index(fields=["team", "project", "jira_id"], include=["updated_at"], name="jira_issue_project"),
            models.Index(
                fields=["team", "done_at"],
                include=["credited", "points", "issue_type", "is_subtask"],
                condition=models.Q(done_at__isnull=False, gone_at__isnull=True),
                name="jira_issue_done",
            ),
            # Those that were moved: few, and looked through for a key that no issue has now.
            models.Index(fields=["team"], condition=~models.Q(former_keys=[]), name="jira_issue_moved"),
        ]

    def __str__(self) -> str:
        return self.jira_key


class JiraTransition(TenantModel):
    """A move of an issue from one status to another, with what each means."""

    issue = models.ForeignKey(JiraIssue, on_delete=models.CASCADE, related_name="transitions", db_index=False)
    provider_id = models.BigIntegerField()
    at = models.DateTimeField()
    from_status = models.CharField(max_length=200)
    from_category = models.CharField(max_length=20, choices=Category.choices, blank=True)
    to_status = models.CharField(max_length=200)
    to_category = models.CharField(max_length=20, choices=Category.choices, blank=True)
    author = models.ForeignKey(Actor, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "issue", "provider_id"], name="jira_transition_identity")
        ]


class JiraSprint(Fact):
    """A sprint of a board; one that only histories of issues name has no name, state and `fetched_at` yet."""

    site = models.CharField(max_length=100)
    provider_id = models.BigIntegerField()
    board = models.BigIntegerField(null=True)
    name = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=20, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "site", "provider_id"], name="jira_sprint_identity")]

    def __str__(self) -> str:
        return self.name


class JiraSprintStay(TenantModel):
    """An issue's time in a sprint; without an end it is in it, or was when the sprint was completed."""

    issue = models.ForeignKey(JiraIssue, on_delete=models.CASCADE, related_name="sprint_stays", db_index=False)
    sprint = models.ForeignKey(JiraSprint, on_delete=models.CASCADE, related_name="stays")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "issue", "sprint", "joined_at"], name="jira_stay_identity"),
            models.CheckConstraint(
                condition=models.Q(left_at__isnull=True) | models.Q(joined_at__lt=models.F("left_at")),
                name="jira_stay_interval",
            ),
        ]


class JiraEstimate(TenantModel):
    """What an issue was estimated at from an instant on; null is no estimate."""

    issue = models.ForeignKey(JiraIssue, on_delete=models.CASCADE, related_name="estimates", db_index=False)
    at = models.DateTimeField()
    points = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "issue", "at"], name="jira_estimate_identity")]


class Place(models.TextChoices):
    """Where a pull request says a key."""

    TITLE = "title"
    BRANCH = "branch"
    BODY = "body"
    COMMIT = "commit"


class PRJiraMention(TenantModel):
    """A key of a known project in the texts of a pull request, whether or not there is such an issue."""

    pull_request = models.ForeignKey(
        PullRequest, on_delete=models.CASCADE, related_name="jira_mentions", db_index=False
    )
    key = models.CharField(max_length=80)
    places = ArrayField(models.CharField(max_length=10, choices=Place.choices))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pull_request", "key"], name="jira_mention_once")]
        indexes = [models.Index(fields=["team", "key"], include=["pull_request"], name="jira_mention_key")]


class PRJiraLink(TenantModel):
    """A pull request and an issue whose key, or former key, stands in its texts."""

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="jira_links", db_index=False)
    issue = models.ForeignKey(JiraIssue, on_delete=models.CASCADE, related_name="links")
    places = ArrayField(models.CharField(max_length=10, choices=Place.choices))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "pull_request", "issue"], name="jira_link_once")]
