"""Views of the list that a member keeps: a name for an address, seen by its owner alone."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from tformance.accounts.models import SavedView
from tformance.faces.kit.address import View
from tformance.faces.web.door import Place, own_action

MOST = 50
LONGEST_NAME = 80
LONGEST_QUERY = 2000


@dataclass(frozen=True)
class Saved:
    id: int
    name: str
    href: str
    is_here: bool


@dataclass(frozen=True)
class Menu:
    """`query` is what would be saved now; `may_save` is false for visitors of the sample organisation."""

    views: list[Saved]
    query: str
    may_save: bool
    here: str


def menu(request: HttpRequest, view: View, place: Place) -> Menu:
    """The visitor's views by name; one statement."""
    query = _query(view)
    if place.role is None:
        return Menu([], query, False, "")
    base = reverse("pulls", args=[place.team.slug])
    kept = _own(request).order_by("name").values_list("pk", "name", "query")
    views = [Saved(pk, name, base + saved, saved == query) for pk, name, saved in kept]
    return Menu(views, query, True, next((saved.name for saved in views if saved.is_here), ""))


@own_action
def save(request: HttpRequest, place: Place) -> HttpResponse:
    """Under a name that is taken the new address replaces the old one."""
    view = View.read(QueryDict(request.POST.get("query", "").removeprefix("?")), place.zone, place.now)
    name, query = _name(request), _query(view)
    if not name or len(query) > LONGEST_QUERY:
        messages.error(
            request, "A view needs a name, and fewer filters than these." if name else "A view needs a name."
        )
    elif _own(request).exclude(name=name).count() >= MOST:
        messages.error(request, f"There is room for {MOST} views: delete one first.")
    else:
        SavedView.objects.update_or_create(
            team_id=place.team.pk, user_id=_user(request), name=name, defaults={"query": query}
        )
        messages.success(request, f"Saved as “{name}”.")
    return redirect(reverse("pulls", args=[place.team.slug]) + query)


@own_action
def rename(request: HttpRequest, place: Place, view: int) -> HttpResponse:
    kept, name = _found(request, view), _name(request)
    if name:
        try:
            with transaction.atomic():
                SavedView.objects.filter(pk=kept.pk).update(name=name)
        except IntegrityError:
            messages.error(request, f"Another view is called “{name}” already.")
    return redirect(reverse("pulls", args=[place.team.slug]) + kept.query)


@own_action
def delete(request: HttpRequest, place: Place, view: int) -> HttpResponse:
    kept = _found(request, view)
    kept.delete()
    messages.success(request, f"“{kept.name}” is deleted.")
    return redirect(reverse("pulls", args=[place.team.slug]) + kept.query)


def _query(view: View) -> str:
    return replace(view, after=None).query


def _name(request: HttpRequest) -> str:
    return " ".join(request.POST.get("name", "").replace("\0", "").split())[:LONGEST_NAME]


def _user(request: HttpRequest) -> Any:
    return request.user.pk


def _own(request: HttpRequest) -> Any:
    return SavedView.objects.filter(user_id=_user(request))


def _found(request: HttpRequest, view: int) -> SavedView:
    """Somebody else's view does not exist."""
    kept: SavedView | None = _own(request).filter(pk=view).first()
    if kept is None:
        raise Http404
    return kept
