"""Accounts at providers, and the people of the team behind them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tformance.accounts.models import Group, TenantModel, User
from tformance.facts.models.base import Fact


class TeamMember(TenantModel):
    """A person who belongs to the team, whether or not they sign in; `user` is who signs in.

    The days from `joined_on` to the day before `left_on` are known where somebody said so; whoever left is not active.
    """

    github_username = models.CharField(max_length=100, blank=True)
    display_name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    joined_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    erased_as = models.PositiveIntegerField(null=True)  # the number of the pseudonym; see `facts.erasing`

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="member_of_user"),
            models.CheckConstraint(
                condition=models.Q(joined_on__isnull=True)
                | models.Q(left_on__isnull=True)
                | models.Q(joined_on__lt=models.F("left_on")),
                name="member_interval",
            ),
        ]
        # Not unique: a login that somebody gave up can be somebody else's before we hear of it.
        indexes = [
            models.Index(fields=["team", "github_username"], name="member_team_gh_username_idx"),
            models.Index(fields=["team", "is_active"], name="member_team_active_idx"),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def jira_account_id(self) -> str:
        """Of the Jira account that is linked to the person, the first of several; '' where none is."""
        return self.actors.filter(source="jira").order_by("pk").values_list("node_id", flat=True).first() or ""


class GroupMembership(TenantModel):
    """A member's stay in a group, from `joined_on` to the day before `left_on`."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="stays")
    member = models.ForeignKey(TeamMember, on_delete=models.CASCADE, related_name="stays")
    joined_on = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(left_on__isnull=True) | models.Q(joined_on__lt=models.F("left_on")),
                name="stay_interval",
            )
        ]


class Actor(Fact):
    """An account at a provider. A pull request's author is an actor; linking a person changes one row.

    `verdict` is what somebody decided that it is: then `kind` is what it counts as, and `told_kind` what the provider
    says. Where `is_member_decided`, somebody decided whose account it is, or that it is nobody's of the team.
    `email` is '' where the provider does not show it.
    """

    class Kind(models.TextChoices):
        USER = "user"
        BOT = "bot"
        APP = "app"
        GHOST = "ghost"
        MANNEQUIN = "mannequin"

    class Verdict(models.TextChoices):
        BOT = "bot"
        PERSON = "person"

    source = models.CharField(max_length=20)
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=200, blank=True)
    login = models.CharField(max_length=200)
    former_logins = ArrayField(models.CharField(max_length=200), default=list)
    login_seen_at = models.DateTimeField()
    name = models.CharField(max_length=300, blank=True)
    email = models.CharField(max_length=320, blank=True, db_default="")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    is_automation = models.BooleanField(default=False)  # dependency, release and CI bots; never an AI agent
    member = models.ForeignKey(TeamMember, null=True, on_delete=models.SET_NULL, related_name="actors")

    verdict = models.CharField(max_length=6, choices=Verdict.choices, blank=True)
    told_kind = models.CharField(max_length=20, choices=Kind.choices, blank=True)
    is_member_decided = models.BooleanField(default=False)
    erased_as = models.PositiveIntegerField(null=True)  # as of its member

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "source", "provider_id"], name="actor_identity"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["user", "bot", "app", "ghost", "mannequin"]), name="actor_kind"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.login


class KeptApart(TenantModel):
    """Somebody decided that these two accounts are not one person's; the one with the lower id comes first."""

    one = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "one", "other"], name="kept_apart_once"),
            models.CheckConstraint(condition=models.Q(one__lt=models.F("other")), name="kept_apart_order"),
        ]
