"""One account and one person: whose it is and what it is, who they are and since when."""

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.formats import date_format

from tformance.accounts.tenancy import tenant
from tformance.curation import deciding, forgetting, people
from tformance.curation.people import Account, Person, Weight
from tformance.faces.kit import notation
from tformance.faces.web.door import Place, team_form
from tformance.faces.web.identities import id_of, words_of
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor
from tformance.facts.decisions import Outdated
from tformance.facts.records import Verdict
from tformance.measures.guard import current_viewer

FOLLOWED: Final = "The weeks that this concerns are worked out again."
VERDICTS: Final[dict[str, Verdict]] = {"bot": "bot", "person": "person", "told": ""}


class Day(forms.DateField):
    """A day that may be left out."""

    def __init__(self, label: str, help_text: str = "", *, required: bool = False) -> None:
        widget = forms.DateInput(attrs={"type": "date", "class": "input"}, format="%Y-%m-%d")
        super().__init__(label=label, help_text=help_text, required=required, widget=widget)


class DatesForm(forms.Form):
    joined_on = Day("Joined on")
    left_on = Day("Left on", "The first day without them. What they did before stays where it is.")

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_left_on(self) -> date | None:
        left: date | None = self.cleaned_data["left_on"]
        if left and left > self.today:
            raise forms.ValidationError("This day is still to come: say so once it is there.")
        return left

    def clean(self) -> None:
        joined, left = self.cleaned_data.get("joined_on"), self.cleaned_data.get("left_on")
        if joined and left and left <= joined:
            self.add_error("left_on", "The day they left has to come after the day they joined.")


@team_form
def account(request: HttpRequest, place: Place, account: int) -> HttpResponse:
    found = _account(place, account)
    if request.method == "POST":
        _decide(request, place, _of_account(request, place, found))
        return redirect("identity_account", place.team.slug, account)
    words = words_of(request, "q")
    with tenant(place.team.pk):
        context = {
            "account": found,
            "owner": people.person(found.person) if found.person else None,
            "weight": weight_of([found.id]),
            "words": words,
            "choices": people.found_people(words, found.person),
        }
    return settings_html(request, place, "web/identity_account.html", context, here="identities")


@team_form
def person(request: HttpRequest, place: Place, person: int) -> HttpResponse:
    found = _person(place, person)
    today = place.now.astimezone(place.zone).date()
    stored = {"joined_on": found.joined_on, "left_on": found.left_on}
    form = DatesForm(today, request.POST if request.POST.get("do") == "dates" else None, initial=stored)
    if request.method == "POST" and (not form.is_bound or form.is_valid()):
        _decide(request, place, _of_person(request, place, found, form))
        return redirect("identity_person", place.team.slug, person)
    words = words_of(request, "q")
    with tenant(place.team.pk):
        context = {
            "person": found,
            "is_searched": found.is_erased and forgetting.is_under_way(),
            "weight": weight_of([each.id for each in found.accounts]),
            "users": people.users(),
            "form": form,
            "words": words,
            "accounts": people.found_accounts(words, found.id),
        }
    status = 422 if form.is_bound else 200
    return settings_html(request, place, "web/identity_person.html", context, here="identities", status=status)


@team_form
def merge(request: HttpRequest, place: Place, person: int, other: int) -> HttpResponse:
    """Says what changes before it does."""
    kept, gone = _person(place, person), _person(place, other)
    if kept.id == gone.id:
        raise Http404
    if request.method == "POST":
        _decide(request, place, lambda: deciding.merge(place.team.pk, visitor(request), kept.id, gone.id))
        return redirect("identity_person", place.team.slug, kept.id)
    with tenant(place.team.pk):
        moved = weight_of([each.id for each in gone.accounts])
    context = {"kept": kept, "gone": gone, "moved": _moved(moved, place)}
    return settings_html(request, place, "web/identity_merge.html", context, here="identities")


def _of_account(request: HttpRequest, place: Place, found: Account) -> Callable[[], bool]:
    user, team, do = visitor(request), place.team.pk, request.POST.get("do", "")
    if do == "link":
        member = id_of(request.POST, "person")
        return lambda: deciding.link(team, user, found.id, member)
    if do == "release":
        return lambda: deciding.release(team, user, found.id)
    if do == "split":
        return lambda: deciding.split(team, user, found.id)
    if do not in VERDICTS:
        raise Http404
    return lambda: deciding.judge(team, user, found.id, VERDICTS[do])


def _of_person(request: HttpRequest, place: Place, found: Person, form: DatesForm) -> Callable[[], bool]:
    user, team, do = visitor(request), place.team.pk, request.POST.get("do", "")
    if do == "dates":
        told = form.cleaned_data
        return lambda: deciding.set_dates(team, user, found.id, told["joined_on"], told["left_on"])
    if do == "user":
        signs_in = id_of(request.POST, "user") if request.POST.get("user") else None
        return lambda: deciding.set_user(team, user, found.id, signs_in)
    if do == "link":
        account = id_of(request.POST, "account")
        return lambda: deciding.link(team, user, account, found.id)
    raise Http404


def _decide(request: HttpRequest, place: Place, decide: Callable[[], bool]) -> None:
    try:
        is_news = decide()
    except Outdated as error:
        messages.error(request, str(error))
        return
    messages.success(request, f"Decided. {FOLLOWED}" if is_news else "This was so already: nothing changed.")


def _account(place: Place, account: int) -> Account:
    with tenant(place.team.pk):
        found = people.account(account)
    if found is None or found.kind == "ghost":
        raise Http404
    return found


def _person(place: Place, person: int) -> Person:
    with tenant(place.team.pk):
        found = people.person(person)
    if found is None:
        raise Http404
    return found


def weight_of(accounts: list[int]) -> Weight | None:
    """What was done by these so far, where that is the visitor's to see."""
    return people.weight(accounts) if current_viewer().may_see(accounts) else None


def _moved(moved: Weight | None, place: Place) -> str:
    if moved is None:
        return "all that they did"
    counted = (
        notation.counted(moved.pulls, "pull request"),
        notation.counted(moved.reviews, "review"),
        notation.counted(moved.commits, "commit"),
    )
    if not moved.first or not moved.last:
        return ", ".join(counted)
    first, last = (date_format(each.astimezone(place.zone), "j M Y") for each in (moved.first, moved.last))
    weeks = f"the week of {first} is" if first == last else f"the weeks from {first} to {last} are"
    return f"{', '.join(counted)}; {weeks} worked out again"
