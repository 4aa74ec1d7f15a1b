"""A user goes: out of one team with everything they kept there, or with their whole account."""

from collections.abc import Iterator

from django.apps import apps
from django.db import transaction
from django.db.models import Field, Model, QuerySet

from tformance.accounts.members import LastAdmin
from tformance.accounts.models import ApiToken, Membership, Role, Team, TenantModel, User
from tformance.accounts.teams import present
from tformance.accounts.tenancy import tenant


def teams_kept_by(user: User) -> list[Team]:
    """Teams whose only admin this user is, by name."""
    mine = present().filter(memberships__user=user, memberships__role=Role.ADMIN).order_by("name", "pk")
    return [team for team in mine if not _other_admins(team.pk, user).exists()]


def depart(user: User, team_id: int) -> None:
    """Nothing in the team says any more who they are; raises LastAdmin. Inside `tenant()` of the team."""
    team = Team.objects.select_for_update().get(pk=team_id)
    place = Membership.objects.filter(team=team_id, user=user)
    is_needed = place.filter(role=Role.ADMIN).exists() and not _other_admins(team_id, user).exists()
    if is_needed and team.removal != Team.Removal.TEAM:
        raise LastAdmin
    place.delete()
    ApiToken.objects.filter(team=team_id, user=user).delete()
    _let_go(user)


def delete_user(user: User) -> None:
    """The account, and what it kept in all teams; what it did stays in their logs, by its address. Raises LastAdmin."""
    with transaction.atomic():
        for team_id in Team.objects.order_by("pk").values_list("pk", flat=True):
            with tenant(team_id):
                depart(user, team_id)
        user.delete()


def _other_admins(team_id: int, user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(team_id=team_id, role=Role.ADMIN, user__is_active=True).exclude(user=user)


def _let_go(user: User) -> None:
    """In every table of the team: what may be without its user stays, everything else was theirs alone."""
    for model, field in _pointing_at_users():
        rows = model.objects.filter(**{field.name: user})
        if field.null:
            rows.update(**{field.name: None})
        else:
            rows.delete()


def _pointing_at_users() -> Iterator[tuple[type[TenantModel], "Field[Model, Model]"]]:
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            yield from ((model, field) for field in model._meta.concrete_fields if field.related_model is User)
