"""The work of reading from providers, kept as rows: what is connected, what is to be read, how far it came.

Messages only say which lane to look at; everything a worker needs to go on after a crash stands here.
"""

from datetime import datetime

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.repository import Repository


class Connection(TenantModel):
    """A credential at a provider (or a clone on this machine), and whether it still works."""

    class State(models.TextChoices):
        ACTIVE = "active"
        RECONNECT = "reconnect"
        PAUSED = "paused"

    source = models.CharField(max_length=20)
    api_url = models.CharField(max_length=500, blank=True)
    account = models.CharField(max_length=500)
    secret = models.BinaryField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.ACTIVE)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source", "api_url", "account"], name="connection_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "reconnect", "paused"]), name="connection_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.account}"


class Scope(TenantModel):
    """One repository that a connection can read.

    `watermarks` maps a stream to the newest change time that was read completely; `memory` belongs to the source.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="scopes")
    name = models.CharField(max_length=500)
    node_id = models.CharField(max_length=200, blank=True)
    repository = models.ForeignKey(Repository, null=True, on_delete=models.SET_NULL, related_name="+")
    is_tracked = models.BooleanField(default=True)
    watermarks = models.JSONField(default=dict)
    memory = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "connection", "name"], name="scope_once")]

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
            models.CheckConstraint(condition=models.Q(kind__in=["history", "incremental"]), name="run_kind"),
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
                condition=models.Q(window__in=["recent", "history", "whole", "incremental"]), name="step_window"
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


class Quarantined(TenantModel):
    """One item that could not be read or stored; the step that met it asks for it again."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="quarantined")
    step = models.ForeignKey(SyncStep, null=True, on_delete=models.SET_NULL, related_name="quarantined")
    stream = models.CharField(max_length=40)
    item = models.CharField(max_length=200)
    reason = models.TextField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "scope", "stream", "item"], name="quarantined_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.reason}"


class Lane(models.Model):
    """Whose turn it is with one credential: one lane, one worker, one request in flight.

    Read across teams to find due work, so it holds ids and instants only and has no row-level policy. `fence` grows
    with every change of owner: a worker whose fence is old can no longer write.
    """

    connection_id = models.BigIntegerField(unique=True)
    team_id = models.BigIntegerField()
    fence = models.PositiveBigIntegerField(default=0)
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)
    next_round_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["team_id"], name="lane_team")]

    def __str__(self) -> str:
        return f"lane {self.pk}"
