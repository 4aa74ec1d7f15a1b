"""To GitHub's pages and back from there, for every way to connect that leads through them."""

from collections.abc import Callable

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from tformance.faces.web import begun
from tformance.faces.web.door import Place
from tformance.faces.web.shell import team_html


def to_github(request: HttpRequest, place: Place, address: Callable[[], str]) -> HttpResponseBase:
    """After a form of ours by a page of our own: its content policy lets no form lead to another site."""
    try:
        going = address()
    except ObjectDoesNotExist:
        return render(request, "404.html", status=404)
    if request.method == "GET":
        return redirect(going)
    return team_html(request, place, "web/connect_leave.html", {"going": going}, here="connections")


def come_back(request: HttpRequest, step: str, go_on: Callable[..., HttpResponseBase]) -> HttpResponseBase:
    """Goes on with what this browser began as this step, once; anything else is refused."""
    kept = begun.take(request, step)
    if kept is None:
        return render(request, "web/problem_state.html", status=400)
    return go_on(request, team=kept["team"], kept=kept)


def here(request: HttpRequest, name: str) -> str:
    """The whole address of one of our pages, as GitHub is told it."""
    return request.build_absolute_uri(reverse(name))
