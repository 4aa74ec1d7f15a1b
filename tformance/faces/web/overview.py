"""The overview: one sentence, six tiles, where the time goes, what waits now, how fresh it is."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.wording import Change, Phrase
from tformance.faces.web import figures, freshness, lists, scope, set_up_steps, tiles, waiting
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures.answer import answer
from tformance.measures.query import Period, Query
from tformance.measures.result import Coverage, Result, Row
from tformance.measures.shape import Grain, Statistic

WEEKS_UP_TO_DAYS = 200
MEDIANS = ("cycle_time", "pickup_time", "size")
TILES: tuple[tuple[str, Statistic], ...] = (
    ("merged_prs", "count"),
    ("cycle_time", "median"),
    ("pickup_time", "median"),
    ("ai_marked_share", "share"),
    ("size", "median"),
    ("reviews_given", "count"),
)


@dataclass(frozen=True)
class Answers:
    """All numbers of the page: totals with the period before, and lines of this and of that period."""

    totals: dict[str, Result]
    upper: dict[str, Result]
    lines: dict[str, tiles.Lines]
    phases: list[Result]
    repositories: Result

    def pair(self, measure: str) -> tuple[Row, Row]:
        """Now and before. What has no total of its own is the sum of its buckets, read as far as everything else."""
        if measure in self.totals:
            return self.totals[measure].total, self.totals[measure].previous_total
        read, lines = self.totals["merged_prs"], self.lines[measure]
        now = tiles.summed(lines.now, partial=read.total.partial)
        return now, tiles.summed(lines.before, partial=read.previous_total.partial)

    @property
    def is_empty(self) -> bool:
        return not self.totals["merged_prs"].total.value and not self.totals["merged_prs"].previous_total.value


@team_page
def overview(request: HttpRequest, place: Place) -> HttpResponse:
    return overview_page(request, place)


@team_page
def now(request: HttpRequest, place: Place) -> HttpResponse:
    """What waits at this moment and how fresh the data is: below the fold, so it comes after the numbers."""
    view = View.read(request.GET, place.zone, place.now)
    context = {"waiting": waiting.overview(view, place), "fresh": freshness.strip(place)}
    if request.headers.get("HX-Request"):
        return render(request, "web/now.html", {"team": place.team, **context})
    return team_html(request, place, "web/now_page.html", context, here="overview")


def overview_page(request: HttpRequest, place: Place) -> HttpResponse:
    """Called inside the team's tenant."""
    view = View.read(request.GET, place.zone, place.now)
    answers = ask(view)
    slug = place.team.slug
    partial = _partial(answers.totals["merged_prs"].coverage, place)
    context: dict[str, Any] = {
        "view": view,
        "scope": scope.sentence(view, place, reverse("overview", args=[slug]), answers.repositories),
        "chips": list(scope.chips(view.of_scope(), reverse("overview", args=[slug]))),
        "before_days": wording.days_before(view.period),
        "now": reverse("now", args=[slug]) + view.scope_query,
        "csv": reverse("overview_csv", args=[slug]) + view.scope_query,
        "json": reverse("overview_json", args=[slug]) + view.scope_query,
        **speech(view, answers),
        "is_empty": answers.is_empty,
        "troubles": freshness.troubles(place),
        "sources": freshness.strip(place) if answers.is_empty else [],
        "next_question": set_up_steps.reminder(place) if partial else None,
        "tiles": list(_tiles(view, place, answers)),
        "phases": figures.phases(answers.phases),
        "ai_share": figures.ai_share(answers.lines["ai_marked_share"].now),
        "explain_phases": reverse("explain", args=[slug, "lead_time", "median"]) + view.scope_query,
        "explain_ai": reverse("explain", args=[slug, "ai_marked_share", "share"]) + view.scope_query,
        "partial": partial,
        "coverage": answers.totals["merged_prs"].coverage,
    }
    return team_html(request, place, "web/overview.html", context, here="overview")


def grain_of(period: Period) -> Grain:
    return "week" if (period.end_day - period.first_day).days <= WEEKS_UP_TO_DAYS else "month"


def ask(view: View) -> Answers:
    """One call for the whole page, so that equal rows share a statement."""
    asked = dict(_queries(view))
    given = dict(zip(asked, answer(list(asked.values())), strict=True))
    return Answers(
        totals={measure: result for (kind, measure), result in given.items() if kind == "total"},
        upper={measure: given["upper", measure] for measure in MEDIANS},
        lines={measure: tiles.Lines.of(given["line", measure]) for measure, _ in TILES},
        phases=[given["phase", measure] for measure in figures.PHASES],
        repositories=given["by", "repository"],
    )


def _queries(view: View) -> Iterator[tuple[tuple[str, str], Query]]:
    """Reviews have no total of their own: a count is the sum of its buckets, and that spares a statement."""
    filters = view.filters.of_scope()
    grain = grain_of(view.period)
    for measure, statistic in TILES:
        if measure != "reviews_given":
            yield ("total", measure), Query(measure, statistic, view.period, filters=filters, compare=True)
        yield ("line", measure), Query(measure, statistic, view.period, every=grain, filters=filters, compare=True)
    for measure in MEDIANS:
        yield ("upper", measure), Query(measure, "p75", view.period, filters=filters, compare=True)
    for measure in figures.PHASES:
        yield ("phase", measure), Query(measure, "median", view.period, every=grain, filters=filters)
    anywhere = replace(filters, repositories=())
    yield ("by", "repository"), Query("merged_prs", "count", view.period, by=("repository",), filters=anywhere)


def _tiles(view: View, place: Place, answers: Answers) -> Iterator[tiles.Tile]:
    for measure, statistic in TILES:
        lines = answers.lines[measure]
        doors = _doors(view, place, lines.now)
        if statistic == "count":
            yield tiles.count_tile(*answers.pair(measure), lines, doors)
        elif statistic == "share":
            yield tiles.share_tile(answers.totals[measure], lines, doors)
        else:
            stroke = "s-pickup" if measure == "pickup_time" else "s-accent"
            yield tiles.median_tile(answers.totals[measure], answers.upper[measure], lines, doors, stroke)


def _doors(view: View, place: Place, result: Result) -> tiles.Doors:
    """The list shows what the number rests on, by the same filters."""
    query = result.query
    slug = place.team.slug
    explain = reverse("explain", args=[slug, query.measure, query.statistic]) + view.scope_query
    return tiles.Doors(lists.behind(result.measure, view, place), explain)


def speech(view: View, answers: Answers) -> dict[str, Any]:
    cycle, pickup = (
        tiles.compared(answers.totals[name], answers.upper[name]) for name in ("cycle_time", "pickup_time")
    )
    sentence, *changes = wording.overview_sentence(
        answers.totals["merged_prs"].total,
        cycle,
        pickup,
        wording.period_words(view.period, view.period_name),
        f"in {wording.days_before(view.period)}",
    )
    return {"sentence": sentence, "support": _support(answers, changes)}


def _partial(coverage: Coverage, place: Place) -> str:
    """What of the period is read in full, as long as that is not all of it."""
    if coverage.complete:
        return ""
    if coverage.start is None or coverage.end is None:
        return "Not every repository has been read to its end yet: the numbers will still change."
    today = place.now.astimezone(place.zone).date()
    first, last = (notation.day(at.astimezone(place.zone).date(), today) for at in (coverage.start, coverage.end))
    return f"Read in full from {first} to {last}: the rest of this period will still change."


def _support(answers: Answers, changes: list[Change]) -> list[Phrase]:
    """What the sentence leaves out: signs of AI, what is missing, and what was not compared."""
    share = answers.totals["ai_marked_share"].total
    cycle = answers.totals["cycle_time"].total
    parts = []
    if share.value is not None and share.ceiling is not None and share.rows >= wording.LEAST_TO_TELL:
        least, most = notation.percent(share.value), notation.percent(share.ceiling)
        bound = f"At least {least} and at most {most}" if least != most else f"At least {least}"
        parts.append(f"{bound} of them show signs of AI.")
    if any(change.text == "no change we can detect" for change in changes):
        parts.append("Where no change is named, we could not detect one.")
    if cycle.n >= wording.LEAST_TO_TELL:
        parts.append(f"Medians in elapsed hours, from {notation.counted(cycle.n, 'pull request')} without automation.")
    return [Phrase(" ".join(parts))] if parts else []
