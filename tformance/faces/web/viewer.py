"""Who looks at a team's people, as the guard wants to know it; which accounts are theirs is looked up when it is needed."""

from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from tformance.accounts.models import Role, SeenBy, Team
from tformance.core import clock
from tformance.measures.guard import Viewer


def viewer_of(request: HttpRequest, team: Team, role: Role | None) -> Viewer:
    """Admins see everybody, leads the people of their groups, where the team did not decide otherwise.

    The people of the sample organisation are invented.
    """
    return Viewer(
        sees_everybody=team.is_demo or (role == Role.ADMIN and team.people_seen_by != SeenBy.NOBODY),
        user=request.user.pk,
        addresses=lambda: verified_addresses(request),
        is_lead=role == Role.LEAD and team.people_seen_by == SeenBy.LEADS,
        today=clock.now().astimezone(ZoneInfo(team.zone)).date(),
        least=team.least_people,
    )


def verified_addresses(request: HttpRequest) -> list[str]:
    """Of the visitor: the e-mail addresses that they have proved to be theirs."""
    if not request.user.is_authenticated:
        return []
    proved = EmailAddress.objects.filter(user_id=request.user.pk, verified=True)
    return list(proved.order_by("-primary", "email").values_list("email", flat=True))
