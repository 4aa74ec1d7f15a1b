"""How does review go? Waiting, rounds, load, and whether reviewers agree. People are listed by name, never ranked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.wording import LEAST_TO_TELL, Phrase
from tformance.faces.web import board, figures, lists, scope, tiles
from tformance.faces.web.board import Answers
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import addresses, as_table
from tformance.faces.web.shell import team_html
from tformance.measures.agreement import LEAST, Pair, pairs
from tformance.measures.guard import current_viewer
from tformance.measures.query import Filters, Query
from tformance.measures.result import Result, Row
from tformance.measures.shape import Statistic

TILES: tuple[tuple[str, Statistic], ...] = (
    ("reviews_given", "count"),
    ("pickup_time", "median"),
    ("review_rounds", "median"),
    ("comments", "median"),
    ("unresolved_at_merge", "sum"),
    ("review_load", "gini"),
)
BELOW: tuple[tuple[str, Statistic], ...] = (
    ("resolved_share", "rate"),
    ("comment_response", "median"),
    ("thread_resolution_time", "median"),
    ("review_agreement", "rate"),
    ("time_to_first_bot_review", "median"),
    ("force_pushes_after_review", "sum"),
)
NO_LINE = "review_load"
SHOWN = 50  # people; a longer list is on the page of people


@dataclass(frozen=True)
class Person:
    name: str
    reviews: float
    share: str
    href: str


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    answers = board.ask(dict(_questions(view)))
    context: dict[str, Any] = {
        **board.frame(view, place, "review", answers, answers["repositories"]),
        "name": "Review",
        "question": "How does review go?",
        "sentence": _sentence(view, answers),
        "support": "Reviews by other people than the author; bots and pending reviews do not count.",
        "is_empty": not (answers["reviews_given"].total.rows or answers["pickup_time"].total.rows),
        "tiles": list(_tiles(view, place, answers)),
        "waiting": figures.trend(
            "review-waiting",
            "Median wait for a first review and median time in review; the table says the values",
            [
                ("waiting", "s-pickup", answers["pickup_time, line"]),
                ("in review", "s-accent", answers["review_phase, line"]),
            ],
        ),
        "explain_waiting": board.explain_href(view, place, "pickup_time", "median"),
        "people": reverse("review_people", args=[place.team.slug]) + view.scope_query,
        "asked": reverse("review_asked", args=[place.team.slug]) + view.scope_query,
        "threads": reverse("review_threads", args=[place.team.slug]) + view.scope_query,
    }
    return team_html(request, place, "web/review.html", context, here="review")


@team_page
def people(request: HttpRequest, place: Place) -> HttpResponse:
    """By name: of many people only the first, and so much to read that it comes after the numbers."""
    view = View.read(request.GET, place.zone, place.now)
    answers = board.ask(dict(_of_people(view)))
    context: dict[str, Any] = {
        "people": list(_people(view, place, answers)),
        "left_out": answers["people"].left_out,
        "everybody": _everybody(view, place, answers["people"]),
        "reviewers": answers["review_load"].total.n,
        "team": place.team,
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/review_people.html", context)
    return team_html(request, place, "web/review_people_page.html", context, here="review")


@team_page
def threads(request: HttpRequest, place: Place) -> HttpResponse:
    """Conversations and agreement: below the fold, so they come after the numbers."""
    view = View.read(request.GET, place.zone, place.now)
    answers = board.ask(dict(_of_threads(view)))
    context: dict[str, Any] = {
        "tiles": [board.tile(view, place, answers[name], None) for name, _ in BELOW],
        "pairs": [_pair(pair) for pair in pairs(view.filters.of_scope(), view.period)],
        "sees_everybody": current_viewer().sees_everybody,
        "least": LEAST,
        "agreement": answers["review_agreement"].total,
        "team": place.team,
        **addresses("review_pairs_file", view, place),
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/review_threads.html", context)
    return team_html(request, place, "web/review_threads_page.html", context, here="review")


@team_page
def pairs_file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    found = pairs(view.filters.of_scope(), view.period)
    rows = [(pair.first.label, pair.second.label, pair.n, pair.share, pair.kappa) for pair in found]
    return as_table(kind, "reviewers-agree", ("first", "second", "n", "share", "kappa"), rows, place)


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    return board.as_document(kind, "review", view, place, board.ask(dict(_of_file(view))))


def _of_file(view: View) -> Iterator[tuple[str, Query]]:
    yield from _questions(view)
    yield from _of_people(view)
    yield from _of_threads(view)


def _questions(view: View) -> Iterator[tuple[str, Query]]:
    filters, period = view.filters.of_scope(), view.period
    every = board.grain_of(period)
    for measure, statistic in TILES:
        yield measure, Query(measure, statistic, period, filters=filters, compare=True)
        if measure != NO_LINE:
            yield f"{measure}, line", Query(measure, statistic, period, every=every, filters=filters)
    yield "upper", Query("pickup_time", "p75", period, filters=filters, compare=True)
    yield "review_phase, line", Query("review_phase", "median", period, every=every, filters=filters)
    whole = board.anywhere(filters)
    yield "repositories", Query("merged_prs", "count", period, by=("repository",), filters=whole)


def _of_people(view: View) -> Iterator[tuple[str, Query]]:
    filters = view.filters.of_scope()
    yield "people", Query("reviews_given", "count", view.period, by=("author",), filters=filters)
    yield "reviews_given", Query("reviews_given", "count", view.period, filters=filters, compare=True)
    yield "review_load", Query("review_load", "gini", view.period, filters=filters, compare=True)


def _of_threads(view: View) -> Iterator[tuple[str, Query]]:
    for measure, statistic in BELOW:
        yield measure, Query(measure, statistic, view.period, filters=view.filters.of_scope(), compare=True)


def _tiles(view: View, place: Place, answers: Answers) -> Iterator[tiles.Tile]:
    for measure, _ in TILES:
        upper = answers["upper"] if measure == "pickup_time" else None
        yield board.tile(view, place, answers[measure], answers.get(f"{measure}, line"), upper)


def _people(view: View, place: Place, answers: Answers) -> Iterator[Person]:
    whole = max(answers["reviews_given"].total.value or 0, 1)
    measure = answers["people"].measure
    address = scope.each(lambda key: lists.behind(measure, view.with_filters(authors=(key,)), place) or "")
    for row in sorted(answers["people"].rows, key=lambda row: row.key[0].label.casefold())[:SHOWN]:
        yield Person(
            name=row.key[0].label,
            reviews=row.value or 0,
            share=notation.percent((row.value or 0) / whole),
            href=address(row.key[0].id),
        )


def _everybody(view: View, place: Place, people: Result) -> str:
    """The address of all of them, where there are more than are shown."""
    if len(people.rows) <= SHOWN:
        return ""
    kept = Filters(repositories=view.filters.repositories, groups=view.filters.groups, state="merged")
    return reverse("people", args=[place.team.slug]) + replace(view.of_scope(), filters=kept).scope_query


def _pair(pair: Pair) -> dict[str, Any]:
    kappa = "always the same" if pair.kappa is None else f"{pair.kappa:.2f}".replace("-", "\u2212")
    return {"pair": pair, "share": notation.percent(pair.share), "kappa": kappa}


def _sentence(view: View, answers: Answers) -> list[Phrase]:
    when = wording.period_words(view.period, view.period_name)
    wait, rounds = answers["pickup_time"], answers["review_rounds"].total
    if wait.total.value is None or wait.total.n < LEAST_TO_TELL:
        return [Phrase(f"Too few pull requests were reviewed {when} to say how review goes.")]
    change = wording.median_change(tiles.compared(wait, answers["upper"]), "hours", "lower")
    value = wording.row_text(wait.total, "hours")
    moved = f", {change.text.rpartition(', ')[0]} than before" if change.beyond_noise else ""
    phrases = [
        Phrase(f"Half of the pull requests merged {when} waited less than "),
        Phrase(value, "m w" if change.tone == "worse" else "m"),
        Phrase(f" for a first review{moved}."),
    ]
    return [*phrases, Phrase(_rounds(rounds))]


def _rounds(rounds: Row) -> str:
    if rounds.value is None or rounds.n < LEAST_TO_TELL:
        return ""
    if rounds.value < 1:
        return " Most are never sent back."
    return f" Half of them are sent back at least {notation.counted(int(rounds.value), 'time')}."
