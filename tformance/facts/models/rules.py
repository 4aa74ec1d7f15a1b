"""What a team decided about how its facts are read, and how far what is stored was held against it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tformance.accounts.models import Team, TenantModel


class TeamRules(TenantModel):
    """One row a team; `version` moves on with every change.

    The three lists of hotfixes are null together: then the product's own hold. Of environments in neither list the name
    decides. Writers hold the row while they derive, so that a change waits for them and none derives by older rules.
    """

    version = models.PositiveIntegerField(default=1)
    hotfix_labels = ArrayField(models.CharField(max_length=60), null=True)
    hotfix_branches = ArrayField(models.CharField(max_length=60), null=True)
    hotfix_titles = ArrayField(models.CharField(max_length=60), null=True)
    production = ArrayField(models.CharField(max_length=255), default=list)
    not_production = ArrayField(models.CharField(max_length=255), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team"], name="team_rules_once"),
            models.CheckConstraint(
                condition=Q(hotfix_labels__isnull=True, hotfix_branches__isnull=True, hotfix_titles__isnull=True)
                | Q(hotfix_labels__isnull=False, hotfix_branches__isnull=False, hotfix_titles__isnull=False),
                name="team_rules_hotfix_whole",
            ),
            # The empty prefix begins everything.
            models.CheckConstraint(
                condition=~Q(hotfix_labels__contains=[""])
                & ~Q(hotfix_branches__contains=[""])
                & ~Q(hotfix_titles__contains=[""]),
                name="team_rules_hotfix_said",
            ),
            models.CheckConstraint(
                condition=~Q(production__overlap=F("not_production")), name="team_rules_environment_once"
            ),
        ]


class RulesRound(models.Model):
    """There is one while what is stored may follow older rules: pull requests by repository and number, then deployments.

    Everything up to `number` of the `repository`, and all repositories with lower ids, follow the rules in force. Outside
    the teams' walls, so that those with work are found by one statement: it never says what the rules are.
    """

    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="rules_round")
    repository = models.BigIntegerField(default=0)
    number = models.IntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()  # pull requests when it began

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"
