"""Settings: who sees what, as strict as the team wants it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tformance.accounts import privacy
from tformance.accounts.models import LEAST_PEOPLE, MOST_PEOPLE, SeenBy, Team
from tformance.accounts.privacy import Changed, Privacy
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor

CHANGED = "Somebody else changed this meanwhile: it is {} now. Save again to put yours in its place."


class PrivacyForm(forms.Form):
    """Beside each choice the form carries what was in force when it was made."""

    least_people = forms.IntegerField(
        label="Smallest group",
        min_value=LEAST_PEOPLE,
        max_value=MOST_PEOPLE,
        help_text=f"People, from {LEAST_PEOPLE} to {MOST_PEOPLE}. Numbers of a group, and of everybody outside of it, are told "
        "only from so many people on.",
        error_messages={"min_value": f"Fewer than {LEAST_PEOPLE} people would tell what one of them did."},
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
    people_seen_by = forms.ChoiceField(
        label="Who sees numbers of a single person, beside that person",
        choices=SeenBy.choices,
        help_text="Their page, their line in tables, and lists and numbers that are narrowed to them.",
        widget=forms.Select(attrs={"class": "select"}),
    )
    seen_people = forms.IntegerField(widget=forms.HiddenInput)
    seen_by = forms.ChoiceField(choices=SeenBy.choices, widget=forms.HiddenInput)

    @property
    def wanted(self) -> Privacy:
        told = self.cleaned_data
        return Privacy(told["least_people"], SeenBy(told["people_seen_by"]))

    @property
    def seen(self) -> Privacy:
        return Privacy(self.cleaned_data["seen_people"], SeenBy(self.cleaned_data["seen_by"]))


@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    form = PrivacyForm(request.POST or None, initial=_initial(place.team))
    if request.method != "POST":
        return _shown(request, place, form)
    if not form.is_valid():
        return _shown(request, place, form, status=422)
    try:
        is_news = privacy.change(visitor(request), place.team.pk, form.seen, form.wanted)
    except Changed:
        return _changed(request, place)
    messages.success(request, "Saved. It holds from now on." if is_news else "This was so already.")
    return redirect("privacy", place.team.slug)


def _changed(request: HttpRequest, place: Place) -> HttpResponse:
    """The form again with the visitor's choice, made of what is in force now."""
    now = Team.objects.get(pk=place.team.pk)
    form = PrivacyForm(request.POST | _seen(now))
    told = f"{now.least_people} people, and “{SeenBy(now.people_seen_by).label.lower()}”"
    form.add_error(None, CHANGED.format(told))
    return _shown(request, place, form, status=409)


def _initial(team: Team) -> dict[str, Any]:
    return {"least_people": team.least_people, "people_seen_by": team.people_seen_by, **_seen(team)}


def _seen(team: Team) -> dict[str, str]:
    return {"seen_people": str(team.least_people), "seen_by": team.people_seen_by}


def _shown(request: HttpRequest, place: Place, form: PrivacyForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "fields": [form["least_people"], form["people_seen_by"]], "default": LEAST_PEOPLE}
    return settings_html(request, place, "web/settings_privacy.html", context, here="privacy", status=status)
