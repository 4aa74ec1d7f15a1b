"""On which days of a team something changed: what followers work off."""

from django.db import models

from tformance.accounts.models import Team


class TouchedDays(models.Model):
    """UTC days, the last included, that a change of facts may concern. Rows are only added and taken, never changed.

    Outside the teams' walls, so that those with work are found by one statement: it never says what changed.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="touched_days")
    first_day = models.DateField()
    last_day = models.DateField()

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}"
