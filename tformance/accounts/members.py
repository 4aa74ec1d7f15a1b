"""Who is in a team and as what. A team always keeps an admin: changes wait for each other."""

from django.db.models import QuerySet

from tformance.accounts import audit
from tformance.accounts.models import Membership, Role, Team, User
from tformance.accounts.tenancy import tenant


class LastAdmin(Exception):
    """Nobody could change the team any more."""


class NotHere(Exception):
    """No such member in this team."""


def of_team(team_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(team_id=team_id).select_related("user").order_by("user__name", "user__email")


def change_role(user: User, team_id: int, member: int, role: Role) -> None:
    """Raises NotHere, LastAdmin."""
    with tenant(team_id):
        found = _held(team_id, pk=member)
        before, found.role = found.role, role
        if before == role:
            return
        if before == Role.ADMIN:
            _keep_an_admin(found)
        found.save(update_fields=["role"])
        audit.record(user, "member_role", f"{found.user.email}: {before} → {role}", f"user {found.user_id}")


def remove(user: User, team_id: int, member: int) -> None:
    """Raises NotHere, LastAdmin."""
    with tenant(team_id):
        found = _held(team_id, pk=member)
        _let_go(found)
        audit.record(user, "member_removed", found.user.email, f"user {found.user_id}")


def leave(user: User, team_id: int) -> None:
    """Raises NotHere, LastAdmin."""
    with tenant(team_id):
        _let_go(_held(team_id, user=user))
        audit.record(user, "member_left", "", f"user {user.pk}")


def _held(team_id: int, **which: object) -> Membership:
    """Whoever changes members of this team next waits until this transaction ends."""
    Team.objects.select_for_update().get(pk=team_id)
    found = Membership.objects.filter(team_id=team_id, **which).select_related("user").first()
    if found is None:
        raise NotHere
    return found


def _let_go(member: Membership) -> None:
    if member.role == Role.ADMIN:
        _keep_an_admin(member)
    member.delete()


def _keep_an_admin(member: Membership) -> None:
    others = Membership.objects.filter(team_id=member.team_id, role=Role.ADMIN, user__is_active=True)
    if not others.exclude(pk=member.pk).exists():
        raise LastAdmin
