"""All values that a menu of a page's sentence can choose: asked for when it is opened, and a page of its own without scripts."""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse

from tformance.faces.kit.address import BadAddress, View
from tformance.faces.web import scope
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures import records
from tformance.measures.groups import groups_to_choose
from tformance.measures.guard import admit
from tformance.measures.result import Key


@team_page
def choices(request: HttpRequest, place: Place, field: str) -> HttpResponse:
    """`for` in the address is the page that the options lead back to."""
    known = _known(field)
    action, here = _page(request, place)
    view = View.read(request.GET, place.zone, place.now)
    admit(view.filters)
    options = [scope.everything(view, action, field), *scope.key_options(view, action, field, known)]
    context = {"options": options, "what": scope.SEVERAL[field], "team": place.team}
    if request.headers.get("HX-Request"):
        return render(request, "web/choices.html", context)
    return team_html(request, place, "web/choices_page.html", context, here=here)


def _known(field: str) -> Sequence[Key]:
    if field == "groups":
        return groups_to_choose()
    if field not in ("repositories", "authors"):
        raise Http404
    known = records.choices()
    return known.repositories if field == "repositories" else known.authors


def _page(request: HttpRequest, place: Place) -> tuple[str, str]:
    """Its address and its name; only pages of the same team are led to."""
    action = request.GET.get("for") or reverse("overview", args=[place.team.slug])
    try:
        found = resolve(action)
    except Resolver404:
        found = None
    if found is None or found.kwargs.get("team") != place.team.slug:
        raise BadAddress("“for” must be the address of a page of this team.")
    return action, found.url_name or ""
