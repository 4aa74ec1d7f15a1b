"""Where the data comes from: what is connected, how the reading goes, and how to connect more."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tformance.accounts.tenancy import tenant
from tformance.core.errors import Reconnect, Skip, SourceError
from tformance.curation import removing
from tformance.faces.web import freshness, progress
from tformance.faces.web.door import Place, team_action, team_form, team_page
from tformance.faces.web.set_up_steps import connecting_html, way_on
from tformance.faces.web.shell import team_html
from tformance.faces.web.visitor import visitor
from tformance.sync import connections, consent, grants, health, onboarding
from tformance.sync.connections import GITHUB_API, Connected, RepositoryChoice

MOST_PRESELECTED = 10
LONGEST_NAME = 500
ACTIVE = timedelta(days=90)
TOKEN = re.compile(r"[A-Za-z0-9_.\-]+")


class GitHubForm(forms.Form):
    api_url = forms.URLField(
        label="API address",
        initial=GITHUB_API,
        assume_scheme="https",
        help_text="As it is for github.com. A GitHub Enterprise server has https://HOST/api/v3.",
    )
    token = forms.CharField(
        label="Token",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Fine-grained, read-only: contents, pull requests, issues, checks, commit statuses, deployments and "
        "metadata. Or classic: repo and read:org. Stored encrypted, shown to nobody.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input w-full"

    def clean_api_url(self) -> str:
        """People copy addresses out of their browser, and github.com's API has a host of its own."""
        given: str = self.cleaned_data["api_url"]
        return GITHUB_API if urlsplit(given).hostname in ("github.com", "www.github.com") else given

    def clean_token(self) -> str:
        token: str = self.cleaned_data["token"].strip()
        if not TOKEN.fullmatch(token):
            raise forms.ValidationError("A token has letters, digits, dashes and underscores only: copy it once more.")
        return token

    def refuse(self, error: SourceError) -> None:
        """Each refusal stands at the field that it is about."""
        if isinstance(error, Reconnect):
            self.add_error("token", f"{error}.")
        elif type(error) is Skip:
            self.add_error("api_url", f"There is no GitHub at this address: {error}.")
        else:
            self.add_error("api_url", f"{error}.")


@dataclass(frozen=True)
class Listed:
    """A repository to choose; the most active ones are chosen beforehand."""

    choice: RepositoryChoice
    is_chosen: bool
    is_active: bool
    activity: str


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    return team_html(request, place, "web/connections.html", _live(place), here="connections")


@team_page
def live(request: HttpRequest, place: Place) -> HttpResponse:
    """The part of the page that renews itself while something is being read."""
    return render(request, "web/connections_live.html", {"place": place, "team": place.team, **_live(place)})


@team_form
def ways(request: HttpRequest, place: Place) -> HttpResponse:
    """The ways to connect GitHub, the one that asks for least first."""
    return connecting_html(request, place, "web/connect_ways.html", {"has_oauth": consent.is_offered()}, "access")


@team_form
def add_github(request: HttpRequest, place: Place) -> HttpResponse:
    form = GitHubForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        others = connections.connected(place.team.pk)
        try:
            made = connections.connect_github(place.team.pk, form.cleaned_data["api_url"], form.cleaned_data["token"])
        except SourceError as error:
            form.refuse(error)
        else:
            _examine_new(request, place, made, others)
            return redirect("choose_repositories", place.team.slug, made.id)
    status = 422 if form.is_bound else 200
    return connecting_html(request, place, "web/connect_github.html", {"form": form}, "access", status=status)


@team_form
def choose_repositories(request: HttpRequest, place: Place, connection: int) -> HttpResponse:
    """The provider is asked what the credential can see; the most active ones are chosen beforehand."""
    found = _connection(place, connection)
    if request.method == "POST":
        names = _names(request, "repository")
        if names:
            return _doubts(request, place, found, names) or _follow(request, place, found, names)
        messages.error(request, "Choose at least one repository.")
    try:
        choices = connections.choices(place.team.pk, found.id)
    except SourceError as error:
        messages.error(request, f"{found.title} did not tell which repositories there are: {error}")
        return redirect("connections", place.team.slug)
    access = freshness.access(found.kind, found.account)
    context = {"connection": found, "access": access, "listed": _listed(choices, place)}
    return connecting_html(request, place, "web/choose_repositories.html", context, "repositories")


@team_action
def read_now(request: HttpRequest, place: Place) -> HttpResponse:
    connections.sync_now(place.team.pk)
    messages.success(request, "Every source is asked for what changed.")
    return redirect("connections", place.team.slug)


@team_action
def pause(request: HttpRequest, place: Place, connection: int) -> HttpResponse:
    connections.pause(place.team.pk, _connection(place, connection).id, f"Paused by {request.user}.")
    return redirect("connections", place.team.slug)


@team_action
def resume(request: HttpRequest, place: Place, connection: int) -> HttpResponse:
    connections.resume(place.team.pk, _connection(place, connection).id)
    return redirect("connections", place.team.slug)


@team_form
def remove(request: HttpRequest, place: Place, connection: int) -> HttpResponse:
    """Says what stays before it is done."""
    found = _connection(place, connection)
    if request.method == "POST":
        removing.disconnect(place.team.pk, visitor(request), only=found.id)
        messages.success(request, f"The connection of {found.account} is removed. What it read stays.")
        return redirect("connections", place.team.slug)
    return team_html(request, place, "web/connection_remove.html", {"connection": found}, here="connections")


def _examine_new(request: HttpRequest, place: Place, made: Connected, others: Sequence[Connected]) -> None:
    """A token of another account never takes the place of a connection, and that is said."""
    rest = [each for each in others if (each.source, each.api_url) == (made.source, made.api_url)]
    same = [each for each in rest if each.account == made.account]
    if same and same[0].kind == made.kind:
        messages.success(request, f"The token of {made.account} was exchanged; reading goes on where it stopped.")
    elif same:
        before = freshness.access(same[0].kind, same[0].account)
        messages.info(request, f"{made.account} is read with this token from now on, no longer with the {before}.")
    elif rest:
        messages.info(
            request,
            f"This token belongs to {made.account}, so it is a connection of its own. "
            f"What was connected for {', '.join(each.account for each in rest)} stays as it is.",
        )
    try:
        grants.examine(place.team.pk, made.id, made.repositories)
    except SourceError as error:
        messages.error(request, f"What may be read could not be found out: {error}.")


def _names(request: HttpRequest, field: str) -> list[str]:
    """Those that a repository can have."""
    return [name for name in request.POST.getlist(field) if name.isprintable() and len(name) <= LONGEST_NAME]


def _doubts(request: HttpRequest, place: Place, found: Connected, names: list[str]) -> HttpResponse | None:
    """What cannot be read is said before anything is followed; None where nothing needed is missing, or it was said."""
    if "anyway" in request.POST:
        return None
    try:
        examined = grants.examine(place.team.pk, found.id, names)
    except SourceError as error:
        messages.error(request, f"Nothing is followed yet, because what may be read could not be found out: {error}.")
        return redirect("connections", place.team.slug)
    if examined.is_enough:
        return None
    repeated = [(key, value) for key in ("repository", "listed", "every_head") for value in _names(request, key)]
    context = {"connection": found, "examined": examined, "repeated": repeated}
    return connecting_html(request, place, "web/choose_doubts.html", context, "repositories", status=422)


def _follow(request: HttpRequest, place: Place, found: Connected, names: list[str]) -> HttpResponse:
    """What is no longer chosen is let go, once the rest is followed: in between a set-up would look complete."""
    with tenant(place.team.pk):
        onboarding.begin(place.team.pk, visitor(request), request.build_absolute_uri("/"))
        connections.follow(place.team.pk, found.id, names)
        for name in set(_names(request, "listed")) & set(found.repositories) - set(names):
            connections.unfollow(place.team.pk, found.id, name)
        connections.read_every_head(place.team.pk, found.id, _names(request, "every_head"))
    return redirect(way_on(place, otherwise="connections"))


def _live(place: Place) -> dict[str, Any]:
    found = health.connections(place.team.pk)
    known = {connection.id: connection for connection in connections.connected(place.team.pk)}
    return {
        "connections": [progress.shown(connection, known[connection.id], place) for connection in found],
        "sentence": progress.sentence(found),
        "is_reading": freshness.unfinished(found),
        "may_change": place.may_change,
    }


def _connection(place: Place, connection: int) -> Connected:
    """Only a connection of this team exists here."""
    for found in connections.connected(place.team.pk):
        if found.id == connection:
            return found
    raise Http404


def _listed(choices: Sequence[RepositoryChoice], place: Place) -> list[Listed]:
    """Newest activity first; without any choice so far, the ten most active of the last 90 days."""
    by_activity = sorted(choices, key=lambda choice: choice.pushed_at or place.team.created_at, reverse=True)
    followed = [choice.name for choice in choices if choice.is_followed]
    active = [c.name for c in by_activity if _is_active(c, place)]
    chosen = set(followed or active[:MOST_PRESELECTED])
    return [
        Listed(each, each.name in chosen, _is_active(each, place), progress.activity(each.pushed_at, place.now))
        for each in by_activity
    ]


def _is_active(choice: RepositoryChoice, place: Place) -> bool:
    return choice.pushed_at is not None and place.now - choice.pushed_at < ACTIVE
