"""My page: the visitor's own, found by an e-mail address that they have proved to be theirs."""

from django.http import HttpRequest, HttpResponse

from tformance.faces.web import people_one
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.faces.web.viewer import own_accounts, verified_addresses
from tformance.measures.people import person_with


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """Whoever nobody here is known by gets told what to do about it."""
    accounts = own_accounts(request)
    if accounts:
        return people_one.shown(request, place, person_with(accounts), here="me")
    return team_html(request, place, "web/my_nobody.html", {"addresses": verified_addresses(request)}, here="me")
