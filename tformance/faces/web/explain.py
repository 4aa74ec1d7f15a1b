"""Explain this number: what it is, how it came about, what it rests on. A page, or a panel beside one."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.charts.marks import drawing, tag
from tformance.faces.web import lists
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.coverage import fetched
from tformance.measures.query import Period, Query
from tformance.measures.result import Coverage, Result, Row
from tformance.measures.rows.reviews import GIVEN
from tformance.measures.shape import Measure, Statistic

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
SPREAD: tuple[Statistic, ...] = ("median", "p75", "p90")
SPREAD_WORDS = {"median": "half are below", "p75": "three quarters are below", "p90": "nine of ten are below"}


@dataclass(frozen=True)
class Step:
    """A line of the waterfall: `start` and `length` are shares of the whole."""

    label: str
    count: int
    start: float
    length: float
    fill: str

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


def _known(measure_id: str, statistic: str) -> tuple[Measure, Statistic]:
    measure = MEASURES.get(measure_id)
    for known in measure.statistics if measure else ():
        if measure and known == statistic:
            return measure, known
    raise Http404


def _context(view: View, place: Place, measure: Measure, statistic: Statistic) -> dict[str, Any]:
    filters = view.filters.of_scope()
    asked = Query(measure.id, statistic, view.period, filters=filters, compare=True)
    whole = Query(measure.id, statistic, view.period, filters=replace(filters, automation=True))
    spread = [other for other in SPREAD if other in measure.statistics]
    result, everything, *spreads = answer(
        [asked, whole, *(Query(measure.id, other, view.period, filters=filters) for other in spread)]
    )
    return {
        "place": place,
        "team": place.team,
        "measure": measure,
        "statistic": STATISTIC_WORDS[statistic],
        "better": BETTER_WORDS[measure.better],
        "value": _value(result.total.value, result),
        "days": _days(view.period),
        "total": result.total,
        "previous": _value(result.previous_total.value, result),
        "previous_n": result.previous_total.n,
        "previous_days": _days(view.period.previous(place.now)),
        "waterfall": _waterfall(result.total, everything.total),
        "spread": [(SPREAD_WORDS[other], _value(s.total.value, s)) for other, s in zip(spread, spreads, strict=True)],
        "coverage": _coverage(result.coverage, place),
        "zone": str(view.period.zone),
        "pulls": lists.behind(measure, view, place),
        "thing": "review" if measure.rows == GIVEN else "pull request",
    }


def _value(value: float | None, result: Result) -> str:
    return "no value" if value is None else wording.value_text(value, result.unit)


def _days(period: Period) -> str:
    last = period.end_day - timedelta(days=1)
    return notation.span(period.first_day, last, last)


def _waterfall(counted: Row, everything: Row) -> list[Step]:
    """From all rows of the period to those the number rests on; each step says what it leaves out."""
    whole = max(everything.rows, 1)
    automation = everything.rows - counted.rows
    steps = [Step("In the period", everything.rows, 0, everything.rows / whole, "f-seq-3")]
    if automation:
        steps.append(Step("opened by automation", -automation, counted.rows / whole, automation / whole, "f-prev"))
        steps.append(Step("By people and agents", counted.rows, 0, counted.rows / whole, "f-seq-3"))
    if counted.missing:
        steps.append(
            Step("without such a value", -counted.missing, counted.n / whole, counted.missing / whole, "f-prev")
        )
    return [*steps, Step("Counted here", counted.n, 0, counted.n / whole, "f-accent")]


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
