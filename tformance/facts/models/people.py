"""Accounts at providers, and the people of the team behind them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tformance.accounts.models import Group, TenantModel
from tformance.facts.models.base import Fact


class TeamMember(TenantModel):
    """A person who belongs to the team, whether or not they sign in."""

    github_username = models.CharField(max_length=100, blank=True)
    display_name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)

    class Meta:
        # Not unique: a login that somebody gave up can be somebody else's before we hear of it.
        indexes = [
            models.Index(fields=["team", "github_username"], name="member_team_gh_username_idx"),
            models.Index(fields=["team", "is_active"], name="member_team_active_idx"),
        ]

    def __str__(self) -> str:
        return self.display_name


class GroupMembership(TenantModel):
    """A member's stay in a group, from `joined_on` to the day before `left_on`."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="stays")
    member = models.ForeignKey(TeamMember, on_delete=models.CASCADE, related_name="stays")
    joined_on = models.DateField()
    left_on = models.DateField(null=True)


class Actor(Fact):
    """An account at a provider. A pull request's author is an actor; linking a person changes one row."""

    class Kind(models.TextChoices):
        USER = "user"
        BOT = "bot"
        APP = "app"
        GHOST = "ghost"
        MANNEQUIN = "mannequin"

    source = models.CharField(max_length=20)
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100, blank=True)
    login = models.CharField(max_length=200)
    former_logins = ArrayField(models.CharField(max_length=200), default=list)
    login_seen_at = models.DateTimeField()
    name = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    is_automation = models.BooleanField(default=False)  # dependency, release and CI bots; never an AI agent
    member = models.ForeignKey(TeamMember, null=True, on_delete=models.SET_NULL, related_name="actors")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source", "provider_id"], name="actor_identity"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["user", "bot", "app", "ghost", "mannequin"]), name="actor_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.login
