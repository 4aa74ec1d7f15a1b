"""What cannot be taken back: letting go of all sources, deleting what was read, deleting the team."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tformance.curation import removing
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.typed import TypedForm
from tformance.faces.web.visitor import visitor
from tformance.sync import connections


@dataclass(frozen=True)
class Part:
    """One thing that can be done; `button` says it in the words of the page."""

    name: str
    button: str
    form: TypedForm


BUTTONS: Final = {
    "sources": "Disconnect all sources",
    "data": "Delete all data that was read",
    "team": "Delete this team",
}


@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    asked = request.POST.get("part", "") if request.method == "POST" else ""
    parts = {
        name: Part(name, button, TypedForm(place.team.slug, request.POST if name == asked else None, name=name))
        for name, button in BUTTONS.items()
    }
    if asked in parts and parts[asked].form.is_valid():
        return DO[asked](request, place)
    context = {"parts": parts, "connections": connections.connected(place.team.pk)}
    status = 422 if asked else 200
    return settings_html(request, place, "web/settings_danger.html", context, here="danger", status=status)


def _disconnect(request: HttpRequest, place: Place) -> HttpResponse:
    removing.disconnect(place.team.pk, visitor(request))
    messages.success(request, "No source is connected any more. What was read stays.")
    return redirect("connections", place.team.slug)


def _delete_data(request: HttpRequest, place: Place) -> HttpResponse:
    removing.delete_data(place.team.pk, visitor(request))
    messages.success(request, "What was read is being deleted in the background.")
    return redirect("danger", place.team.slug)


def _delete_team(request: HttpRequest, place: Place) -> HttpResponse:
    removing.delete_team(place.team.pk)
    messages.success(request, f"{place.team.name} is being deleted in the background; nobody can enter it any more.")
    return redirect("home")


DO: Final[dict[str, Callable[[HttpRequest, Place], HttpResponse]]] = {
    "sources": _disconnect,
    "data": _delete_data,
    "team": _delete_team,
}
