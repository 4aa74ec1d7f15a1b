"""Groups of people inside the team: made, led and filled by its admins."""

from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from tformance.accounts.tenancy import tenant
from tformance.curation import groups, people
from tformance.curation.groups import LONGEST_NAME, Refused, Whole
from tformance.faces.web.door import Place, team_action, team_form
from tformance.faces.web.identities import id_of, words_of
from tformance.faces.web.identity_one import Day
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor
from tformance.facts.decisions import Outdated

MOST_AT_ONCE: Final = 200


class NameForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"class": "input w-full"})
    )

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name:
            raise forms.ValidationError("A group needs a name.")
        return name


class StayForm(forms.Form):
    joined_on = Day("From", required=True)
    left_on = Day("Until", "The first day without them; empty while they are in it.")

    def clean(self) -> None:
        joined, left = self.cleaned_data.get("joined_on"), self.cleaned_data.get("left_on")
        if joined and left and left <= joined:
            self.add_error("left_on", "This has to come after the day they joined.")


@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """What is posted is the name of a new group."""
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = groups.make(place.team.pk, visitor(request), form.cleaned_data["name"])
            return redirect("group", place.team.slug, made)
        except Refused as error:
            form.add_error("name", str(error))
    with tenant(place.team.pk):
        found = groups.listed(_today(place))
    status = 422 if form.is_bound else 200
    context = {"groups": found, "form": form}
    return settings_html(request, place, "web/groups.html", context, here="groups", status=status)


@team_form
def one(request: HttpRequest, place: Place, group: int) -> HttpResponse:
    with tenant(place.team.pk):
        found = groups.whole(group)
    if found is None:
        raise Http404
    today = _today(place)
    do = request.POST.get("do", "")
    name = NameForm(request.POST if do == "change" else None, initial={"name": found.name})
    stay = StayForm(request.POST if do in ("add", "stay") else None, initial={"joined_on": today})
    if request.method == "POST" and all(form.is_valid() for form in (name, stay) if form.is_bound):
        try:
            messages.success(request, _done(request, place, found, name, stay))
        except (Outdated, Refused) as error:
            messages.error(request, str(error))
        return redirect("group", place.team.slug, group)
    return _shown(request, place, found, name, stay)


@team_action
def delete(request: HttpRequest, place: Place, group: int) -> HttpResponse:
    try:
        name = groups.delete(place.team.pk, visitor(request), group)
    except Outdated:
        raise Http404 from None
    messages.success(request, f"The group “{name}” is deleted. Its people and all that they did stay.")
    return redirect("groups", place.team.slug)


def _shown(request: HttpRequest, place: Place, found: Whole, name: NameForm, stay: StayForm) -> HttpResponse:
    words, today = words_of(request, "q"), _today(place)
    with tenant(place.team.pk):
        context: dict[str, Any] = {
            "group": found,
            "name_form": name,
            "stay_form": stay,
            "users": people.users(),
            "theirs": groups.teams_to_take(),
            "words": words,
            "choices": people.found_people(words),
            "today": today,
            "here": [each for each in found.stays if each.left_on is None or each.left_on > today],
            "before": [each for each in found.stays if each.left_on is not None and each.left_on <= today],
        }
    status = 422 if name.is_bound or stay.is_bound else 200
    return settings_html(request, place, "web/group.html", context, here="groups", status=status)


def _done(request: HttpRequest, place: Place, found: Whole, name: NameForm, stay: StayForm) -> str:
    """What was done, in words. Raises Outdated and Refused."""
    user, team, do, told = (
        visitor(request),
        place.team.pk,
        request.POST.get("do", ""),
        stay.cleaned_data if stay.is_bound else {},
    )
    if do == "change":
        lead = id_of(request.POST, "lead") if request.POST.get("lead") else None
        groups.change(team, user, found.id, name.cleaned_data["name"], lead)
        return "Saved."
    if do == "add":
        chosen = [id_of({"person": each}, "person") for each in request.POST.getlist("person")[:MOST_AT_ONCE]]
        return _added(groups.add(team, user, found.id, chosen, told["joined_on"], told["left_on"]))
    if do == "take":
        return _added(groups.take(team, user, found.id, id_of(request.POST, "theirs"), _today(place)))
    if do == "stay":
        groups.set_stay(team, user, found.id, id_of(request.POST, "stay"), told["joined_on"], told["left_on"])
        return "Saved."
    if do == "end":
        groups.end_stay(team, user, found.id, id_of(request.POST, "stay"))
        return "Taken out, as if they had never been in the group."
    raise Http404


def _added(count: int) -> str:
    if not count:
        return "Nobody new: they are in the group already."
    return "One person more is in the group." if count == 1 else f"{count} people more are in the group."


def _today(place: Place) -> date:
    return place.now.astimezone(place.zone).date()
