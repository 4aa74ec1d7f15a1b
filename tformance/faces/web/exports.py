"""A page as a file: the same address, the same filters. The list of pull requests is streamed."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.urls import reverse

from tformance.faces.kit.address import View
from tformance.faces.web.door import Place, team_page
from tformance.measures.copying import FORMULA_STARTS, pull_request_lines
from tformance.measures.pull import PullRow
from tformance.measures.records import stream_pull_requests

HEADER = tuple(PullRow.__slots__)
VALUES = attrgetter(*HEADER)
BYTE_ORDER_MARK = "\ufeff"
BATCH = 500


@team_page
def pulls_csv(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    lines = pull_request_lines(place.team.pk, view.filters, view.period, view.axis)

    def parts() -> Iterator[bytes]:
        yield f"{','.join(HEADER)}\r\n".encode()
        while batch := list(islice(lines, BATCH)):
            yield b"".join(batch)

    return as_file(parts(), "text/csv; charset=utf-8", f"{place.team.slug}-pull-requests.csv")


@team_page
def pulls_json(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    rows = stream_pull_requests(place.team.pk, view.filters, view.period, axis=view.axis)
    return as_table("json", "pull-requests", HEADER, map(VALUES, rows), place)


def addresses(route: str, view: View, place: Place) -> dict[str, str]:
    """Of the files that have what a page shows: `route` is that of its files."""
    return {kind: reverse(route, args=[place.team.slug, kind]) + view.scope_query for kind in ("csv", "json")}


def as_table(
    kind: str, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], place: Place
) -> StreamingHttpResponse:
    """Rows of one shape, which may be read while they are sent; 404 for other kinds than "csv" and "json"."""
    file = f"{place.team.slug}-{name}.{kind}"
    if kind == "csv":
        return as_file(_lines(header, rows, place), "text/csv; charset=utf-8", file)
    if kind == "json":
        return as_file(_objects(header, rows), "application/json", file)
    raise Http404


def _lines(header: Sequence[str], rows: Iterable[Sequence[Any]], place: Place) -> Iterator[str]:
    for batch in _batches(chain([header], rows)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([cell(value, place) for value in row] for row in batch)
        yield text.getvalue()


def _objects(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    before = "[\n"
    for batch in _batches(rows):
        yield before + ",\n".join(WRITER.encode(dict(zip(header, row, strict=True))) for row in batch)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else {"id": value.id, "label": value.label}


WRITER = json.JSONEncoder(default=_plain, ensure_ascii=False)


def cell(value: Any, place: Place) -> Any:
    """What a spreadsheet would run is made text; instants are in the team's zone, and nothing is an empty cell."""
    if isinstance(value, datetime):
        return value.astimezone(place.zone).isoformat()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def as_file(lines: Iterator[str] | Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    """A spreadsheet takes text without the mark at its start for the letters of its own country."""
    marked: Iterator[str | bytes] = chain([BYTE_ORDER_MARK], lines) if content_type.startswith("text/csv") else lines
    response = StreamingHttpResponse(marked, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
