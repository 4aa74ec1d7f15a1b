"""Who looks at a team's people: what is theirs to see, and which accounts are their own."""

from allauth.account.models import EmailAddress
from django.http import HttpRequest

from tformance.faces.web.door import Place
from tformance.measures.own import accounts_of_user
from tformance.measures.privacy import Viewer, sees_people


def viewer_of(request: HttpRequest, place: Place) -> Viewer:
    """Whoever may see everybody is not looked up."""
    if sees_people(place.team, place.role):
        return Viewer(sees_people=True)
    return Viewer(sees_people=False, accounts=own_accounts(request))


def own_accounts(request: HttpRequest) -> frozenset[int]:
    """Of the visitor, as an admin said, else by the e-mail addresses that they have proved to be theirs."""
    return accounts_of_user(request.user.pk, verified_addresses(request))


def verified_addresses(request: HttpRequest) -> list[str]:
    if not request.user.is_authenticated:
        return []
    proved = EmailAddress.objects.filter(user_id=request.user.pk, verified=True)
    return list(proved.order_by("-primary", "email").values_list("email", flat=True))
