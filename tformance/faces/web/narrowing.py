"""By what a list can be narrowed besides its sentence: a menu that is asked for when it is opened."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tformance.faces.kit.address import View
from tformance.faces.web import scope
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.scope import Chip, Option
from tformance.faces.web.shell import team_html
from tformance.facts.derive.files import Category
from tformance.measures import records
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.groups import groups_to_choose
from tformance.measures.guard import admit
from tformance.measures.labels import labels_of
from tformance.measures.pull import MoreChoices
from tformance.measures.query import Filters, Size
from tformance.measures.result import Key
from tformance.measures.waiting import waiting_for

AXES = {"own": "by the day of the merge, of closing or opening", **scope.AXIS_WORDS}
LONG_DAYS = (1, 3, 7, 14, 30)
Group = tuple[str, list[Option]]


@team_page
def filters(request: HttpRequest, place: Place) -> HttpResponse:
    """The menu alone when the page asks for it."""
    view = View.read(request.GET, place.zone, place.now)
    admit(view.filters)
    base = reverse("pulls", args=[place.team.slug])
    groups = [*_groups(view, base, records.more_choices()), *_people(view, base)]
    context = {"groups": [(name, options) for name, options in groups if options], "team": place.team}
    if request.headers.get("HX-Request"):
        return render(request, "web/pulls_filters.html", context)
    return team_html(request, place, "web/pulls_filters_page.html", context, here="pulls")


def cleared(view: View) -> View:
    """The same list and days without any chip."""
    kept = Filters(repositories=view.filters.repositories, authors=view.filters.authors, state=view.filters.state)
    return replace(view, filters=kept, axis="own", after=None)


def reviewers(view: View) -> list[Key]:
    """What the reviewers that are filtered by are called."""
    if not view.filters.reviewers:
        return []
    labels = labels_of({"author": set(view.filters.reviewers)})
    return [Key(identity, label) for (_, identity), label in labels.items()]


def group_chips(view: View, base: str) -> Iterator[Chip]:
    """The groups that a list is narrowed to; other pages say them in their sentence."""
    of = {"groups": "by somebody of", "reviewer_groups": "reviewed by somebody of"}
    chosen = {field: getattr(view.filters, field) for field in of}
    if not any(chosen.values()):
        return
    labels = labels_of({"group": {group for groups in chosen.values() for group in groups}})
    for field, words in of.items():
        for group in chosen[field]:
            others = tuple(other for other in chosen[field] if other != group)
            yield Chip(f"{words} {labels['group', group]}", base + view.with_filters(**{field: others}).query)


def _people(view: View, base: str) -> list[Group]:
    """Groups, and of open ones those whose review they wait for."""
    groups = {key.id: key.label for key in groups_to_choose()}
    found = [("Group", _several(view, base, "groups", groups))]
    if view.filters.state == "open":
        asked = {queue.asked: queue.asked or "nobody" for queue in waiting_for(view.filters).queues}
        found.append(("Asked for a review", _several(view, base, "asked", asked)))
    return found


def _groups(view: View, base: str, known: MoreChoices) -> list[Group]:
    chosen = view.filters
    waiting = scope.WAITING_WORDS if chosen.state == "open" and not chosen.waiting else {}
    return [
        ("Waiting", _single(view, base, "waiting", waiting)),
        ("AI", _several(view, base, "ai", scope.AI_WORDS)),
        ("Tool", _several(view, base, "ai_tools", _same(known.ai_tools))),
        ("Size", _several(view, base, "sizes", _same(get_args(Size)))),
        ("Draft", _single(view, base, "draft", scope.DRAFT_WORDS if not chosen.draft else {})),
        ("Issue", _single(view, base, "linked", scope.LINKED_WORDS if not chosen.linked else {})),
        ("Kind of file", _several(view, base, "categories", _same(get_args(Category)))),
        ("Kind of work", _several(view, base, "work_types", _same(DIMENSIONS["work_type"].order))),
        ("Label", _several(view, base, "labels", _same(known.labels))),
        ("Goes to branch", _several(view, base, "base_branches", _same(known.bases))),
        ("Signs", _several(view, base, "signals", dict(scope.SIGNAL_WORDS))),
        ("Time open", _single(view, base, "over_days", {days: scope.over_words(days) for days in LONG_DAYS})),
        ("Days", _axes(view, base)),
        ("Automation", _single(view, base, "automation", {} if chosen.automation else {True: "automation included"})),
        (
            "Reviewed by",
            _several(view, base, "reviewers", {key.id: key.label for key in known.reviewers}),
        ),
    ]


def _several(view: View, base: str, field: str, words: dict[Any, str]) -> list[Option]:
    """One more of these, beside those that are chosen."""
    chosen: tuple[Any, ...] = getattr(view.filters, field)
    return [
        Option(label, base + view.with_filters(**{field: (*chosen, value)}).query)
        for value, label in words.items()
        if value not in chosen
    ]


def _single(view: View, base: str, field: str, words: dict[Any, str]) -> list[Option]:
    return [Option(label, base + view.with_filters(**{field: value}).query) for value, label in words.items()]


def _axes(view: View, base: str) -> list[Option]:
    return [
        Option(label, base + replace(view, axis=axis, after=None).query)  # type: ignore[arg-type]
        for axis, label in AXES.items()
        if axis != view.axis
    ]


def _same(values: tuple[str, ...]) -> dict[Any, str]:
    return {value: value for value in values}
