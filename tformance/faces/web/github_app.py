"""Connecting GitHub by an App: what it may read, making it, installing it, and coming back from GitHub."""

import json
import uuid
from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from tformance.core.errors import SourceError
from tformance.faces.web import begun
from tformance.faces.web.away import come_back, here, to_github
from tformance.faces.web.door import Place, team_action, team_form
from tformance.faces.web.set_up_steps import connecting_html
from tformance.sync import installations
from tformance.sync.connections import GITHUB_API

MAKE, INSTALL, SIGN_IN = "make", "install", "sign in"


class AppForm(forms.Form):
    organization = forms.SlugField(
        label="Organisation",
        required=False,
        help_text="Its name at GitHub. Empty: the App belongs to your own account.",
    )
    api_url = forms.URLField(
        label="API address",
        initial=GITHUB_API,
        assume_scheme="https",
        help_text="As it is for github.com; a GitHub Enterprise server has https://HOST/api/v3.",
    )
    is_unreachable = forms.BooleanField(
        label="GitHub cannot reach this server",
        required=False,
        help_text="Behind a firewall, or on your own machine. Then GitHub sends no messages, and changes are asked for "
        "every few minutes instead: numbers are minutes old rather than seconds.",
    )
    copilot = forms.BooleanField(
        label="Read Copilot figures too",
        required=False,
        help_text="Two more permissions of the organisation: Copilot metrics and Copilot seats, both read-only.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = "checkbox checkbox-sm" if isinstance(field, forms.BooleanField) else "input w-full"
            field.widget.attrs["class"] = kind


@team_form
def describe(request: HttpRequest, place: Place) -> HttpResponseBase:
    """First what the App will be allowed, then the button that posts the form to GitHub itself."""
    form = AppForm(request.POST or None, initial={"is_unreachable": _is_local(request)})
    if request.method == "POST" and form.is_valid():
        return _confirm(request, place, form.cleaned_data)
    context = {
        "form": form,
        "permissions": installations.asked_for(with_copilot=False),
        "apps": installations.registered(place.team.pk),
    }
    status = 422 if form.is_bound else 200
    return connecting_html(request, place, "web/connect_app.html", context, "access", status=status)


def _confirm(request: HttpRequest, place: Place, chosen: dict[str, Any]) -> HttpResponseBase:
    api_url, is_reachable = chosen["api_url"].rstrip("/"), not chosen["is_unreachable"]
    endpoint = str(uuid.uuid4())
    kept = {"team": place.team.slug, "api_url": api_url, "endpoint": endpoint if is_reachable else ""}
    state = begun.begin(request, MAKE, **kept)
    form = installations.form(
        f"tformance {place.team.name}"[:34],
        api_url,
        chosen["organization"],
        state,
        _addresses(request, endpoint),
        is_reachable=is_reachable,
        copilot=chosen["copilot"],
    )
    context = {
        "action": form.action,
        "site": urlsplit(form.site).netloc,
        "manifest": json.dumps(form.manifest),
        "permissions": installations.asked_for(with_copilot=chosen["copilot"]),
        "is_reachable": is_reachable,
    }
    # Only this page may post anywhere else, and to this GitHub only.
    may_post = csp_update({"form-action": [form.site]})
    shown: HttpResponseBase = may_post(
        lambda request: connecting_html(request, place, "web/connect_app_confirm.html", context, "access")
    )(request)
    return shown


@team_action
def install(request: HttpRequest, place: Place, app: int) -> HttpResponseBase:
    """To GitHub's page where the owner chooses repositories."""
    state = begun.begin(request, INSTALL, team=place.team.slug, app=app)
    return to_github(request, place, lambda: installations.install_url(place.team.pk, app, state))


@team_action
def find(request: HttpRequest, place: Place, app: int) -> HttpResponseBase:
    """Connect wherever the App is installed already and the visitor has a say."""
    return _sign_in(request, place, app, None)


@require_GET
def made(request: HttpRequest) -> HttpResponseBase:
    """GitHub made the App and sends a code for its secrets."""
    return come_back(request, MAKE, _made)


@require_GET
def installed(request: HttpRequest) -> HttpResponseBase:
    """GitHub installed the App; whose installation it is, the visitor's own sign-in shows next."""
    return come_back(request, INSTALL, _installed)


@require_GET
def signed_in(request: HttpRequest) -> HttpResponseBase:
    return come_back(request, SIGN_IN, _signed_in)


@team_form
def _made(request: HttpRequest, place: Place, kept: dict[str, Any]) -> HttpResponseBase:
    try:
        app = installations.made(place.team.pk, kept["api_url"], request.GET.get("code", ""), kept["endpoint"])
    except SourceError as error:
        messages.error(request, f"The App could not be taken over: {error}. Delete it at GitHub and try again.")
        return redirect("connect_app", place.team.slug)
    state = begun.begin(request, INSTALL, team=place.team.slug, app=app.id)
    return redirect(installations.install_url(place.team.pk, app.id, state))


@team_form
def _installed(request: HttpRequest, place: Place, kept: dict[str, Any]) -> HttpResponseBase:
    number = request.GET.get("installation_id", "")
    if not number.isdecimal():
        messages.info(request, "An owner of the organisation was asked to install the App. Come back when they have.")
        return redirect("connections", place.team.slug)
    return _sign_in(request, place, kept["app"], int(number))


@team_form
def _signed_in(request: HttpRequest, place: Place, kept: dict[str, Any]) -> HttpResponseBase:
    """The number of the installation came through the browser: it counts only if the person's own token has it."""
    code, back = request.GET.get("code", ""), here(request, "github_signed_in")
    try:
        found = installations.connect(place.team.pk, kept["app"], kept["installation"], code, kept["verifier"], back)
    except SourceError as error:
        messages.error(request, f"GitHub could not be connected: {error}.")
        return redirect("connections", place.team.slug)
    return redirect("choose_repositories", place.team.slug, found[0].id)


def _sign_in(request: HttpRequest, place: Place, app: int, installation: int | None) -> HttpResponseBase:
    verifier = begun.verifier()
    kept = {"team": place.team.slug, "app": app, "installation": installation, "verifier": verifier}
    state = begun.begin(request, SIGN_IN, **kept)
    back = here(request, "github_signed_in")
    return to_github(
        request,
        place,
        lambda: installations.sign_in_url(
            place.team.pk, app, state=state, challenge=begun.challenge(verifier), redirect_uri=back
        ),
    )


def _addresses(request: HttpRequest, endpoint: str) -> dict[str, str]:
    return {
        "home": request.build_absolute_uri("/"),
        "made": here(request, "github_made"),
        "installed": here(request, "github_installed"),
        "signed_in": here(request, "github_signed_in"),
        "hook": request.build_absolute_uri(f"/hooks/github/{endpoint}/"),
    }


def _is_local(request: HttpRequest) -> bool:
    return request.get_host().partition(":")[0] in {"localhost", "127.0.0.1", "[", "[::1]"}
