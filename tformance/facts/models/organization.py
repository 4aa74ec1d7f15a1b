"""Organisations at a provider: who belongs to them, and how their people use AI tools."""

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.base import Fact
from tformance.facts.models.people import Actor


class Organization(Fact):
    """An organisation whose members, teams and seats are read; `child_sets` as for a pull request."""

    source = models.CharField(max_length=20)
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100)
    login = models.CharField(max_length=200)
    name = models.CharField(max_length=300, blank=True)
    fetched_at = models.DateTimeField()
    child_sets = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "source", "provider_id"], name="organization_identity")]

    def __str__(self) -> str:
        return self.name or self.login


class OrganizationMember(Fact):
    """An account that belongs to an organisation, or did; `first_seen_at` is when it was first read as a member."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="members", db_index=False)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="organizations")
    role = models.CharField(max_length=20)
    first_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "organization", "actor"], name="organization_member_once")
        ]


class ProviderTeam(Fact):
    """A team inside an organisation, as the provider keeps it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="teams", db_index=False)
    provider_id = models.BigIntegerField()
    node_id = models.CharField(max_length=100)
    slug = models.CharField(max_length=200)
    name = models.CharField(max_length=300)
    parent_slug = models.CharField(max_length=200, blank=True)
    members_total = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "organization", "provider_id"], name="provider_team_identity")
        ]

    def __str__(self) -> str:
        return self.name


class ProviderTeamMember(TenantModel):
    """An account in a provider's team, as of the last complete reading."""

    provider_team = models.ForeignKey(ProviderTeam, on_delete=models.CASCADE, related_name="members", db_index=False)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="provider_teams")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "provider_team", "actor"], name="provider_team_member_once")
        ]


class Seat(Fact):
    """A paid seat of an AI tool; `raw` is the provider's row."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="seats", db_index=False)
    tool = models.CharField(max_length=40)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="seats")
    assigned_at = models.DateTimeField()
    cancels_on = models.DateField(null=True)
    last_active_at = models.DateTimeField(null=True)
    last_editor = models.CharField(max_length=200, blank=True)
    plan = models.CharField(max_length=40, blank=True)
    raw = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "organization", "tool", "actor"], name="seat_once")]


class AiUsageDay(TenantModel):
    """What one account did with an AI tool on one day (UTC); null where the provider does not say. `raw` is its row."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="usage", db_index=False)
    tool = models.CharField(max_length=40)
    actor = models.ForeignKey(Actor, on_delete=models.CASCADE, related_name="usage")
    day = models.DateField()
    is_active = models.BooleanField()
    interactions = models.IntegerField(null=True)
    suggestions = models.IntegerField(null=True)
    acceptances = models.IntegerField(null=True)
    lines_suggested = models.IntegerField(null=True)
    lines_added = models.IntegerField(null=True)
    lines_deleted = models.IntegerField(null=True)
    used_chat = models.BooleanField(null=True)
    used_agent = models.BooleanField(null=True)
    used_cli = models.BooleanField(null=True)
    raw = models.JSONField(default=dict)
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "tool", "actor", "day"], name="usage_day_once")]
        indexes = [
            # Usage of a period, over all people.
            models.Index(fields=["team", "day"], include=["tool", "actor", "is_active"], name="usage_day"),
        ]


class UsageCoverage(TenantModel):
    """A day whose usage was read completely, also where nobody used the tool; no row means that it is not known."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="report_days", db_index=False)
    day = models.DateField()
    fetched_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "organization", "day"], name="usage_coverage_once")]
