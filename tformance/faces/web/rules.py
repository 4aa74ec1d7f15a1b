"""Settings: what counts as a hotfix and which environments are production, with what a change would make of the figures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from tformance.accounts.tenancy import tenant
from tformance.curation import rules
from tformance.curation.groups import Refused
from tformance.curation.rules import LONGEST_WORD, MOST_WORDS, Decided, Environments
from tformance.faces.kit.address import DEFAULT_PERIOD, PERIOD_DAYS, View
from tformance.faces.web import lists, recount
from tformance.faces.web.door import Place, admin_page, team_form
from tformance.faces.web.identities import words_of
from tformance.faces.web.settings_frame import settings_html
from tformance.faces.web.visitor import visitor
from tformance.facts.decisions import Outdated
from tformance.facts.derive.outcome import HOTFIX, HotfixRule
from tformance.facts.rules import InForce, in_force
from tformance.measures.catalogue import MEASURES

SAVED: Final = "Saved. What was read before follows now, and the figures with it."
SAME: Final = "These were the rules already."
AGAIN: Final = "Yours are not saved: save again to put them in the place of those."
HALF: Final = "The form was not whole: load the page again."
CHOICES: Final[dict[str, tuple[str, Decided]]] = {
    "name": ("as by its name", None),
    "yes": ("production", True),
    "no": ("not production", False),
}
MOST_POSTED: Final = 200


class Words(forms.CharField):
    """One a line, in lower case and each once."""

    def __init__(self, label: str, help_text: str, example: str) -> None:
        look = {"class": "textarea w-full", "rows": 4, "spellcheck": "false", "placeholder": example}
        super().__init__(
            label=label, help_text=help_text, required=False, strip=False, widget=forms.Textarea(attrs=look)
        )

    def clean(self, value: str | None) -> tuple[str, ...]:
        lines = super().clean(value).strip().splitlines()
        words = [line.strip().lower() for line in lines]
        if "" in words:
            raise forms.ValidationError(f"Line {words.index('') + 1} is empty and would fit everything: take it out.")
        if long := next((word for word in words if len(word) > LONGEST_WORD), None):
            raise forms.ValidationError(f"“{long[:20]}…” is longer than {LONGEST_WORD} characters.")
        words = list(dict.fromkeys(words))
        if len(words) > MOST_WORDS:
            raise forms.ValidationError(f"These are {len(words)} lines: {MOST_WORDS} are the most.")
        return tuple(words)


class HotfixForm(forms.Form):
    labels = Words("Labels", "One a line. A pull request with one of them is a hotfix.", "none")
    branches = Words("Branches begin with", "One a line. * and other signs stand for themselves.", "none")
    titles = Words("Titles begin with", "One a line. Large and small letters are the same, as above.", "none")

    @property
    def rule(self) -> HotfixRule:
        return HotfixRule(**self.cleaned_data)


@team_form
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """Two forms; what is posted says by `part` which of them it is, and by `seen` of which version of the rules."""
    with tenant(place.team.pk):
        now = in_force()
    if request.method == "POST":
        return _answered(request, place, now)
    return _shown(request, place, HotfixForm(initial=_texts(now)), now)


def _answered(request: HttpRequest, place: Place, now: InForce) -> HttpResponse:
    is_told = request.POST.get("part") == "hotfixes" and request.POST.get("do") != "defaults"
    form = HotfixForm(request.POST if is_told else None, initial=_texts(now))
    if form.is_bound and not form.is_valid():
        return _shown(request, place, form, now, status=422)
    if form.is_bound and request.POST.get("do") == "preview":
        return _shown(request, place, form, now, preview=form.rule)
    try:
        is_news = _saved(request, place, form)
    except Refused as error:
        return _shown(request, place, form, now, problem=str(error), status=422)
    except Outdated as error:
        with tenant(place.team.pk):
            now = in_force()
        return _shown(request, place, form, now, problem=f"{error} {AGAIN}", status=409)
    messages.success(request, SAVED if is_news else SAME)
    return redirect("rules", place.team.slug)


@admin_page
def progress(request: HttpRequest, place: Place) -> HttpResponse:
    """The part of the page that renews itself while something follows."""
    context = {"team": place.team, "parts": recount.parts(place)}
    return render(request, "web/rules_progress.html", context)


def _saved(request: HttpRequest, place: Place, form: HotfixForm) -> bool:
    """Raises Outdated and Refused."""
    team, user = place.team.pk, visitor(request)
    part, seen = request.POST.get("part"), request.POST.get("seen", "")
    if not seen.isascii() or not seen.isdigit() or len(seen) > 9:
        raise Refused(HALF)
    if part == "environments":
        return rules.change_environments(team, user, dict(_said(request)), int(seen))
    if part == "hotfixes":
        return rules.change_hotfixes(team, user, form.rule if form.is_bound else HOTFIX, int(seen))
    raise Refused(HALF)


def _said(request: HttpRequest) -> Iterator[tuple[str, Decided]]:
    """By environment, as the form names them in turn."""
    names, choices = request.POST.getlist("environment"), request.POST.getlist("counts")
    is_whole = len(names) == len(choices) <= MOST_POSTED and CHOICES.keys() >= set(choices)
    if not is_whole or any("\0" in name for name in names):
        raise Refused(HALF)
    yield from ((name, CHOICES[choice][1]) for name, choice in zip(names, choices, strict=True))


def _shown(
    request: HttpRequest,
    place: Place,
    form: HotfixForm,
    now: InForce,
    *,
    preview: HotfixRule | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    words, said = words_of(request, "q"), _posted(request)
    view = View.read(QueryDict(), place.zone, place.now)
    with tenant(place.team.pk):
        found = rules.environments(now.rules.environments, words)
        context: dict[str, Any] = {
            "form": form,
            "now": now,
            "own": HOTFIX,
            "is_own": now.rules.hotfix == HOTFIX,
            "days": PERIOD_DAYS[DEFAULT_PERIOD],
            "counted": rules.hotfixes(now.rules.hotfix, view.period),
            "counted_href": lists.behind(MEASURES["hotfix_share"], view.with_filters(signals=("hotfix",)), place),
            "preview": rules.hotfixes(preview, view.period) if preview else None,
            "problem": problem,
            "part": request.POST.get("part", ""),
            "words": words,
            "environments": _with(found, said),
            "choices": CHOICES.items(),
            "parts": recount.parts(place),
        }
    return settings_html(request, place, "web/settings_rules.html", context, here="rules", status=status)


def _posted(request: HttpRequest) -> dict[str, Decided]:
    """What the visitor chose stays chosen where it could not be saved."""
    try:
        return dict(_said(request)) if request.POST.get("part") == "environments" else {}
    except Refused:
        return {}


def _with(found: Environments, said: dict[str, Decided]) -> Environments:
    return replace(found, shown=tuple(replace(each, decided=said.get(each.name, each.decided)) for each in found.shown))


def _texts(now: InForce) -> dict[str, str]:
    rule = now.rules.hotfix
    return {name: "\n".join(getattr(rule, name)) for name in ("labels", "branches", "titles")}
