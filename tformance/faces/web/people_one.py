"""One person's page: what they delivered and reviewed beside the team's medians, and what waits for whom right now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.wording import LEAST_TO_TELL, Phrase
from tformance.faces.web import board, figures, lists, people_cells, scope, seen
from tformance.faces.web.board import Answers
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.pulls import line, pull_href
from tformance.faces.web.scope import WAITING_WORDS
from tformance.faces.web.shell import team_html
from tformance.measures.catalogue import MEASURES
from tformance.measures.guard import current_viewer
from tformance.measures.people import Breakdown, Person, get_team_breakdown, person_called
from tformance.measures.pull import PullRow
from tformance.measures.query import Filters, Query
from tformance.measures.records import pull_requests
from tformance.measures.result import Result
from tformance.measures.rows.commits import COMMITTED
from tformance.measures.shape import Statistic
from tformance.measures.waiting import asked_of, waiting_now

DELIVERY: tuple[tuple[str, Statistic], ...] = (
    ("merged_prs", "count"),
    ("cycle_time", "median"),
    ("pickup_time", "median"),
    ("review_rounds", "median"),
    ("size", "median"),
    ("commits", "count"),
)
REVIEW: tuple[tuple[str, Statistic], ...] = (("reviews_given", "count"),)
OF_TABLE = {"merged_prs": "merged", "commits": "commits", "reviews_given": "reviews"}
RECENT, MOST, MOST_LOOKS = 8, 50, 20


@dataclass(frozen=True)
class Figure:
    """A number of the person with what half of the team have as a reference; `href` is the list behind it."""

    title: str
    explain: str
    value: str
    href: str | None
    base: str
    is_few: bool
    team: str
    team_base: str


@dataclass(frozen=True)
class Waiting:
    """An open pull request, what is waited for, and for how long."""

    row: PullRow
    href: str
    words: str
    since: str


@team_page
def page(request: HttpRequest, place: Place, login: str) -> HttpResponseBase:
    person = _person(login)
    if not current_viewer().may_see(person.accounts):
        return _closed(request, place, person)
    seen.write_down(request, place, person)
    return shown(request, place, person, here="people")


@team_page
def file(request: HttpRequest, place: Place, login: str, kind: str) -> HttpResponseBase:
    """The same numbers, closed to the same visitors."""
    person = _person(login)
    if not current_viewer().may_see(person.accounts):
        return _closed(request, place, person)
    document = _file(request, place, person, kind)
    seen.write_down(request, place, person)
    return document


def _closed(request: HttpRequest, place: Place, person: Person) -> HttpResponse:
    context = {"name": person.name, "whose": person}
    return team_html(request, place, "web/person_closed.html", context, here="people", status=403)


def shown(
    request: HttpRequest, place: Place, person: Person, *, here: str, looks: Sequence[seen.Look] = ()
) -> HttpResponse:
    """The page, to somebody who may see it. `looks` are told to the person alone."""
    view = _view(request, place)
    own = people_cells.of_person(view, person)
    answers = board.ask(dict(_questions(view, own)))
    base = reverse("person", args=[place.team.slug, person.login])
    table = get_team_breakdown(place.team, view.period.first_day, view.period.end_day, view.filters.of_scope())
    asked = asked_of(person.logins, limit=MOST)
    opened = waiting_now(own.filters.of_scope(), limit=MOST)
    context: dict[str, Any] = {
        **board.frame(view, place, "person", answers, answers["repositories"], (person.login,)),
        "scope": scope.without_groups(view, place, base, answers["repositories"], f"{person.name} in "),
        "name": person.name,
        "person": person,
        "is_own": here == "me",
        "looks": looks[:MOST_LOOKS],
        "all_looks": len(looks),
        "question": "My page" if here == "me" else person.name,
        "sentence": _sentence(view, answers, len(asked), "my" if here == "me" else "their"),
        "support": "The team's medians are there to read the numbers by: they are no target, and nobody is ranked.",
        "delivery": [_figure(own, place, answers, table, *asked_for) for asked_for in DELIVERY],
        "review": [_figure(own, place, answers, table, *asked_for) for asked_for in REVIEW],
        "pace": _pace(answers),
        "times": _times(answers),
        "opened": list(_opened(opened.pulls, place)),
        "opened_count": sum(opened.counts.values()),
        "opened_href": lists.open_now(own, place),
        "asked": [_asked(pull.row, place, place.now - pull.since) for pull in asked],
        "asked_href": lists.asked_now(replace(view, filters=Filters()), place, person.logins),
        "recent": [line(row, place) for row in _recent(own)],
        "recent_href": lists.behind(MEASURES["merged_prs"], own, place),
        "explain_pace": board.explain_href(own, place, "merged_prs", "count"),
        "explain_times": board.explain_href(own, place, "cycle_time", "median"),
    }
    return team_html(request, place, "web/person.html", context, here=here)


def _person(login: str) -> Person:
    """Programs and deleted accounts have no page."""
    person = person_called(login)
    if person is None or person.belongs == "program" or not person.is_somebody:
        raise Http404
    return person


def _view(request: HttpRequest, place: Place) -> View:
    view = board.by_place_only(View.read(request.GET, place.zone, place.now), "A person's page")
    return view.with_filters(groups=())


def _file(request: HttpRequest, place: Place, person: Person, kind: str) -> StreamingHttpResponse:
    view = _view(request, place)
    own = people_cells.of_person(view, person)
    found = board.ask(dict(_questions(view, own)))
    numbers = {name: result for name, result in found.items() if name != "repositories"}
    return board.as_document(kind, person.login, view, place, numbers)


def _questions(view: View, own: View) -> Iterator[tuple[str, Query]]:
    period, every = view.period, board.grain_of(view.period)
    filters, team = own.filters.of_scope(), view.filters.of_scope()
    for measure, statistic in (*DELIVERY, *REVIEW):
        yield measure, Query(measure, statistic, period, filters=filters)
        if measure not in OF_TABLE:
            yield f"{measure}, team", Query(measure, statistic, period, filters=team)
    for measure, statistic in (("merged_prs", "count"), ("reviews_given", "count"), ("cycle_time", "median")):
        yield f"{measure}, line", Query(measure, statistic, period, every=every, filters=filters)
    yield "cycle_time, team line", Query("cycle_time", "median", period, every=every, filters=team)
    whole = board.anywhere(filters)
    yield "repositories", Query("merged_prs", "count", period, by=("repository",), filters=whole)


def _figure(own: View, place: Place, answers: Answers, table: Breakdown, measure: str, statistic: Statistic) -> Figure:
    result = answers[measure]
    total, is_count = result.total, measure in OF_TABLE
    href = _list(result, own, place)
    explain = board.explain_href(own, place, measure, statistic)
    team, team_base = _median_of_people(table, measure) if is_count else _half(answers[f"{measure}, team"])
    return Figure(
        title=result.measure.title,
        explain=explain,
        value="none" if total.value is None else wording.value_text(total.value, result.unit),
        href=href if total.rows else None,
        base="" if is_count else f"n {notation.number(total.n)}",
        is_few=not is_count and total.n < LEAST_TO_TELL,
        team=team,
        team_base=team_base,
    )


def _list(result: Result, own: View, place: Place) -> str | None:
    if result.measure.rows == COMMITTED:
        return reverse("commits", args=[place.team.slug]) + own.scope_query
    return lists.behind(result.measure, own, place)


def _half(result: Result) -> tuple[str, str]:
    total = result.total
    if total.value is None:
        return "none", ""
    return wording.value_text(total.value, result.unit), f"n {notation.number(total.n)}"


def _median_of_people(table: Breakdown, measure: str) -> tuple[str, str]:
    """Of the people who did any; of too few it would tell what one of them did."""
    half = table.halves.get(OF_TABLE[measure])
    if half is None:
        return "too few people", ""
    return notation.number(half.value), notation.counted(half.people, "person", "people")


def _pace(answers: Answers) -> figures.Figure:
    return figures.trend(
        "person-pace",
        "Pull requests merged and reviews given; the table says the values",
        [
            ("merged", "s-cat-1", answers["merged_prs, line"]),
            ("reviews given", "s-cat-2", answers["reviews_given, line"]),
        ],
    )


def _times(answers: Answers) -> figures.Figure:
    return figures.trend(
        "person-times",
        "Median hours from opening to merge, of this person and of the team; the table says the values",
        [
            ("own", "s-accent", answers["cycle_time, line"]),
            ("team", "s-prev", answers["cycle_time, team line"]),
        ],
    )


def _opened(pulls: Any, place: Place) -> Iterator[Waiting]:
    for pull in pulls:
        since = notation.duration(place.now - pull.since)
        yield Waiting(pull.row, pull_href(place, pull.row), WAITING_WORDS[pull.state], since)


def _asked(row: PullRow, place: Place, since: Any) -> Waiting:
    return Waiting(row, pull_href(place, row), f"by {row.author.label}", notation.duration(since))


def _recent(own: View) -> tuple[PullRow, ...]:
    filters = own.filters.of_scope().with_state("merged")
    return pull_requests(filters, own.period, limit=RECENT).rows


def _sentence(view: View, answers: Answers, asked: int, whose: str) -> list[Phrase]:
    when = wording.period_words(view.period, view.period_name)
    merged, reviews = (int(answers[name].total.value or 0) for name in ("merged_prs", "reviews_given"))
    pulls, given = notation.counted(merged, "pull request"), notation.counted(reviews, "review")
    waits = notation.counted(asked, "pull request") if asked else "Nothing"
    verb = "wait" if asked > 1 else "waits"
    return [
        Phrase(f"{pulls} merged and {given} given {when}. "),
        Phrase(f"{waits} {verb} for {whose} review", "m w" if asked else ""),
        Phrase(" right now."),
    ]
