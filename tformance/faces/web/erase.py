"""Erasing a person: what exactly happens and what stays is said first, and their name has to be typed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from tformance.accounts.tenancy import tenant
from tformance.curation import forgetting, people
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.identity_one import weight_of
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.typed import TypedForm
from tformance.faces.web.visitor import visitor
from tformance.facts.decisions import Outdated


@team_form
def page(request: HttpRequest, place: Place, person: int) -> HttpResponse:
    with tenant(place.team.pk):
        found = people.person(person)
        if found is None or found.is_erased:
            raise Http404
        context: dict[str, Any] = {
            "person": found,
            "weight": weight_of([each.id for each in found.accounts]),
            "preview": forgetting.preview(person),
        }
    form = TypedForm(found.name, request.POST if request.method == "POST" else None, name="erase")
    if form.is_bound and form.is_valid():
        return _erase(request, place, person)
    context["form"] = form
    status = 422 if form.is_bound else 200
    return settings_html(request, place, "web/identity_erase.html", context, here="identities", status=status)


def _erase(request: HttpRequest, place: Place, person: int) -> HttpResponse:
    """Whoever erased themselves may have no account any more."""
    try:
        forgetting.erase(place.team.pk, visitor(request), person)
    except Outdated as error:
        messages.error(request, str(error))
        return redirect("identity_erase", place.team.slug, person)
    messages.success(request, "This person is erased.")
    return redirect("identity_person", place.team.slug, person)
