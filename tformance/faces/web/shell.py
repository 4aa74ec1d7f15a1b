"""What every page of a team has around its content."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tformance.accounts.models import User
from tformance.curation import sample
from tformance.faces.web.door import Place

THEMES = ("tformance", "tformance-dark")


@dataclass(frozen=True)
class Entry:
    """A place in the navigation; `letter` is what follows `g` on the keyboard. Narrow screens have room for five."""

    name: str
    short: str
    icon: str
    route: str
    letter: str
    when_narrow: bool = True
    for_admins: bool = False


QUESTIONS = (
    Entry("Overview", "Overview", "house", "overview", "o"),
    Entry("How fast do we deliver?", "Delivery", "gauge", "delivery", "v"),
    Entry("How good is it?", "Quality", "circle-check", "quality", "q", when_narrow=False),
    Entry("How does review go?", "Review", "messages-square", "review", "r"),
    Entry("Who is overloaded?", "People", "users", "people", "w", when_narrow=False),
    Entry("My page", "Me", "user", "me", "m", when_narrow=False),
    Entry("Where does it change?", "Files", "folder", "files", "f", when_narrow=False),
    Entry("Is Copilot used?", "Copilot", "bot", "copilot", "a", when_narrow=False),
)
LISTS = (
    Entry("Pull requests", "PRs", "git-pull-request", "pulls", "p"),
    Entry("Deployments", "Deploys", "rocket", "deployments", "d"),
)
SET_UP = (
    Entry("Glossary", "Glossary", "book-open", "glossary", "y", when_narrow=False),
    Entry("Data health", "Health", "shield-check", "health", "h", when_narrow=False),
    Entry("Connections", "Sources", "plug", "connections", "c", when_narrow=False),
    Entry("Settings", "Settings", "settings", "settings", "s", when_narrow=False, for_admins=True),
)
GROUPS = (("Questions", QUESTIONS), ("Lists", LISTS), ("Set up", SET_UP))


def team_html(
    request: HttpRequest, place: Place, template: str, context: dict[str, Any], *, here: str, status: int = 200
) -> HttpResponse:
    """Rendered at once: a lazy response would ask for rows after the tenant's transaction has ended."""
    around = {
        "place": place,
        "team": place.team,
        "may_remove_demo": place.team.is_demo and isinstance(request.user, User) and sample.may_remove(request.user),
        "navigation": [(name, _links(place, entries, here)) for name, entries in GROUPS],
    }
    return render(request, template, {**around, **context}, status=status)


def theme_of(request: HttpRequest) -> str:
    """The visitor's choice, or '' to follow their system."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def _links(place: Place, entries: tuple[Entry, ...], here: str) -> list[dict[str, Any]]:
    return [
        {"entry": entry, "url": reverse(entry.route, args=[place.team.slug]), "is_here": entry.route == here}
        for entry in entries
        if place.may_change or not entry.for_admins
    ]
