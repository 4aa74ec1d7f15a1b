"""The work of reading from providers, kept as rows: what is connected, what is to be read, how far it came.

Messages only say which lane to look at; everything a worker needs to go on after a crash stands here.
"""

import uuid
from datetime import datetime

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.planning import JiraProject
from tformance.facts.models.repository import Repository
from tformance.sync import lane, set_up  # noqa: F401 Django finds all models of an app through this module


class Connection(TenantModel):
    """A credential at a provider (or a clone on this machine), and whether it still works.

    `secret` is sealed: a token, or what an App's installation was last lent. `expires_at` is the end of the grant
    where the provider tells it; `granted` maps each permission the provider names to its level. `problem` says why
    the state is not active, `reason` says it in words.
    """

    class Kind(models.TextChoices):
        TOKEN = "token"
        APP = "app"
        OAUTH = "oauth"
        CLONE = "clone"

    class State(models.TextChoices):
        ACTIVE = "active"
        RECONNECT = "reconnect"
        PAUSED = "paused"

    class Problem(models.TextChoices):
        EXPIRED = "expired"
        REVOKED = "revoked"
        SUSPENDED = "suspended"
        UNINSTALLED = "uninstalled"

    source = models.CharField(max_length=20)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TOKEN)
    api_url = models.CharField(max_length=500, blank=True)
    account = models.CharField(max_length=500)
    secret = models.BinaryField()
    app = models.ForeignKey("AppRegistration", null=True, on_delete=models.PROTECT, related_name="+")
    installation_id = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    granted = models.JSONField(default=dict)
    state = models.CharField(max_length=20, choices=State.choices, default=State.ACTIVE)
    problem = models.CharField(max_length=20, choices=Problem.choices, blank=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source", "api_url", "account"], name="connection_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "reconnect", "paused"]), name="connection_state"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["token", "app", "oauth", "clone"]), name="connection_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(problem__in=["", "expired", "revoked", "suspended", "uninstalled"]),
                name="connection_problem",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.account}"


class Scope(TenantModel):
    """One repository, organisation, project or site that a connection can read.

    `watermarks` maps a stream to the newest change time that was read completely; `gaps` one that cannot be read to
    the reason; `memory` belongs to the source. `looked_at` is when it was last asked whether anything is new,
    `reconciled_at` when what is stored was last compared with all that is there.
    """

    class Kind(models.TextChoices):
        REPOSITORY = "repository"
        ORGANIZATION = "organization"
        PROJECT = "project"
        SITE = "site"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="scopes")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.REPOSITORY)
    name = models.CharField(max_length=500)
    node_id = models.CharField(max_length=200, blank=True)
    repository = models.ForeignKey(Repository, null=True, on_delete=models.SET_NULL, related_name="+")
    project = models.ForeignKey(JiraProject, null=True, on_delete=models.SET_NULL, related_name="+")
    is_tracked = models.BooleanField(default=True)
    reads_every_head = models.BooleanField(default=True)  # checks of every commit that was a head, not of the last only
    watermarks = models.JSONField(default=dict)
    gaps = models.JSONField(default=dict)
    looked_at = models.DateTimeField(null=True)
    reconciled_at = models.DateTimeField(null=True)
    memory = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "connection", "kind", "name"], name="scope_once")]

    def __str__(self) -> str:
        return self.name

    def watermark(self, stream: str) -> datetime | None:
        """Up to when the stream was read completely; None before that."""
        stored = self.watermarks.get(stream)
        return datetime.fromisoformat(stored) if stored else None


class SyncRun(TenantModel):
    """A round of reading: the history after connecting, or what changed since."""

    class Kind(models.TextChoices):
        HISTORY = "history"
        INCREMENTAL = "incremental"
        RECONCILE = "reconcile"

    class State(models.TextChoices):
        RUNNING = "running"
        COMPLETE = "complete"
        PARTIAL = "partial"
        FAILED = "failed"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=20, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["running", "complete", "partial", "failed"]), name="run_state"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["history", "incremental", "reconcile"]), name="run_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} run {self.pk}"


class SyncStep(TenantModel):
    """One stream of one scope in one window; the unit of work, of retry and of progress.

    `attempt` counts how often a worker took the step, `failures` how often in a row it failed without progress.
    `is_walked`: the stream came to its end, only quarantined items are left to ask for.
    """

    class Window(models.TextChoices):
        RECENT = "recent"
        HISTORY = "history"
        WHOLE = "whole"
        INCREMENTAL = "incremental"
        RECONCILE = "reconcile"

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        COMPLETE = "complete"
        PARTIAL = "partial"
        FAILED = "failed"

    run = models.ForeignKey(SyncRun, on_delete=models.CASCADE, related_name="steps")
    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="steps")
    stream = models.CharField(max_length=40)
    window = models.CharField(max_length=20, choices=Window.choices)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    rank = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.PENDING)
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cursor = models.JSONField(null=True)
    is_walked = models.BooleanField(default=False)
    watermark = models.DateTimeField(null=True)
    seen = models.PositiveIntegerField(default=0)
    expected = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "run", "scope", "stream", "window"], name="step_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "running", "complete", "partial", "failed"]), name="step_state"
            ),
            models.CheckConstraint(
                condition=models.Q(window__in=["recent", "history", "whole", "incremental", "reconcile"]),
                name="step_window",
            ),
        ]
        indexes = [
            models.Index(
                fields=["team", "rank", "id"],
                condition=models.Q(state__in=["pending", "running", "partial"]),
                name="step_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.window}"


class Wanted(TenantModel):
    """One item to be read whole by its id: it changed, it may have changed, or something that was read refers to it.

    `marked_at` moves with every reason to read it; a reading that began earlier does not settle it.
    """

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="wanted", db_index=False)
    stream = models.CharField(max_length=40)
    item = models.CharField(max_length=200)
    why = models.CharField(max_length=40)
    marked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "scope", "stream", "item"], name="wanted_once")]
        indexes = [models.Index(fields=["team", "due_at"], name="wanted_due")]

    def __str__(self) -> str:
        return f"{self.stream} {self.item}"


class Quarantined(TenantModel):
    """One item that could not be read or stored; the step that met it asks for it again.

    `raw` is what the provider sent, encrypted; it is dropped after a while.
    """

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="quarantined")
    step = models.ForeignKey(SyncStep, null=True, on_delete=models.SET_NULL, related_name="quarantined")
    stream = models.CharField(max_length=40)
    item = models.CharField(max_length=200)
    reason = models.TextField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=1)
    raw = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "scope", "stream", "item"], name="quarantined_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.reason}"


class WebhookEndpoint(models.Model):
    """An address that a provider sends news to, and the sealed secret they are signed with.

    Looked up before any team is known; `team_id` is who may see how it does. `checked_until` is up to when messages
    that never arrived were asked for again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team_id = models.BigIntegerField()
    source = models.CharField(max_length=20)
    secret = models.BinaryField()
    created_at = models.DateTimeField()
    checked_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team_id"], name="endpoint_team")]

    def __str__(self) -> str:
        return str(self.id)


class AppRegistration(models.Model):
    """A GitHub App of ours at one host: who it is and its sealed credentials (JSON: pem, client_secret).

    It serves the team that made it; another team makes its own. Messages find it before any team is known, so its row is
    no tenant's; it holds nothing of what was read. `owner` is the account it is registered under; without an endpoint
    it sends no webhooks.
    """

    source = models.CharField(max_length=20)
    api_url = models.CharField(max_length=500)
    app_id = models.BigIntegerField()
    slug = models.CharField(max_length=200)
    owner = models.CharField(max_length=200)
    client_id = models.CharField(max_length=100)
    credentials = models.BinaryField()
    team_id = models.BigIntegerField()  # who made it; nobody else can use it
    endpoint = models.ForeignKey(WebhookEndpoint, null=True, on_delete=models.SET_NULL, related_name="apps")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_url", "app_id"], name="app_once")]

    def __str__(self) -> str:
        return self.slug


class WebhookDelivery(models.Model):
    """One message to an endpoint, kept before anybody looks into it. `body` is encrypted and dropped after a while.

    `delivery_id` stays the same when it is delivered again. `note` says why it was ignored or failed.
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        APPLIED = "applied"
        IGNORED = "ignored"
        UNKNOWN = "unknown"
        FAILED = "failed"

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=100)
    event = models.CharField(max_length=60)
    action = models.CharField(max_length=60, blank=True)
    body = models.BinaryField(null=True)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.RECEIVED)
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "delivery_id"], name="delivery_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["received", "applied", "ignored", "unknown", "failed"]),
                name="delivery_state",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="received"), name="delivery_open"),
            models.Index(fields=["received_at"], name="delivery_received"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.delivery_id}"


class Route(models.Model):
    """Which team's scope follows what a message is about, so that it can be handed on before any team is known.

    Ids only: `subject` is the provider's id of a repository or an organisation at `api_url`.
    """

    api_url = models.CharField(max_length=500)
    kind = models.CharField(max_length=20, choices=Scope.Kind.choices)
    subject = models.BigIntegerField()
    endpoint = models.ForeignKey(WebhookEndpoint, null=True, on_delete=models.SET_NULL, related_name="+")
    team_id = models.BigIntegerField()
    connection_id = models.BigIntegerField()
    scope_id = models.BigIntegerField(unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "kind", "api_url"], name="route_subject"),
            models.Index(fields=["connection_id"], name="route_connection"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
