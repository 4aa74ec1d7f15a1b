"""Is Copilot used? Counts of people and seats, never of one person; what is not known is named."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import BadAddress, View
from tformance.faces.kit.charts import columns
from tformance.faces.kit.charts.spec import COUNT, ChartSpec, Series
from tformance.faces.kit.charts.twin import Twin
from tformance.faces.kit.wording import Phrase
from tformance.faces.web import board, scope
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import as_file, cell
from tformance.faces.web.figures import NARROW, WIDE, Figure
from tformance.faces.web.shell import team_html
from tformance.measures import usage
from tformance.measures.query import Filters, Period
from tformance.measures.usage import Seats, Stretch, Usage
from tformance.sync import data_health

STREAMS = ("copilot_seats", "copilot_usage")
HEADER = ("measure", "every", "start", "value")
MOST_SPANS = 8


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    view = _view(request, place)
    seats, found = usage.seats(view.now), usage.usage(view.period, board.grain_of(view.period), view.now)
    followed = data_health.scopes(place.team.pk)
    base = reverse("copilot", args=[place.team.slug])
    files = [reverse("copilot_file", args=[place.team.slug, kind]) + view.scope_query for kind in ("csv", "json")]
    context: dict[str, Any] = {
        "name": "Copilot",
        "question": "Is Copilot used?",
        "scope": [scope.period_choice(view, base, f"{place.team}, ")],
        "csv": files[0],
        "json": files[1],
        "sentence": _sentence(view, seats, found),
        "support": _unknown(found, view.period),
        "is_connected": bool(followed),
        "has_organization": any(each.kind == "organization" for each in followed),
        "gaps": _gaps(place, followed),
        "is_empty": not seats.assigned and found.last_report is None,
        "seats": seats,
        "found": found,
        "figures": list(_figures(seats, found)),
        "amounts": list(_amounts(found)),
        "least": usage.LEAST_PEOPLE,
        "chart": _chart(found.stretches, view.period),
        "may_change": place.may_change,
    }
    return team_html(request, place, "web/copilot.html", context, here="copilot")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    """The numbers of the page as "csv" or "json"; 404 for any other kind. What is not known is empty or null."""
    view = _view(request, place)
    grain = board.grain_of(view.period)
    seats, found = usage.seats(view.now), usage.usage(view.period, grain, view.now)
    first = view.period.first_day
    numbers: list[tuple[str, str, date, int | None]] = [
        *((f"seats_{name}", "", view.now.date(), getattr(seats, name)) for name in Seats.__slots__),
        *((name, "", first, getattr(found.used, name) if found.known else None) for name in usage.Used.__slots__),
        *(("people", grain, each.day, each.people) for each in found.stretches),
    ]
    name = f"{place.team.slug}-copilot.{kind}"
    if kind == "csv":
        return as_file(iter([_csv(numbers, place)]), "text/csv; charset=utf-8", name)
    if kind != "json":
        raise Http404
    document = {
        "team": place.team.slug,
        "from": first,
        "to": view.period.end_day,
        "days_without_report": found.unknown,
        "numbers": [dict(zip(HEADER, number, strict=True)) for number in numbers],
    }
    text = json.dumps(document, default=date.isoformat, ensure_ascii=False) + "\n"
    return as_file(iter([text]), "application/json", name)


def _csv(numbers: list[tuple[str, str, date, int | None]], place: Place) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows([cell(value, place) for value in number] for number in numbers)
    return text.getvalue()


def _view(request: HttpRequest, place: Place) -> View:
    """Nothing is narrowed to a person; raises BadAddress where that is tried."""
    view = View.read(request.GET, place.zone, place.now).of_scope()
    if view.filters != Filters(state="merged"):
        raise BadAddress("The use of Copilot can be narrowed by days only.")
    return view


def _sentence(view: View, seats: Seats, found: Usage) -> list[Phrase]:
    when = wording.period_words(view.period, view.period_name)
    if not found.known and not seats.assigned:
        return [Phrase(f"It is not known whether Copilot was used {when}.")]
    phrases = [Phrase(f"How many people used Copilot {when} is not known")]
    if found.known:
        people = notation.counted(found.used.people, "person", "people") if found.used.people else "Nobody"
        phrases = [Phrase(people, "m"), Phrase(f" used Copilot {when}")]
    if not seats.assigned:
        return [*phrases, Phrase("; no seat is known.")]
    active = f"{notation.number(seats.active)} of {notation.counted(seats.assigned, 'seat')}"
    were = "was" if seats.active == 1 else "were"
    return [*phrases, Phrase("; "), Phrase(active, "m"), Phrase(f" {were} active in the last 28 days.")]


def _unknown(found: Usage, period: Period) -> str:
    """Days without a report, as spans."""
    if not found.unknown:
        return ""
    spans: list[list[date]] = []
    for day in found.unknown:
        if spans and day - spans[-1][1] == timedelta(days=1):
            spans[-1][1] = day
        else:
            spans.append([day, day])
    words = [notation.span(first, last, period.end_day) for first, last in spans[-MOST_SPANS:]]
    earlier = " and earlier" if len(spans) > MOST_SPANS else ""
    count = notation.counted(len(found.unknown), "day")
    return f"{count} without a complete report count as unknown, not as days of no use: {', '.join(words)}{earlier}."


def _gaps(place: Place, followed: tuple[data_health.ScopeHealth, ...]) -> list[str]:
    """Why something cannot be read, each reason once."""
    gaps = [each.gap for one in followed for each in one.streams if each.stream in STREAMS and each.gap]
    left = [each.reason for each in data_health.left_out(place.team.pk) if each.stream in STREAMS]
    return list(dict.fromkeys([*gaps, *left]))[:MOST_SPANS]


def _figures(seats: Seats, found: Usage) -> Iterator[tuple[str, str, str]]:
    """Label, value and what it rests on."""
    if seats.assigned:
        yield "Seats assigned", notation.number(seats.assigned), "now"
        yield "Active seats", notation.number(seats.active), "in the last 28 days"
        yield "Idle seats", notation.number(seats.idle), "used before, not in 28 days"
        yield "Never used", notation.number(seats.never), "no activity known to GitHub"
    base = f"{notation.counted(len(found.known), 'day')} known"
    for label, name in (
        ("People active", "people"),
        ("Using chat", "chat"),
        ("Using agents", "agent"),
        ("Using the CLI", "cli"),
    ):
        yield label, notation.number(getattr(found.used, name)) if found.known else "Not known", base


def _amounts(found: Usage) -> Iterator[tuple[str, str, str]]:
    for label, name, note in (
        ("Suggestions", "suggestions", "Code that Copilot generated, of every kind."),
        ("Acceptances", "acceptances", "Agent edits count without a suggestion, so no share is made of the two."),
        ("Lines suggested", "lines_suggested", "Offered to be added; what agents write is not offered first."),
        ("Lines added", "lines_added", "Written into files, including edits by agents; not all of it is kept."),
    ):
        value = getattr(found.used, name)
        yield label, "not told" if value is None else notation.number(value), note


def _chart(stretches: tuple[Stretch, ...], period: Period) -> Figure:
    """Distinct people for each stretch; a gap where no day is known."""
    is_month = board.grain_of(period) == "month"
    names = tuple(f"{each.day:%B %Y}" if is_month else notation.day(each.day, period.end_day) for each in stretches)
    spec = ChartSpec(
        identity="people",
        says="Distinct people who used Copilot; the table says the values",
        unit=COUNT,
        buckets=tuple(
            f"{each.day:%b}" if is_month else f"{each.day.day}{notation.NBSP}{each.day:%b}" for each in stretches
        ),
        names=names,
        series=(Series("People", "f-seq-4", tuple(each.people for each in stretches)),),
        ns=tuple(max(each.people or 0, columns.FEW) for each in stretches),
        open_end=stretches[-1].partial,
    )
    rows = [
        [
            name,
            "not known" if each.people is None else notation.number(each.people),
            f"{each.known} of {each.days}",
        ]
        for name, each in zip(names, stretches, strict=True)
    ]
    return Figure(
        spec.identity,
        columns.stacked(spec, WIDE, 260, labelled=True),
        columns.stacked(spec, NARROW, 240, labelled=False),
        Twin(["Month" if is_month else "Week from", "People", "Days known"], rows),
        "Each person counts once in a bar, so bars do not add up. The table says how many days of each are known.",
        is_empty=not any(each.people is not None for each in stretches),
    )
