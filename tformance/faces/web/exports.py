"""A page as a file: the same address, the same filters. The list of pull requests is streamed."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from tformance.faces.kit.address import View
from tformance.faces.web.door import Place, team_page
from tformance.measures.pull import PullRow
from tformance.measures.records import stream_pull_requests
from tformance.measures.result import Key

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEADER = tuple(PullRow.__slots__)


class Line:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


@team_page
def pulls_csv(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    rows = _rows(request, place)
    writer = csv.writer(Line())

    def lines() -> Iterator[str]:
        yield writer.writerow(HEADER)
        for row in rows:
            yield writer.writerow([cell(value, place) for value in _values(row)])

    return as_file(lines(), "text/csv; charset=utf-8", f"{place.team.slug}-pull-requests.csv")


@team_page
def pulls_json(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    rows = _rows(request, place)

    def lines() -> Iterator[str]:
        before = "[\n"
        for row in rows:
            yield before + json.dumps(asdict(row), default=datetime.isoformat, ensure_ascii=False)
            before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"

    return as_file(lines(), "application/json", f"{place.team.slug}-pull-requests.json")


def cell(value: Any, place: Place) -> str:
    """What a spreadsheet would run is made text; instants are in the team's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(place.zone).isoformat()
    if isinstance(value, tuple):
        value = ", ".join(key.label for key in value)
    if isinstance(value, Key):
        value = value.label
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA_STARTS) else text


def _rows(request: HttpRequest, place: Place) -> Iterator[PullRow]:
    view = View.read(request.GET, place.zone, place.now)
    return stream_pull_requests(place.team.pk, view.filters, view.period, axis=view.axis)


def _values(row: PullRow) -> Iterator[Any]:
    return (getattr(row, name) for name in HEADER)


def as_file(lines: Iterator[str], content_type: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
