"""My page: the visitor's own, found by an e-mail address that they have proved to be theirs, and who else sees it."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from tformance.accounts.models import Membership, Role, User
from tformance.faces.web import people_one, seen
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.faces.web.viewer import verified_addresses
from tformance.measures.guard import current_viewer, leads_of
from tformance.measures.people import person_with


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """Whoever nobody here is known by gets told what to do about it."""
    accounts = current_viewer().own
    if accounts:
        looks = seen.looks_at(accounts)
        return people_one.shown(request, place, person_with(accounts), here="me", looks=looks)
    return team_html(request, place, "web/my_nobody.html", {"addresses": verified_addresses(request)}, here="me")


@team_page
def who_sees(request: HttpRequest, place: Place) -> HttpResponse:
    """What others can see about the visitor, by whom, and who looked."""
    accounts = current_viewer().own
    led_by = leads_of(accounts, place.now.astimezone(place.zone).date())
    context: dict[str, Any] = {
        "accounts": accounts,
        "admins": _named(place, Role.ADMIN),
        "leads": _named(place, Role.LEAD, led_by),
        "seen_by": place.team.people_seen_by,
        "looks": seen.looks_at(accounts),
        "days": seen.TOLD_FOR.days,
        "least": place.team.least_people,
    }
    return team_html(request, place, "web/my_seen.html", context, here="me")


def _named(place: Place, role: Role, users: frozenset[int] | None = None) -> list[User]:
    """Members with this role by name, of these users where they are given."""
    found = Membership.objects.filter(team=place.team, role=role).select_related("user")
    chosen = found if users is None else found.filter(user__in=users)
    return sorted((each.user for each in chosen), key=lambda user: str(user).casefold())
