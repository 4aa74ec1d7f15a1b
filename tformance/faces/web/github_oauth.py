"""Connecting GitHub by a person's consent (OAuth): offered only where the operator has set it up, and said plainly."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from tformance.core.errors import SourceError
from tformance.faces.web import begun
from tformance.faces.web.away import come_back, here, to_github
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.set_up_steps import connecting_html
from tformance.sync import consent

CONSENT = "consent"


@team_form
def ask(request: HttpRequest, place: Place) -> HttpResponseBase:
    """First what the consent would allow, then the way to GitHub."""
    if not consent.is_offered():
        return redirect("connect", place.team.slug)
    if request.method != "POST":
        return connecting_html(request, place, "web/connect_oauth.html", {}, "access")
    verifier = begun.verifier()
    state = begun.begin(request, CONSENT, team=place.team.slug, verifier=verifier)
    back = here(request, "github_consented")
    return to_github(
        request,
        place,
        lambda: consent.url(state=state, challenge=begun.challenge(verifier), redirect_uri=back),
    )


@require_GET
def consented(request: HttpRequest) -> HttpResponseBase:
    """GitHub sends a code, or that the person said no."""
    return come_back(request, CONSENT, _consented)


@team_form
def _consented(request: HttpRequest, place: Place, kept: dict[str, Any]) -> HttpResponseBase:
    if not consent.is_offered():
        return redirect("connect", place.team.slug)
    if request.GET.get("error"):
        messages.info(request, "Nothing was connected: the consent was not given at GitHub.")
        return redirect("connect", place.team.slug)
    code, back = request.GET.get("code", ""), here(request, "github_consented")
    try:
        made = consent.connect(place.team.pk, code, kept["verifier"], back)
    except SourceError as error:
        messages.error(request, f"GitHub could not be connected: {error}.")
        return redirect("connect", place.team.slug)
    return redirect("choose_repositories", place.team.slug, made.id)
