"""What pages of numbers share: their questions in one call, their frame, their tiles, and the same numbers as a file."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from django.http import Http404, StreamingHttpResponse
from django.urls import reverse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import BadAddress, View
from tformance.faces.web import emptiness, lists, scope, tiles
from tformance.faces.web.door import Place
from tformance.faces.web.exports import as_file, as_table
from tformance.measures.answer import answer
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Coverage, Result, Row
from tformance.measures.shape import Grain, Statistic

WEEKS_UP_TO_DAYS = 200

Asked = Mapping[str, Query]
Answers = Mapping[str, Result]


def ask(questions: Asked) -> Answers:
    """All numbers of a page in one call, so that equal rows share a statement."""
    return dict(zip(questions, answer(list(questions.values())), strict=True))


def grain_of(period: Period) -> Grain:
    return "week" if (period.end_day - period.first_day).days <= WEEKS_UP_TO_DAYS else "month"


def anywhere(filters: Filters) -> Filters:
    return replace(filters, repositories=())


def by_place_only(view: View, what: str) -> View:
    """For what is made of other things than pull requests; raises BadAddress where it is narrowed by more."""
    scoped = view.of_scope()
    if replace(scoped.filters, repositories=(), groups=()) != Filters(state="merged"):
        raise BadAddress(f"{what} can be narrowed by repository, group and days only.")
    return scoped


def frame(
    view: View, place: Place, route: str, answers: Answers, repositories: Result, of: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What every such page has around its figures; coverage is that of the first number. `of` is in the address."""
    base = reverse(route, args=[place.team.slug, *of])
    coverage = next(iter(answers.values())).coverage
    return {
        "view": view,
        "scope": scope.sentence(view, place, base, repositories),
        "chips": list(scope.chips(view.of_scope(), base)),
        "before_days": wording.days_before(view.period),
        "csv": reverse(f"{route}_file", args=[place.team.slug, *of, "csv"]) + view.scope_query,
        "json": reverse(f"{route}_file", args=[place.team.slug, *of, "json"]) + view.scope_query,
        "coverage": coverage,
        "partial": partial(coverage, place),
        "unfiltered": base + replace(view.of_scope(), filters=Filters(state="merged")).query,
        "why_empty": _why_empty(next(iter(answers.values())), place),
    }


def _why_empty(first: Result, place: Place) -> str:
    """Of the first number of the page, as far as it is one number."""
    return "" if first.query.by or first.query.every else emptiness.why_empty(first, place)


def partial(coverage: Coverage, place: Place) -> str:
    """What of the period is read in full, as long as that is not all of it."""
    if coverage.complete:
        return ""
    if coverage.start is None or coverage.end is None:
        return "Not every repository has been read to its end yet: the numbers will still change."
    today = place.now.astimezone(place.zone).date()
    first, last = (notation.day(at.astimezone(place.zone).date(), today) for at in (coverage.start, coverage.end))
    return f"Read in full from {first} to {last}: the rest of this period will still change."


def explain_href(view: View, place: Place, measure: str, statistic: Statistic) -> str:
    return reverse("explain", args=[place.team.slug, measure, statistic]) + view.scope_query


def tile(view: View, place: Place, result: Result, line: Result | None, upper: Result | None = None) -> tiles.Tile:
    """With an upper quartile a median is compared by its spread."""
    explain = explain_href(view, place, result.measure.id, result.query.statistic)
    doors = tiles.Doors(lists.behind(result.measure, view, place), explain)
    if upper is not None and line is not None:
        return tiles.median_tile(result, upper, tiles.Lines(line, replace(line, rows=())), doors)
    return tiles.plain_tile(result, line, doors)


@dataclass(frozen=True)
class Number:
    """`cut` says the dimensions, `of` their values; `every` is empty for the whole period, `previous` where not compared.

    What is `approximate` is known to within 1 %.
    """

    measure: str
    version: int
    statistic: str
    unit: str
    cut: str
    of: str
    every: str
    start: date
    value: float | None
    n: int
    missing: int
    partial: bool
    previous: float | None
    approximate: bool


HEADER = tuple(field.name for field in fields(Number))


def as_document(kind: str, name: str, view: View, place: Place, answers: Answers) -> StreamingHttpResponse:
    """The numbers of a page as "csv" or "json"; 404 for any other kind.

    `left_out` is how many people at most have no numbers in a cut because those are not the viewer's to see.
    """
    numbers = [number for result in answers.values() for number in _numbers(result)]
    if kind == "csv":
        return as_table(kind, name, HEADER, [tuple(asdict(number).values()) for number in numbers], place)
    if kind != "json":
        raise Http404
    coverage = next(iter(answers.values())).coverage
    document = {
        "team": place.team.slug,
        "from": view.period.first_day,
        "to": view.period.end_day,
        "zone": str(view.period.zone),
        "coverage": {"from": coverage.start, "to": coverage.end, "complete": coverage.complete},
        "numbers": [asdict(number) for number in numbers],
        "left_out": max(result.left_out for result in answers.values()),
    }
    text = json.dumps(document, default=date.isoformat, ensure_ascii=False) + "\n"
    return as_file(iter([text]), "application/json", f"{place.team.slug}-{name}.json")


def _numbers(result: Result) -> Iterator[Number]:
    before = result.previous_total.value if result.previous and not result.query.by else None
    for row in result.rows:
        yield _number(result, row, before)


def _number(result: Result, row: Row, previous: float | None) -> Number:
    return Number(
        measure=result.measure.id,
        version=result.measure.version,
        statistic=result.query.statistic,
        unit=result.unit,
        cut=" / ".join(result.query.by),
        of=" / ".join(key.label for key in row.key),
        every=result.query.every or "",
        start=row.day or result.query.period.first_day,
        value=row.value,
        n=row.n,
        missing=row.missing,
        partial=row.partial,
        previous=previous,
        approximate=row.approximate,
    )
