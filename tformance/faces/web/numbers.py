"""The numbers of the overview as a file: the same address, the same filters, tiles first and then the series."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date

from django.http import HttpRequest, StreamingHttpResponse

from tformance.faces.kit.address import View
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import as_file, as_table
from tformance.faces.web.overview import Answers, ask
from tformance.measures.result import Result, Row


@dataclass(frozen=True)
class Number:
    """`every` is empty for the whole period. `previous` is the value of the period before, or of its bucket in the
    same place; phases are not compared and have none."""

    measure: str
    version: int
    statistic: str
    unit: str
    every: str
    start: date
    value: float | None
    n: int
    missing: int
    partial: bool
    previous: float | None


@team_page
def overview_csv(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    rows = [tuple(asdict(number).values()) for number in _numbers(ask(view), view)]
    return as_table("csv", "overview", [field.name for field in fields(Number)], rows, place)


@team_page
def overview_json(request: HttpRequest, place: Place) -> StreamingHttpResponse:
    """One document; `to` is the day after the last one."""
    view = View.read(request.GET, place.zone, place.now)
    answers = ask(view)
    coverage = answers.totals["merged_prs"].coverage
    document = {
        "team": place.team.slug,
        "from": view.period.first_day,
        "to": view.period.end_day,
        "zone": str(view.period.zone),
        "coverage": {"from": coverage.start, "to": coverage.end, "complete": coverage.complete},
        "numbers": [asdict(number) for number in _numbers(answers, view)],
    }
    text = json.dumps(document, default=date.isoformat, ensure_ascii=False) + "\n"
    return as_file(iter([text]), "application/json", f"{place.team.slug}-overview.json")


def _numbers(answers: Answers, view: View) -> Iterator[Number]:
    for measure, lines in answers.lines.items():
        now, before = answers.pair(measure)
        yield _number(lines.now, "", view.period.first_day, now, before.value)
    for lines in answers.lines.values():
        yield from _series(lines.now, [row.value for row in lines.before.rows])
    for result in answers.phases:
        if result.measure.id not in answers.lines:
            yield from _series(result, [])


def _series(result: Result, previous: list[float | None]) -> Iterator[Number]:
    for place, row in enumerate(result.rows):
        if row.day:
            yield _number(
                result, result.query.every or "", row.day, row, previous[place] if place < len(previous) else None
            )


def _number(result: Result, every: str, start: date, row: Row, previous: float | None) -> Number:
    return Number(
        measure=result.measure.id,
        version=result.measure.version,
        statistic=result.query.statistic,
        unit=result.unit,
        every=every,
        start=start,
        value=row.value,
        n=row.n,
        missing=row.missing,
        partial=row.partial,
        previous=previous,
    )
