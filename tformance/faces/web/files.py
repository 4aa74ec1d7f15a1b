"""Where does the code change? Lines and pull requests by kind of file and by folder."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.charts.marks import drawing, tag
from tformance.faces.kit.wording import Phrase
from tformance.faces.web import board, tiles
from tformance.faces.web.board import Answers
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures.query import Query
from tformance.measures.result import Key, Row

SHOWN = 25
BAR_WIDTH = 120
PARTS = (
    ("category", "By kind of file", "Decided by the path; the first rule that fits wins.", "Kind"),
    ("directory", "By folder", "The first two folders of the path.", "Folder"),
)
FILTERS = {"category": "categories", "directory": "directories"}


@dataclass(frozen=True)
class Line:
    name: str
    bar: SafeString
    lines: float
    share: str
    pulls: float
    href: str


@dataclass(frozen=True)
class Part:
    title: str
    about: str
    first: str
    lines: list[Line]
    more: str


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    answers = board.ask(dict(_questions(view)))
    context: dict[str, Any] = {
        **board.frame(view, place, "files", answers, answers["repositories"]),
        "name": "Files",
        "question": "Where does the code change?",
        "sentence": _sentence(view, answers),
        "support": "Generated, vendored and lock files are left out. A pull request counts once in each part it touches.",
        "is_empty": not answers["churn"].total.rows,
        "tiles": list(_tiles(view, place, answers)),
        "parts": [_part(view, place, answers, *part) for part in PARTS],
    }
    return team_html(request, place, "web/files.html", context, here="files")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    return board.as_document(kind, "files", view, place, board.ask(dict(_questions(view))))


def _questions(view: View) -> Iterator[tuple[str, Query]]:
    filters, period = view.filters.of_scope(), view.period
    every = board.grain_of(period)
    yield "churn", Query("churn", "sum", period, filters=filters, compare=True)
    yield "touching_prs", Query("touching_prs", "distinct", period, filters=filters, compare=True)
    yield "churn, line", Query("churn", "sum", period, every=every, filters=filters)
    yield "touching_prs, line", Query("touching_prs", "distinct", period, every=every, filters=filters)
    for name, *_ in PARTS:
        yield f"lines by {name}", Query("churn", "sum", period, by=(name,), filters=filters)
        yield f"pulls by {name}", Query("touching_prs", "distinct", period, by=(name,), filters=filters)
    whole = board.anywhere(filters)
    yield "repositories", Query("merged_prs", "count", period, by=("repository",), filters=whole)


def _tiles(view: View, place: Place, answers: Answers) -> Iterator[tiles.Tile]:
    for measure in ("churn", "touching_prs"):
        yield board.tile(view, place, answers[measure], answers[f"{measure}, line"])


def _part(view: View, place: Place, answers: Answers, name: str, title: str, about: str, first: str) -> Part:
    """Most lines first."""
    pulls = {row.key[0].id: row.value or 0 for row in answers[f"pulls by {name}"].rows}
    rows = sorted(answers[f"lines by {name}"].rows, key=lambda row: (-(row.value or 0), row.key[0].label))
    whole = max(sum(row.value or 0 for row in rows), 1)
    lines = [_line(view, place, name, row, whole, pulls[row.key[0].id]) for row in rows[:SHOWN]]
    more = f"{SHOWN} of {notation.number(len(rows))}." if len(rows) > SHOWN else ""
    return Part(title, about, first, lines, more)


def _line(view: View, place: Place, name: str, row: Row, whole: float, pulls: float) -> Line:
    share = (row.value or 0) / whole
    bar = tag("rect", x=0, y=0, width=max(share * BAR_WIDTH, 1), height=8, rx=2, cls="f-seq-4")
    return Line(
        name=row.key[0].label,
        bar=drawing(BAR_WIDTH, 8, bar, says=None),
        lines=row.value or 0,
        share=notation.percent(share),
        pulls=pulls,
        href=_href(view, place, name, row.key[0]),
    )


def _href(view: View, place: Place, name: str, key: Key) -> str:
    """The merged pull requests that touch this part."""
    listed = view.of_scope().with_filters(**{FILTERS[name]: (key.id or "",)})
    return reverse("pulls", args=[place.team.slug]) + replace(listed, after=None).query


def _sentence(view: View, answers: Answers) -> list[Phrase]:
    when = wording.period_words(view.period, view.period_name)
    rows = [row for row in answers["lines by directory"].rows if row.key[0].id]
    total = answers["churn"].total.value
    if not total:
        return [Phrase(f"No lines changed {when}.")]
    lines = f"{notation.number(total)}{notation.NBSP}lines changed {when}"
    if not rows:
        return [Phrase(f"{lines}, all of them outside of folders.")]
    most = max(rows, key=lambda row: row.value or 0)
    share = notation.percent((most.value or 0) / total)
    return [Phrase(f"{lines}, "), Phrase(f"{share} of them in {most.key[0].label}", "m"), Phrase(".")]
