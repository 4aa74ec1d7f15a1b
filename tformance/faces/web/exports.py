"""A page as a file: the same address, the same filters. The list of pull requests is streamed."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import chain, islice
from operator import attrgetter
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from tformance.faces.kit.address import View
from tformance.faces.web.door import Place, team_page
from tformance.measures.pull import PullRow
from tformance.measures.records import stream_pull_requests
from tformance.measures.result import Key

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEADER = tuple(PullRow.__slots__)
VALUES = attrgetter(*HEADER)
BYTE_ORDER_MARK = "\ufeff"
BATCH = 500
AS_THEY_ARE = frozenset((int, float, bool, type(None)))


@team_page
def pulls_csv(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    rows = _rows(request, place)

    def parts() -> Iterator[str]:
        yield _lines([HEADER])
        while batch := list(islice(rows, BATCH)):
            yield _lines([_cells(row, place) for row in batch])

    return as_file(parts(), "text/csv; charset=utf-8", f"{place.team.slug}-pull-requests.csv")


def _cells(row: PullRow, place: Place) -> list[Any]:
    """Most are numbers or nothing and need no look."""
    return [value if type(value) in AS_THEY_ARE else cell(value, place) for value in VALUES(row)]


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


@team_page
def pulls_json(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    rows = _rows(request, place)

    def parts() -> Iterator[str]:
        before = "[\n"
        while batch := list(islice(rows, BATCH)):
            objects = (dict(zip(HEADER, VALUES(row), strict=True)) for row in batch)
            yield before + ",\n".join(json.dumps(each, default=_plain, ensure_ascii=False) for each in objects)
            before = ",\n"
        yield "[]\n" if before == "[\n" else "\n]\n"

    return as_file(parts(), "application/json", f"{place.team.slug}-pull-requests.json")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else asdict(value)


def cell(value: Any, place: Place) -> Any:
    """What a spreadsheet would run is made text; instants are in the team's zone, and nothing is an empty cell."""
    if isinstance(value, datetime):
        return value.astimezone(place.zone).isoformat()
    if isinstance(value, tuple):
        value = ", ".join(key.label for key in value)
    if isinstance(value, Key):
        value = value.label
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def _rows(request: HttpRequest, place: Place) -> Iterator[PullRow]:
    view = View.read(request.GET, place.zone, place.now)
    return stream_pull_requests(place.team.pk, view.filters, view.period, axis=view.axis)


def as_file(lines: Iterator[str], content_type: str, name: str) -> StreamingHttpResponse:
    """A spreadsheet takes text without the mark at its start for the letters of its own country."""
    marked = chain([BYTE_ORDER_MARK], lines) if content_type.startswith("text/csv") else lines
    response = StreamingHttpResponse(marked, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
