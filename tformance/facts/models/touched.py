"""On which days of a team something changed: what followers work off."""

from django.db import models

from tformance.accounts.models import Team


class TouchedDays(models.Model):
    """UTC days, the last included, that a change of facts may concern. Rows are only added and taken, never changed.

    Outside the teams' walls, so that those with work are found by one statement: it never says what changed.
    """

    class Concern(models.TextChoices):
        """Whom a mark is for: weeks also follow how far was read and who belongs to the team, roll-ups rows alone."""

        ALL = "all"
        WEEKS = "weeks"
        ROLLUPS = "rollups"

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="touched_days")
    concern = models.CharField(max_length=7, choices=Concern.choices, default=Concern.ALL)
    first_day = models.DateField()
    last_day = models.DateField()

    def __str__(self) -> str:
        return f"{self.first_day} to {self.last_day}"
