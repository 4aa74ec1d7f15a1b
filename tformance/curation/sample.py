"""The sample organisation as a team: who may remove it, and that it was removed."""

from typing import Final

from tformance.accounts.models import Membership, OldSlug, Role, Team, User
from tformance.accounts.teams import present
from tformance.curation import removing

SLUG: Final = "demo"


def may_remove(user: User) -> bool:
    """An admin of any team here: the sample has no admins of its own."""
    return bool(Membership.objects.filter(user=user, role=Role.ADMIN, team__in=present()).exists())


def remove() -> bool:
    """Delete it in the background; whether there was one. It does not come back by itself."""
    found = list(present().filter(is_demo=True))
    for team in found:
        removing.delete_team(team.pk)
    return bool(found)


def is_removed() -> bool:
    """Its name is what stays of a team that was deleted, or it is being deleted right now."""
    is_going = Team.objects.filter(is_demo=True, removal=Team.Removal.TEAM).exists()
    return is_going or OldSlug.objects.filter(slug=SLUG, team=None).exists()


def allow() -> None:
    """It may be made again."""
    OldSlug.objects.filter(slug=SLUG, team=None).delete()
