"""How fast do we deliver? From the first commit to production: how long, where the hours go, how much, how large."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.charts.marks import drawing, tag
from tformance.faces.kit.charts.phases import UNKNOWN
from tformance.faces.kit.wording import LEAST_TO_TELL, Phrase
from tformance.faces.web import board, figures, hours, lists, tiles
from tformance.faces.web.board import Answers
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures.query import Query
from tformance.measures.result import Row
from tformance.measures.shape import Statistic

TILES: tuple[tuple[str, Statistic], ...] = (
    ("merged_prs", "count"),
    ("lead_time", "median"),
    ("cycle_time", "median"),
    ("size", "median"),
    ("lead_time_for_changes", "median"),
    ("deploy_time", "median"),
)
SIZES = {"XS": "up to 10 lines", "S": "up to 50", "M": "up to 200", "L": "up to 500", "XL": "more than 500"}
DOING = {
    "coding_phase": "went into coding before the opening",
    "draft_phase": "passed in draft",
    "pickup_time": "were spent waiting for a first review",
    "review_phase": "passed in review",
    "merge_phase": "were spent waiting for the merge after the approval",
    UNKNOWN: "passed without a review that we know of",
    hours.SHIPPING: "were spent waiting for production after the merge",
}
BAR_WIDTH = 160


@dataclass(frozen=True)
class Size:
    """How many of one size were merged, and how long half of them were open."""

    name: str
    about: str
    bar: SafeString
    count: int
    share: str
    half: str
    slow: str
    href: str

    @property
    def is_known(self) -> bool:
        return self.name in SIZES


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    answers = board.ask(dict(_questions(view)))
    context: dict[str, Any] = {
        **board.frame(view, place, "delivery", answers, answers["repositories"]),
        "name": "Delivery",
        "question": "How fast do we deliver?",
        "sentence": _sentence(view, answers),
        "support": "Elapsed hours, nights and weekends included, from pull requests without automation.",
        "is_empty": not answers["merged_prs"].total.rows and not answers["merged_prs"].previous_total.rows,
        "tiles": list(_tiles(view, place, answers)),
        "ribbon": hours.whole(answers),
        "weeks": hours.by_bucket(answers),
        "throughput": figures.trend(
            "throughput",
            "Pull requests opened and merged; the table says the values",
            [("merged", "s-cat-1", answers["merged_prs, line"]), ("opened", "s-cat-2", answers["opened_prs, line"])],
        ),
        "sizes": list(_sizes(view, place, answers)),
        "open_work": reverse("open_work", args=[place.team.slug]) + view.scope_query,
        "explain_hours": board.explain_href(view, place, "lead_time", "median"),
        "explain_throughput": board.explain_href(view, place, "merged_prs", "count"),
    }
    return team_html(request, place, "web/delivery.html", context, here="delivery")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    return board.as_document(kind, "delivery", view, place, board.ask(dict(_questions(view))))


def _questions(view: View) -> Iterator[tuple[str, Query]]:
    filters, period = view.filters.of_scope(), view.period
    every = board.grain_of(period)
    for measure, statistic in TILES:
        yield measure, Query(measure, statistic, period, filters=filters, compare=True)
        yield f"{measure}, line", Query(measure, statistic, period, every=every, filters=filters)
        if statistic == "median":
            yield f"{measure}, upper", Query(measure, "p75", period, filters=filters, compare=True)
    yield from hours.queries(period, filters, every)
    yield "opened_prs, line", Query("opened_prs", "count", period, every=every, filters=filters)
    yield "sizes", Query("merged_prs", "count", period, by=("size",), filters=filters)
    yield "half by size", Query("cycle_time", "median", period, by=("size",), filters=filters)
    yield "slow by size", Query("cycle_time", "p90", period, by=("size",), filters=filters)
    whole = board.anywhere(filters)
    yield "repositories", Query("merged_prs", "count", period, by=("repository",), filters=whole)


def _tiles(view: View, place: Place, answers: Answers) -> Iterator[tiles.Tile]:
    for measure, _ in TILES:
        line, upper = answers[f"{measure}, line"], answers.get(f"{measure}, upper")
        yield board.tile(view, place, answers[measure], line, upper)


def _sizes(view: View, place: Place, answers: Answers) -> Iterator[Size]:
    """Every size, also those nobody made; what could not be measured comes last."""
    counts, half, slow = (_by_size(answers[name].rows) for name in ("sizes", "half by size", "slow by size"))
    whole = max(sum(row.rows for row in counts.values()), 1)
    most = max((row.rows for row in counts.values()), default=0)
    for size in (*SIZES, None):
        count = counts[size].rows if size in counts else 0
        if size is None and not count:
            continue
        chosen = view.with_filters(sizes=(size,))
        yield Size(
            name=size or "Not known",
            about=SIZES.get(size or "", "files were not read"),
            bar=_bar(count / max(most, 1)),
            count=count,
            share=notation.percent(count / whole),
            half=_hours(half.get(size)),
            slow=_hours(slow.get(size)),
            href=lists.behind(answers["sizes"].measure, chosen, place) or "",
        )


def _by_size(rows: tuple[Row, ...]) -> dict[Any, Row]:
    return {row.key[0].id: row for row in rows}


def _bar(share: float) -> SafeString:
    rect = tag("rect", x=0, y=0, width=max(share * BAR_WIDTH, 1), height=10, rx=2, cls="f-seq-4")
    return drawing(BAR_WIDTH, 10, rect, says=None, cls="cell-bar")


def _hours(row: Row | None) -> str:
    return "none" if row is None or row.value is None else wording.row_text(row, "hours")


def _sentence(view: View, answers: Answers) -> list[Phrase]:
    """How long half of them took, whether that moved, and where most of the hours went."""
    when = wording.period_words(view.period, view.period_name)
    merged, lead = answers["merged_prs"].total, answers["lead_time"]
    count = int(merged.value or 0)
    if lead.total.value is None or lead.total.n < LEAST_TO_TELL:
        text = f"{notation.counted(count, 'pull request')} {'was' if count == 1 else 'were'} merged {when}"
        return [
            Phrase(f"{text}: too few to say how fast we deliver.") if count else wording.nothing_merged(merged, when)
        ]
    change = wording.median_change(tiles.compared(lead, answers["lead_time, upper"]), "hours", "lower")
    moved = f", {change.text.rpartition(', ')[0]} than before" if change.beyond_noise else ""
    phrases = [
        Phrase(f"Half of the {notation.number(count)} pull requests merged {when} took less than "),
        Phrase(wording.row_text(lead.total, "hours"), "m w" if change.tone == "worse" else "m"),
        Phrase(f" from the first commit to the merge{moved}."),
    ]
    return [*phrases, Phrase(_largest(answers))]


def _largest(answers: Answers) -> str:
    found = hours.of_period(answers)
    if not found:
        return ""
    most = max(found, key=lambda part: part.share)
    until = "production" if any(part.hours for part in found if part.phase == hours.SHIPPING) else "the merge"
    return f" Of all their hours until {until}, {notation.percent(most.share)} {DOING[most.phase]}."
