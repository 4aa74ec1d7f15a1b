"""Who may work with which credential, and what it may still spend.

Read across teams to find due work, so these rows hold ids, instants and numbers only and have no row-level policy.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import models

from tformance.sources.contract import Allowance


class Lane(models.Model):
    """One credential: one worker, one request in flight, one budget, however many connections share it.

    `key` is a digest of whose credential it is. `fence` grows with every change of owner: a worker whose fence is
    old can no longer write. `budgets` maps each kind to what is left of it, as the provider last told.
    """

    key = models.CharField(max_length=64, unique=True)
    fence = models.PositiveBigIntegerField(default=0)
    lease_owner = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)
    budgets = models.JSONField(default=dict, db_default={})

    def __str__(self) -> str:
        return f"lane {self.pk}"

    def left(self) -> tuple[Allowance, ...]:
        """Of each budget that was ever used, by kind."""
        return tuple(
            Allowance(kind, told["remaining"], datetime.fromisoformat(told["reset_at"]), told["limit"])
            for kind, told in sorted(self.budgets.items())
        )

    def note(self, told: Iterable[Allowance]) -> None:
        """A limit that is not told stays as it was."""
        for left in told:
            known = self.budgets.get(left.kind, {}).get("limit")
            said = {"remaining": left.remaining, "limit": left.limit or known, "reset_at": left.reset_at.isoformat()}
            self.budgets = self.budgets | {left.kind: said}


class Turn(models.Model):
    """One connection's place in its lane: when it has something to do, and when it was last served.

    `round_at` is up to when its regular rounds are planned.
    """

    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="turns")
    connection_id = models.BigIntegerField(unique=True)
    team_id = models.BigIntegerField()
    due_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    round_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["team_id"], name="turn_team"),
            models.Index(fields=["due_at"], name="turn_due"),
        ]

    def __str__(self) -> str:
        return f"turn {self.pk}"


class Spending(models.Model):
    """What was asked with one credential within one hour, by all who share it."""

    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="spending", db_index=False)
    hour = models.DateTimeField()
    requests = models.PositiveIntegerField(default=0)
    points = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "hour"], name="spending_hour")]

    def __str__(self) -> str:
        return f"{self.requests} requests"
