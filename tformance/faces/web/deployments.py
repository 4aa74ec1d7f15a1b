"""Deployments: how often, how fast, how many fail, how soon they are put right, and what was in them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import BadAddress, View
from tformance.faces.kit.wording import LEAST_TO_TELL, Phrase
from tformance.faces.web import board, figures, tiles
from tformance.faces.web.board import Answers
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import addresses, as_table
from tformance.faces.web.shell import team_html
from tformance.measures.keyset import BadPlace
from tformance.measures.query import Filters, Query
from tformance.measures.result import Key, Result, Row
from tformance.measures.shape import Statistic
from tformance.measures.shipped import Brought, Shipped, deliveries, stream_deliveries

TILES: tuple[tuple[str, Statistic], ...] = (
    ("deployment_frequency", "per_week"),
    ("lead_time_for_changes", "median"),
    ("change_failure_rate", "rate"),
    ("recovery_time", "median"),
    ("deploy_time", "median"),
    ("failed_deployments", "sum"),
)
WITH_LINE = ("deployment_frequency", "lead_time_for_changes", "change_failure_rate", "deploy_time")
PAGE_ROWS = 25
MOST_PULLS = 6
HEADER = (
    "repository",
    "environment",
    "sha",
    "ref",
    "creator",
    "succeeded_at",
    "relation",
    "failure",
    "recovered_at",
    "pull_requests",
)
FAILURES = {"rollback": "Rolled back", "revert": "Reverted", "hotfix": "Fixed in a hurry"}
RELATIONS = {
    None: ("neu", "not compared yet"),
    "baseline": ("neu", "first known: what it brought is older than what was read"),
    "unknown": ("warn", "cannot be compared: the provider no longer has the commit before"),
    "diverged": ("neu", "on another line than the one before"),
}


@dataclass(frozen=True)
class Surrounding:
    """An environment of a repository in words."""

    repository: str
    environment: str
    count: float
    failed: str
    unlinked: str


@dataclass(frozen=True)
class Line:
    """A deployment in words; `rest` counts the pull requests that are not shown."""

    row: Shipped
    when: str
    when_title: str
    failure: str
    recovery: str
    note: str
    pulls: list[tuple[Brought, str]]
    rest: int


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = _view(request, place)
    answers = board.ask(dict(_questions(view)))
    chosen = view.filters.repositories
    context: dict[str, Any] = {
        **board.frame(view, place, "deployments", answers, _repositories(answers["environments"])),
        "name": "Deployments",
        "question": "How often and how safely do changes reach production?",
        "sentence": _sentence(view, answers),
        "support": _support(answers),
        "is_empty": not answers["deployment_frequency"].total.rows and not answers["failed_deployments"].total.rows,
        "tiles": [_tile(view, place, answers, measure) for measure, _ in TILES],
        "chart": figures.deliveries(answers["count, line"], answers["failed, line"]),
        "lead": figures.trend(
            "lead",
            "Median lead time for changes and median time from merge to production; the table says the values",
            [
                ("first commit", "s-accent", answers["lead_time_for_changes, line"]),
                ("merge", "s-pickup", answers["deploy_time, line"]),
            ],
        ),
        "explain_chart": board.explain_href(view, place, "deployment_frequency", "per_week"),
        "explain_lead": board.explain_href(view, place, "lead_time_for_changes", "median"),
        "environments": [line for row, line in _environments(answers) if not chosen or row.key[0].id in chosen],
        "listed": reverse("deployments_list", args=[place.team.slug]) + view.scope_query,
    }
    return team_html(request, place, "web/deployments.html", context, here="deployments")


@team_page
def listed(request: HttpRequest, place: Place) -> HttpResponse:
    """Every deployment that is counted, with what it brought: below the fold, so it comes after the numbers."""
    view = _view(request, place)
    after = request.GET.get("after") or None
    try:
        found = deliveries(_filters(view), view.period, after=after, limit=PAGE_ROWS)
    except BadPlace as error:
        raise BadAddress(f"The list has changed its order: {error}.") from error
    base = reverse("deployments_list", args=[place.team.slug])
    context: dict[str, Any] = {
        "team": place.team,
        "name": "Deployments",
        "count": found.count,
        "lines": [_line(row, place) for row in found.rows],
        **addresses("deployments_list_file", view, place),
        "next": base + view.from_row(found.next).query if found.next else None,
        "previous": base + view.from_row(found.previous).query if found.previous else None,
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/deployments_list.html", context)
    return team_html(request, place, "web/deployments_list_page.html", context, here="deployments")


@team_page
def listed_file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = _view(request, place)
    rows = map(_cells, stream_deliveries(place.team.pk, _filters(view), view.period))
    return as_table(kind, "deployments-list", HEADER, rows, place)


def _cells(row: Shipped) -> tuple[Any, ...]:
    pulls = ", ".join(f"{pull.repository}#{pull.number}" for pull in row.pulls)
    outcome = (row.relation, row.failure, row.recovered_at, pulls)
    return (row.repository.label, row.environment, row.sha, row.ref, row.creator, row.succeeded_at, *outcome)


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = _view(request, place)
    return board.as_document(kind, "deployments", view, place, board.ask(dict(_questions(view))))


def _view(request: HttpRequest, place: Place) -> View:
    return board.by_place_only(View.read(request.GET, place.zone, place.now), "Deployments")


def _filters(view: View) -> Filters:
    return Filters(repositories=view.filters.repositories, groups=view.filters.groups)


def _questions(view: View) -> Iterator[tuple[str, Query]]:
    filters, period = _filters(view), view.period
    every = board.grain_of(period)
    for measure, statistic in TILES:
        yield measure, Query(measure, statistic, period, filters=filters, compare=True)
        if measure in WITH_LINE:
            yield f"{measure}, line", Query(measure, statistic, period, every=every, filters=filters)
    yield "unlinked", Query("unlinked_deployments", "sum", period, filters=filters, compare=True)
    yield "upper", Query("lead_time_for_changes", "p75", period, filters=filters, compare=True)
    yield "count, line", Query("deployment_frequency", "count", period, every=every, filters=filters)
    yield "failed, line", Query("change_failure_rate", "sum", period, every=every, filters=filters)
    cut = ("repository", "environment")
    for name, measure, wanted in (
        ("environments", "deployment_frequency", "count"),
        ("failed by environment", "change_failure_rate", "sum"),
        ("unlinked by environment", "unlinked_deployments", "sum"),
    ):
        yield name, Query(measure, wanted, period, by=cut, filters=board.anywhere(filters))  # type: ignore[arg-type]


def _tile(view: View, place: Place, answers: Answers, measure: str) -> tiles.Tile:
    upper = answers["upper"] if measure == "lead_time_for_changes" else None
    made = board.tile(view, place, answers[measure], answers.get(f"{measure}, line"), upper)
    counted = measure in ("deployment_frequency", "change_failure_rate")
    href = reverse("deployments_list", args=[place.team.slug]) + view.scope_query
    return replace(made, href=href) if counted and not made.is_few else made


def _repositories(environments: Result) -> Result:
    """Counts by repository, for the choice of them."""
    merged: dict[Key, Row] = {}
    for row in environments.rows:
        before = merged.get(row.key[0])
        value = (row.value or 0) + ((before.value or 0) if before else 0)
        merged[row.key[0]] = replace(row, key=(row.key[0],), value=value)
    return replace(environments, rows=tuple(merged.values()))


def _environments(answers: Answers) -> Iterator[tuple[Row, Surrounding]]:
    failed, unlinked = (answers[f"{name} by environment"].rows for name in ("failed", "unlinked"))
    for row, bad, loose in zip(answers["environments"].rows, failed, unlinked, strict=True):
        share = notation.percent((bad.value or 0) / bad.n) if bad.n else "none"
        yield (
            row,
            Surrounding(
                repository=row.key[0].label,
                environment=row.key[1].label,
                count=row.value or 0,
                failed=f"{notation.number(bad.value or 0)} ({share})",
                unlinked=notation.number(loose.value or 0),
            ),
        )


def _line(row: Shipped, place: Place) -> Line:
    local = row.succeeded_at.astimezone(place.zone)
    return Line(
        row=row,
        when=notation.clock_time(local),
        when_title=str(place.zone),
        failure=FAILURES.get(row.failure, ""),
        recovery=_recovery(row),
        note=RELATIONS.get(row.relation, ("", ""))[1] or ("" if row.pulls else "no pull request in it is known"),
        pulls=[(pull, _href(place, pull)) for pull in row.pulls[:MOST_PULLS]],
        rest=max(len(row.pulls) - MOST_PULLS, 0),
    )


def _recovery(row: Shipped) -> str:
    if not row.failure:
        return ""
    if row.recovered_at is None:
        return "not put right yet"
    return f"put right after {notation.duration(max(row.recovered_at - row.succeeded_at, timedelta()))}"


def _href(place: Place, pull: Brought) -> str:
    owner, _, name = pull.repository.rpartition("/")
    return reverse("pull", args=[place.team.slug, owner or "-", name, pull.number])


def _sentence(view: View, answers: Answers) -> list[Phrase]:
    when = wording.period_words(view.period, view.period_name)
    pace, failing = answers["deployment_frequency"].total, answers["change_failure_rate"].total
    if not pace.n:
        return [Phrase(f"Nothing new reached production {when} that we know of.")]
    times = notation.counted(pace.n, "deployment")
    phrases = [
        Phrase(f"{times} reached production {when}, "),
        Phrase(f"{notation.number(pace.value or 0)} a week", "m"),
    ]
    if failing.value is None or failing.n < LEAST_TO_TELL:
        return [*phrases, Phrase("; too few to say how many fail.")]
    if not failing.value:
        return [*phrases, Phrase("; none of them shows a signal of failure.")]
    share = notation.percent(failing.value)
    return [*phrases, Phrase("; "), Phrase(share, "m w"), Phrase(" of them show a signal of failure.")]


def _support(answers: Answers) -> str:
    """What the four numbers do not see."""
    unlinked, recovery = answers["unlinked"].total, answers["recovery_time"].total
    parts = []
    if unlinked.value:
        parts.append(f"{notation.counted(int(unlinked.value), 'deployment')} of them bring no pull request we know of.")
    if unlinked.missing:
        parts.append(
            f"{notation.number(unlinked.missing)} are the first known of their environment or not compared yet, without contents."
        )
    if recovery.missing:
        parts.append(f"{notation.number(recovery.missing)} of the failed ones are not put right yet.")
    return " ".join(parts)
