"""The first ten minutes of a team: question by question from a name to the first chart, to be left and come back to."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from tformance.accounts import teams
from tformance.faces.kit.address import View
from tformance.faces.web import figures, overview, progress
from tformance.faces.web.door import Place, admin_page, team_action, team_form, team_page
from tformance.faces.web.general import ZONES, TeamForm
from tformance.faces.web.members import about_inviting, invite
from tformance.faces.web.progress import ConnectionShown
from tformance.faces.web.set_up_steps import QUESTIONS, set_up_html, stepper, way_on
from tformance.faces.web.shell import team_html
from tformance.faces.web.visitor import visitor
from tformance.sync import connections, health, onboarding
from tformance.sync.onboarding import Standing, State

FIRST_PERIOD = "period=30d"
GOES_BY_ITSELF = (State.RECENT, State.HISTORY)


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponseBase:
    """To the question that is next for admins; where there is none, and for everybody else, how it stands."""
    found = stepper(place)
    if place.may_change and found.current:
        return redirect(found.current.page, place.team.slug)
    context = {"set_up": found, "standing": found.standing}
    return team_html(request, place, "web/set_up.html", context, here="connections")


@team_form
def team(request: HttpRequest, place: Place) -> HttpResponse:
    form = TeamForm(request.POST or None, initial={"name": place.team.name, "zone": place.team.zone})
    if request.method == "POST" and form.is_valid():
        teams.rename(visitor(request), place.team.pk, form.cleaned_data["name"], form.cleaned_data["zone"])
        return redirect("set_up", place.team.slug)
    context = {"form": form, "zones": ZONES}
    return set_up_html(request, place, "web/set_up_team.html", context, "team", status=422 if form.is_bound else 200)


@team_form
def source(request: HttpRequest, place: Place) -> HttpResponse:
    """GitHub is the one that is connected here; a clone is by the command line, and what comes of it is seen here too."""
    if request.method == "POST":
        onboarding.begin(place.team.pk, visitor(request), request.build_absolute_uri("/"))
        return redirect("set_up", place.team.slug)
    return set_up_html(request, place, "web/set_up_source.html", {}, "source")


@team_form
def repositories(request: HttpRequest, place: Place) -> HttpResponse:
    """To those that the newest connection can see."""
    found = connections.connected(place.team.pk)
    return (
        redirect("choose_repositories", place.team.slug, found[-1].id) if found else redirect("set_up", place.team.slug)
    )


@admin_page
def chart(request: HttpRequest, place: Place) -> HttpResponse:
    return set_up_html(request, place, "web/set_up_chart.html", _first_month(place), "chart")


@admin_page
def live(request: HttpRequest, place: Place) -> HttpResponse:
    """The part of that page that renews itself until the chart is there."""
    return render(request, "web/set_up_live.html", {"team": place.team, **_first_month(place)})


@team_form
def people(request: HttpRequest, place: Place) -> HttpResponse:
    address = reverse("set_up_people", args=[place.team.slug])
    invited = invite(request, place)
    if invited.is_sent:
        return redirect(address)
    context = about_inviting(invited, address)
    return set_up_html(request, place, "web/set_up_people.html", context, "people", status=invited.status)


@team_action
def leave_behind(request: HttpRequest, place: Place, question: str) -> HttpResponse:
    """Skips a question, or goes on from one that was looked at."""
    if question not in {each.id for each in QUESTIONS}:
        raise Http404
    onboarding.leave_behind(place.team.pk, question)
    return redirect(way_on(place, otherwise="overview"))


def _first_month(place: Place) -> dict[str, Any]:
    """How the reading goes, and the first chart as soon as there is one."""
    standing = onboarding.standing()
    context = {
        "standing": standing,
        "goes_on": standing.state in GOES_BY_ITSELF,
        "is_awaited": standing.state == State.RECENT,
        "reading": list(_reading(place)),
        "told": _told(standing),
    }
    may_show = standing.has_first_month or (standing.state == State.FAILED and standing.has_data)
    return context | (_chart(place) if may_show else {})


def _reading(place: Place) -> Iterator[ConnectionShown]:
    known = {each.id: each for each in connections.connected(place.team.pk)}
    for each in health.connections(place.team.pk):
        shown = progress.shown(each, known[each.id], place)
        if shown.is_reading:
            yield shown


def _chart(place: Place) -> dict[str, Any]:
    view = View.read(QueryDict(FIRST_PERIOD), place.zone, place.now)
    answers = overview.ask(view)
    return {
        "has_chart": not answers.is_empty,
        "is_empty": answers.is_empty,
        "phases": figures.phases(answers.phases),
        "overview": reverse("overview", args=[place.team.slug]) + view.scope_query,
        **overview.speech(view, answers),
    }


def _told(standing: Standing) -> str:
    """Who gets a message when the whole history is read; nobody where there is no mail server."""
    return standing.user.email if standing.user and settings.EMAIL_HOST else ""
