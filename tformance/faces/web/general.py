"""What a team is called, its time zone, and its name in addresses; making another team."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from tformance.accounts import teams
from tformance.accounts.models import Team, check_zone
from tformance.accounts.teams import LONGEST_SLUG, Taken
from tformance.accounts.tenancy import tenant
from tformance.faces.web import recount
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor

ZONES = sorted(zoneinfo.available_timezones())


class TeamForm(forms.Form):
    name = forms.CharField(label="Name", max_length=200, show_hidden_initial=True)
    zone = forms.CharField(
        label="Time zone",
        initial="UTC",
        max_length=64,
        validators=[check_zone],
        show_hidden_initial=True,
        help_text="Days and weeks begin at midnight there. Type a city to find it, such as Europe/Berlin.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _style(self)


class AddressForm(forms.Form):
    slug = forms.SlugField(
        label="Name in addresses",
        max_length=LONGEST_SLUG,
        help_text="Letters, digits and dashes. The old name goes on leading here, and no other team can take it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _style(self)

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]).lower()


@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """Two forms; what is posted says by `part` which of them it is."""
    team, part = place.team, request.POST.get("part")
    general = TeamForm(request.POST if part == "general" else None, initial={"name": team.name, "zone": team.zone})
    address = AddressForm(request.POST if part == "address" else None, initial={"slug": team.slug})
    if general.is_bound and general.is_valid():
        # Only what the visitor changed: somebody else may have saved the other one since the page was shown.
        teams.rename(visitor(request), team.pk, **{each: general.cleaned_data[each] for each in general.changed_data})
        messages.success(request, "Saved.")
        return redirect("settings", team.slug)
    if address.is_bound and address.is_valid():
        slug = address.cleaned_data["slug"]
        try:
            teams.move(visitor(request), team.pk, slug)
        except Taken:
            address.add_error("slug", f"“{slug}” belongs to another team, or did once: choose another.")
        else:
            messages.success(request, "Saved. Old links go on leading here.")
            return redirect("settings", slug)
    with tenant(team.pk):
        parts = recount.parts(place)
    context = {"general": general, "address": address, "zones": ZONES, "host": request.get_host(), "parts": parts}
    status = 422 if general.is_bound or address.is_bound else 200
    return settings_html(request, place, "web/settings_general.html", context, here="settings", status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Another team, whose first admin is who makes it."""
    user = visitor(request)
    if not teams.may_make_teams(user, is_open=settings.SIGN_UP == "open"):
        return render(request, "web/team_new_closed.html", status=403)
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        team: Team = teams.make(user, form.cleaned_data["name"], form.cleaned_data["zone"])
        messages.success(request, f"{team.name} is made, and you are its admin.")
        return redirect("set_up", team.slug)
    context = {"form": form, "zones": ZONES}
    return render(request, "web/team_new.html", context, status=422 if form.is_bound else 200)


def _style(form: forms.Form) -> None:
    for field in form.fields.values():
        field.widget.attrs["class"] = "input w-full"
