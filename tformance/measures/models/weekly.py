"""A team's weeks, worked out once: what changed since is followed, see `weekly.follow`."""

from django.db import models

from tformance.accounts.models import Team, TenantModel
from tformance.facts.models.people import TeamMember


class WeeklyMetrics(TenantModel):
    """A week, Monday to Sunday in the team's zone, of a member; without a member of the whole team, outsiders too.

    Absent is null: a count of nothing is 0 only where the week's start was read. Pull requests and what is said of them
    belong to the week of the merge and to their author; guesses belong to who guessed, commits to the day of the commit.
    """

    member = models.ForeignKey(TeamMember, null=True, on_delete=models.CASCADE, related_name="weeks", db_index=False)
    week_start = models.DateField()
    prs_merged = models.IntegerField(null=True)
    avg_cycle_time_hours = models.FloatField(null=True)
    median_cycle_time_hours = models.FloatField(null=True)
    avg_review_time_hours = models.FloatField(null=True)
    median_review_time_hours = models.FloatField(null=True)
    commits_count = models.IntegerField(null=True)
    lines_added = models.BigIntegerField(null=True)
    lines_removed = models.BigIntegerField(null=True)
    revert_count = models.IntegerField(null=True)
    hotfix_count = models.IntegerField(null=True)
    story_points_completed = models.DecimalField(
        max_digits=8, decimal_places=2, null=True
    )  # null until issues are read
    issues_resolved = models.IntegerField(null=True)  # null until issues are read
    ai_assisted_prs = models.IntegerField(null=True)  # the author said so in a survey; null if nobody was answered
    ai_detected_prs = models.IntegerField(null=True)
    ai_authored_prs = models.IntegerField(null=True)
    ai_unknown_prs = models.IntegerField(null=True)  # could not be analysed
    avg_quality_rating = models.FloatField(null=True)  # 1 to 3
    surveys_completed = models.IntegerField(null=True)  # by people
    surveys_auto = models.IntegerField(null=True)
    guess_accuracy = models.FloatField(null=True)  # right guesses of those whose truth is known, 0 to 1
    computed_at = models.DateTimeField()
    definition_version = models.PositiveIntegerField()
    final = models.BooleanField()  # the week is over, and every repository was read to its end
    partial = models.BooleanField()  # some of the week was not read, as of every week that still runs

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "member", "week_start"], name="weekly_metrics_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["team", "week_start"], name="weekly_metrics_week")]

    def __str__(self) -> str:
        return f"{self.member or 'team'}, week of {self.week_start}"


class WeeklyRound(models.Model):
    """When a team's weeks are to be looked at again though nothing changed, and by what they were worked out.

    Outside the teams' walls, so that those with work are found by one statement: it never says what a week holds.
    """

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="weekly_round")
    due_at = models.DateTimeField()  # the team's next Monday
    definition_version = models.PositiveIntegerField()
    zone = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"due {self.due_at}"
