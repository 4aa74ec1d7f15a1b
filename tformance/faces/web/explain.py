"""Explain this number: what it is, how it came about, what it rests on. A page, or a panel beside one."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.charts.marks import drawing, tag
from tformance.faces.web import emptiness, lists
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import as_file, cell
from tformance.faces.web.shell import team_html
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.coverage import fetched
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Coverage, Result, Row
from tformance.measures.rows.reviews import GIVEN
from tformance.measures.shape import Measure, Statistic
from tformance.measures.waterfall import Waterfall, waterfall

STATISTIC_WORDS = {
    "count": "count",
    "sum": "sum",
    "distinct": "each counted once",
    "per_week": "by the days that have passed",
    "share": "lower bound of the share",
    "rate": "share of those with a value",
    "gini": "0 is even, 1 is one person alone",
    "median": "median",
    "p75": "three quarters are below this",
    "p85": "85 of 100 are below this",
    "p90": "nine of ten are below this",
    "mean": "mean, pulled up by a few large ones",
}
BAR_WIDTH = 108
BETTER_WORDS = {
    "lower": "Lower is better.",
    "higher": "Higher is better.",
    "neither": "Neither more nor less is better.",
}
LEFT_OUT = {
    "other": "not what is measured",
    "automation": "opened by automation",
    "carried": "only carry merged work on",
    "filtered": "left out by the filters",
    "unread": "not read to the end yet",
    "none": "without such a value",
}
SPREAD: tuple[Statistic, ...] = ("median", "p75", "p90")
SPREAD_WORDS = {"median": "half are below", "p75": "three quarters are below", "p90": "nine of ten are below"}


@dataclass(frozen=True)
class Step:
    """A line of the waterfall: `start` and `length` are shares of the whole; `href` lists exactly these rows."""

    name: str
    label: str
    count: int
    start: float
    length: float
    fill: str
    href: str = ""

    @property
    def words(self) -> str:
        return notation.number(self.count)

    @property
    def bar(self) -> SafeString:
        width = max(self.length * BAR_WIDTH, 1.5)
        rect = tag("rect", x=self.start * BAR_WIDTH, y=0, width=width, height=10, rx=2, cls=self.fill)
        return drawing(BAR_WIDTH, 10, rect, says=None)


@team_page
def explain(request: HttpRequest, place: Place, measure: str, statistic: str) -> HttpResponse:
    """Only the panel when the page asks for a part of it."""
    view = View.read(request.GET, place.zone, place.now)
    context = _context(view, place, *_known(measure, statistic))
    if request.headers.get("HX-Request"):
        return render(request, "web/explain.html", {**context, "is_panel": True})
    return team_html(request, place, "web/explain_page.html", context, here="overview")


@team_page
def file(request: HttpRequest, place: Place, measure: str, statistic: str, kind: str) -> StreamingHttpResponse:
    """The steps from fetched to counted, as "csv" or "json"; 404 for any other kind."""
    view = View.read(request.GET, place.zone, place.now)
    known, wanted = _known(measure, statistic)
    query = Query(known.id, wanted, view.period, filters=view.filters.of_scope(), compare=True)
    (result,) = answer([query])
    steps = [
        {"step": step.name, "words": step.label, "count": step.count}
        for step in _steps(waterfall(query), known, view, place)
    ]
    name = f"{place.team.slug}-{known.id}-{wanted}.{kind}"
    if kind == "csv":
        return as_file(iter([_csv(steps, place)]), "text/csv; charset=utf-8", name)
    if kind != "json":
        raise Http404
    document = _document(result, view) | {"steps": steps}
    return as_file(
        iter([json.dumps(document, default=date.isoformat, ensure_ascii=False) + "\n"]), "application/json", name
    )


def _csv(steps: list[dict[str, Any]], place: Place) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(steps[0])
    writer.writerows(
        [cell(value, place) if isinstance(value, str) else value for value in step.values()] for step in steps
    )
    return text.getvalue()


def _document(result: Result, view: View) -> dict[str, Any]:
    measure, total = result.measure, result.total
    return {
        "measure": measure.id,
        "version": measure.version,
        "statistic": result.query.statistic,
        "unit": result.unit,
        "question": measure.question,
        "definition": measure.notes,
        "who_counts": measure.rows.about,
        "from": view.period.first_day,
        "to": view.period.end_day,
        "zone": str(view.period.zone),
        "value": total.value,
        "n": total.n,
        "missing": total.missing,
        "previous": result.previous_total.value,
        "coverage": {"from": result.coverage.start, "to": result.coverage.end, "complete": result.coverage.complete},
    }


def _file_href(view: View, place: Place, measure: Measure, statistic: Statistic, kind: str) -> str:
    return reverse("explain_file", args=[place.team.slug, measure.id, statistic, kind]) + view.scope_query


def _known(measure_id: str, statistic: str) -> tuple[Measure, Statistic]:
    measure = MEASURES.get(measure_id)
    for known in measure.statistics if measure else ():
        if measure and known == statistic:
            return measure, known
    raise Http404


def _context(view: View, place: Place, measure: Measure, statistic: Statistic) -> dict[str, Any]:
    filters = view.filters.of_scope()
    asked = Query(measure.id, statistic, view.period, filters=filters, compare=True)
    spread = [other for other in SPREAD if other in measure.statistics]
    result, *spreads = answer([asked, *(replace(asked, statistic=other, compare=False) for other in spread)])
    found = waterfall(asked)
    return {
        "place": place,
        "team": place.team,
        "measure": measure,
        "statistic": STATISTIC_WORDS[statistic],
        "better": BETTER_WORDS[measure.better],
        "value": _value(result.total, result),
        "days": _days(view.period),
        "total": result.total,
        "unit": measure.unit if measure.finish else "",
        "why_empty": emptiness.why_empty(result, place),
        "previous": _value(result.previous_total, result),
        "previous_n": result.previous_total.n,
        "previous_days": _days(view.period.previous(place.now)),
        "waterfall": list(_steps(found, measure, view, place)),
        "spread": [(SPREAD_WORDS[other], _value(s.total, s)) for other, s in zip(spread, spreads, strict=True)],
        "coverage": _coverage(result.coverage, place),
        "zone": str(view.period.zone),
        "pulls": lists.behind(measure, view, place) if found.rows else None,
        "thing": "review" if measure.rows == GIVEN else "pull request",
        "rows": found.rows,
        "csv": _file_href(view, place, measure, statistic, "csv"),
        "json": _file_href(view, place, measure, statistic, "json"),
    }


def _value(row: Row, result: Result) -> str:
    return "no value" if row.value is None else wording.row_text(row, result.unit)


def _days(period: Period) -> str:
    last = period.end_day - timedelta(days=1)
    return notation.span(period.first_day, last, last)


def _steps(found: Waterfall, measure: Measure, view: View, place: Place) -> Iterator[Step]:
    """From all rows of the period to those the number rests on; each step says what it leaves out and why."""
    whole, left = max(found.read, 1), found.read
    yield Step("read", f"{capfirst(emptiness.thing_of(measure))}s of the period", left, 0, left / whole, "f-seq-3")
    for name, words in LEFT_OUT.items():
        if count := getattr(found, name):
            left -= count
            yield Step(name, words, -count, left / whole, count / whole, "f-prev")
        if name == "carried" and found.filtered:
            href = lists.behind(measure, _unnarrowed(view), place)
            yield Step("unfiltered", "Without the filters", left, 0, left / whole, "f-seq-3", href or "")
        if name == "filtered" and left != found.counted:
            href = lists.behind(measure, view, place)
            yield Step("rows", "In this view", left, 0, left / whole, "f-seq-3", href or "")
    href = lists.behind(measure, view, place) if left == found.rows else None
    yield Step("counted", "Counted here", left, 0, left / whole, "f-accent", href or "")


def _unnarrowed(view: View) -> View:
    """The same days without any filter but the one that adds automation."""
    return replace(view, filters=Filters(automation=view.filters.automation), after=None)


def _coverage(coverage: Coverage, place: Place) -> list[tuple[str, str]]:
    known = fetched()
    share = known.fully / known.pull_requests if known.pull_requests else 0
    total = notation.counted(known.pull_requests, "pull request")
    today = place.now.astimezone(place.zone).date()
    synced = "not known yet"
    if coverage.start and coverage.end:
        first, last = (when.astimezone(place.zone).date() for when in (coverage.start, coverage.end))
        synced = f"{notation.span(first, last, today)}, {notation.ago(coverage.end, place.now)}"
    whole = "complete for this period" if coverage.complete else "not complete for this period yet"
    return [("Synced", synced), ("Coverage", f"{notation.percent(share)} of {total} fully fetched"), ("State", whole)]
