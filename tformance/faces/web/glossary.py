"""What every number means: the catalogue of measures, in words, and searchable."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from tformance.faces.kit.address import View
from tformance.faces.kit.wording import Phrase
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.explain import BETTER_WORDS, STATISTIC_WORDS
from tformance.faces.web.exports import as_file, cell
from tformance.faces.web.shell import team_html
from tformance.measures.catalogue import MEASURES
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.shape import Measure, Statistic

LONGEST = 100
COLUMNS = (
    "measure",
    "version",
    "title",
    "question",
    "definition",
    "who_counts",
    "statistics",
    "cut_by",
    "better",
    "source",
)


@dataclass(frozen=True)
class Way:
    """A statistic of a measure: what it is called, what it is counted in, and how to get to it."""

    statistic: Statistic
    words: str
    unit: str


@dataclass(frozen=True)
class Entry:
    measure: Measure
    better: str
    ways: tuple[Way, ...]
    cuts: str

    def has(self, words: list[str]) -> bool:
        """Whether each of the words is in it somewhere."""
        measure = self.measure
        said = (measure.id, measure.title, measure.question, measure.notes, measure.source, measure.unit, self.cuts)
        ways = [f"{way.statistic} {way.words} {way.unit}" for way in self.ways]
        text = " ".join((*said, *ways, measure.rows.about)).casefold()
        return all(word in text for word in words)


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """In the order of the catalogue; `q` leaves the entries that have all of its words."""
    view = View.read(request.GET, place.zone, place.now)
    found, asked = _found(view)
    files = {kind: reverse("glossary_file", args=[place.team.slug, kind]) + _query(asked) for kind in ("csv", "json")}
    context = {"entries": found, "asked": asked, "sentence": _sentence(len(found), asked), "zone": place.zone, **files}
    return team_html(request, place, "web/glossary.html", context, here="glossary")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    """The entries of the page as "csv" or "json"; 404 for any other kind."""
    found, _ = _found(View.read(request.GET, place.zone, place.now))
    rows = [_row(entry) for entry in found]
    name = f"{place.team.slug}-glossary.{kind}"
    if kind == "csv":
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows([cell(row[column], place) for column in COLUMNS] for row in rows)
        return as_file(iter([text.getvalue()]), "text/csv; charset=utf-8", name)
    if kind != "json":
        raise Http404
    return as_file(iter([json.dumps(rows, ensure_ascii=False) + "\n"]), "application/json", name)


def _found(view: View) -> tuple[list[Entry], str]:
    asked = view.filters.text[:LONGEST]
    return [entry for entry in map(_entry, MEASURES.values()) if entry.has(asked.casefold().split())], asked


def _query(asked: str) -> str:
    return f"?{urlencode({'q': asked})}" if asked else ""


def _row(entry: Entry) -> dict[str, Any]:
    measure = entry.measure
    told = (
        measure.id,
        measure.version,
        measure.title,
        measure.question,
        measure.notes,
        measure.rows.about,
        "; ".join(f"{way.statistic}, {way.unit}" for way in entry.ways),
        entry.cuts,
        measure.better,
        measure.source,
    )
    return dict(zip(COLUMNS, told, strict=True))


def _entry(measure: Measure) -> Entry:
    ways = tuple(_way(measure, statistic) for statistic in measure.statistics)
    cuts = [dimension.title for name, dimension in DIMENSIONS.items() if name in measure.rows.columns]
    return Entry(measure, BETTER_WORDS[measure.better], ways, " · ".join(cuts))


def _way(measure: Measure, statistic: Statistic) -> Way:
    unit = measure.unit_of(statistic)
    return Way(statistic, STATISTIC_WORDS[statistic], f"{measure.unit} {unit}" if statistic == "per_week" else unit)


def _sentence(count: int, asked: str) -> list[Phrase]:
    if not asked:
        return [Phrase(f"{count} measures", "m"), Phrase(", each counted in one way wherever it is shown.")]
    if not count:
        return [Phrase(f"No measure speaks of “{asked}”.")]
    return [Phrase(f"{count} measure{'s' * (count != 1)}", "m"), Phrase(f" speak{'s' * (count == 1)} of “{asked}”.")]
