"""Who is overloaded? What everybody did and what waits for them, by name: about balance, never about rank."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.wording import LEAST_TO_TELL, Phrase
from tformance.faces.web import board, people_cells
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import as_file, as_table
from tformance.faces.web.shell import team_html
from tformance.measures.guard import current_viewer
from tformance.measures.people import Breakdown, Line, get_team_breakdown
from tformance.measures.query import Query

HEADER = (
    "name",
    "login",
    "belongs",
    "merged_prs",
    "cycle_time_median_hours",
    "cycle_time_n",
    "reviews_given",
    "reviews_share",
    "waiting_for_their_review_now",
    "open_prs_now",
    "commits",
)


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = _view(request, place)
    answers = board.ask(dict(_questions(view)))
    found = _found(view, place)
    context: dict[str, Any] = {
        **board.frame(view, place, "people", answers, answers["repositories"]),
        "name": "People",
        "question": "Who is overloaded?",
        "sentence": _sentence(view, found),
        "support": "By name, because people are not ranked. Open work and reviews that are waited for are as of now.",
        "is_empty": not any(found.whole) and not found.lines,
        "sections": list(people_cells.sections(found, view, place)),
        "whole": people_cells.whole(found, view, place),
        "columns": people_cells.columns(view, place),
        "queues": people_cells.queues(found, view, place),
        "viewer": current_viewer(),
        "left_out": found.left_out,
        "balance": found.balance,
        "explain_balance": board.explain_href(view, place, "review_load", "gini"),
    }
    return team_html(request, place, "web/people.html", context, here="people")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    """The table as it is shown, with the whole team last; 404 for other kinds than "csv" and "json"."""
    view = _view(request, place)
    found = _found(view, place)
    rows = list(_rows(found))
    if kind == "csv":
        return as_table(kind, "people", HEADER, rows, place)
    if kind != "json":
        raise Http404
    document = {
        "team": place.team.slug,
        "from": view.period.first_day,
        "to": view.period.end_day,
        "zone": str(view.period.zone),
        "people": [dict(zip(HEADER, row, strict=True)) for row in rows],
        "left_out": found.left_out,
    }
    text = json.dumps(document, default=date.isoformat, ensure_ascii=False) + "\n"
    return as_file(iter([text]), "application/json", f"{place.team.slug}-people.json")


def _view(request: HttpRequest, place: Place) -> View:
    return board.by_place_only(View.read(request.GET, place.zone, place.now), "People")


def _questions(view: View) -> Iterator[tuple[str, Query]]:
    filters = view.filters.of_scope()
    yield "merged_prs", Query("merged_prs", "count", view.period, filters=filters)
    whole = board.anywhere(filters)
    yield "repositories", Query("merged_prs", "count", view.period, by=("repository",), filters=whole)


def _found(view: View, place: Place) -> Breakdown:
    return get_team_breakdown(place.team, view.period.first_day, view.period.end_day, view.filters.of_scope())


def _rows(found: Breakdown) -> Iterator[tuple[Any, ...]]:
    for line in found.lines:
        yield _row(found, line)
    numbers = found.whole
    share = 1.0 if numbers.reviews else None
    yield ("", "", "whole team", *numbers[:3], numbers.reviews, share, numbers.waiting, numbers.opened, numbers.commits)


def _row(found: Breakdown, line: Line) -> tuple[Any, ...]:
    person, numbers = line.person, line.numbers
    share = numbers.reviews / found.whole.reviews if found.whole.reviews else None
    named = (person.name, person.login, person.belongs)
    return (*named, *numbers[:3], numbers.reviews, share, numbers.waiting, numbers.opened, numbers.commits)


def _sentence(view: View, found: Breakdown) -> list[Phrase]:
    """How few people gave half of the reviews, and how many wait for one person at most."""
    when = wording.period_words(view.period, view.period_name)
    return [*_shared(found, when), Phrase(_asked(found))]


def _shared(found: Breakdown, when: str) -> list[Phrase]:
    given = found.whole.reviews
    if not given:
        return [Phrase(f"Nobody gave a review {when}.")]
    if given < LEAST_TO_TELL or found.reviewers < 2:
        people = notation.counted(found.reviewers, "person", "people")
        return [Phrase(f"{notation.counted(given, 'review')} by {people} {when}: too few to say how they are shared.")]
    return [
        Phrase(f"Half of the {notation.number(given)} reviews given {when} came from "),
        Phrase(f"{notation.number(found.fewest)} of {notation.number(found.reviewers)} people", "m"),
        Phrase("."),
    ]


def _asked(found: Breakdown) -> str:
    if not found.requests:
        return " Nobody is waited for right now."
    reviews = notation.counted(found.requests, "review")
    if found.requests == 1:
        return f" Right now {reviews} is asked of somebody and not given yet."
    return (
        f" Right now {reviews} are asked for and not given yet, at most {notation.number(found.longest)} of one person."
    )
