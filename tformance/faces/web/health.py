"""Can these numbers be trusted? How fresh and how whole the data is, what is left out, and what it costs."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tformance.faces.kit import notation
from tformance.faces.web import freshness, news, progress, recount, trust
from tformance.faces.web.door import Place, team_action, team_page
from tformance.faces.web.shell import team_html
from tformance.measures.doubts import doubts
from tformance.sync import connections, data_health, health, inbox


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    return team_html(request, place, "web/health.html", _live(place), here="health")


@team_page
def live(request: HttpRequest, place: Place) -> HttpResponse:
    """The part of the page that renews itself while something is being read."""
    return render(request, "web/health_live.html", {"place": place, "team": place.team, **_live(place)})


@team_page
def details(request: HttpRequest, place: Place) -> HttpResponse:
    """Every kind of data of every repository, what is left out, and messages: below the fold, so it comes later."""
    scopes = data_health.scopes(place.team.pk)
    titles = {stream.stream: stream.title for scope in scopes for stream in scope.streams}
    context: dict[str, Any] = {
        "place": place,
        "team": place.team,
        "tables": trust.tables(scopes, place),
        "left": [
            (each, notation.ago(each.last_seen, place.now), titles.get(each.stream, each.stream))
            for each in data_health.left_out(place.team.pk)
        ],
        "news": news.shown(inbox.summary(place.team.pk), place),
        "oddities": trust.oddities(doubts()),
        "may_change": place.may_change,
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/health_details.html", context)
    return team_html(request, place, "web/health_details_page.html", context, here="health")


@team_action
def retry(request: HttpRequest, place: Place, item: int) -> HttpResponse:
    if not data_health.retry(place.team.pk, item):
        raise Http404
    messages.success(request, "It is asked for again now. If it works, it leaves the list.")
    return redirect(reverse("health", args=[place.team.slug]))


def _live(place: Place) -> dict[str, Any]:
    found = health.connections(place.team.pk)
    known = connections.connected(place.team.pk)
    zeros = data_health.suspicions(place.team.pk)
    budgets = {each.connection: trust.budget(each, place) for each in data_health.budgets(place.team.pk)}
    by_id = {each.id: each for each in known}
    recounted = recount.parts(place)
    cards = [progress.shown(each, by_id[each.id], place) for each in found]
    return {
        "sentence": trust.sentence(found, known, zeros),
        "parts": recounted,
        "cards": [(card, budgets.get(card.health.id, [])) for card in cards],
        "zeros": [trust.suspicion(each) for each in zeros],
        "is_reading": freshness.unfinished(found) or bool(recounted),
        "may_change": place.may_change,
    }
