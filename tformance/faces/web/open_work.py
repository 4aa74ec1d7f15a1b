"""What is open: how long it stays so, what has become old, and of whom a review is waited for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from tformance.faces.kit import notation
from tformance.faces.kit.address import View
from tformance.faces.kit.charts import lines
from tformance.faces.kit.charts.spec import SHARE, ChartSpec, Series
from tformance.faces.kit.charts.twin import twin
from tformance.faces.kit.wording import Phrase
from tformance.faces.web import board, figures, lists
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.exports import addresses, as_table
from tformance.faces.web.pulls import pull_href
from tformance.faces.web.shell import team_html
from tformance.measures.open_work import StillOpen, still_open
from tformance.measures.pull import PullRow
from tformance.measures.waiting import LEAST, Ageing, Queue, WaitingFor, ageing, waiting_for

DAY, WEEK = 24.0, 168.0
TIMES = {
    "1 h": 1.0,
    "4 h": 4.0,
    "12 h": 12.0,
    "1 d": DAY,
    "2 d": 2 * DAY,
    "4 d": 4 * DAY,
    "1 w": WEEK,
    "2 w": 2 * WEEK,
    "4 w": 4 * WEEK,
    "8 w": 8 * WEEK,
}
SHOWN = 10
MOST = 10_000


@dataclass(frozen=True)
class Old:
    """An open pull request that is older than most were when they were merged."""

    row: PullRow
    href: str
    age: timedelta


@dataclass(frozen=True)
class Waited:
    """How many pull requests wait for the review of one, and for how long at most."""

    name: str
    count: int
    href: str
    longest: timedelta | None


@team_page
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """How long work stays open: below the fold of Delivery, so it comes after the numbers."""
    view = View.read(request.GET, place.zone, place.now)
    filters = view.filters.of_scope()
    points = still_open(filters, view.period, tuple(TIMES.values()))
    old = ageing(filters, view.period, limit=SHOWN)
    context: dict[str, Any] = {
        "team": place.team,
        "sentence": _sentence(old),
        "curve": _curve(points),
        "explain": board.explain_href(view, place, "time_to_merge", "median"),
        "old": [Old(row, pull_href(place, row), place.now - row.opened_at) for row in old.pulls if row.opened_at],
        "ageing": old,
        "limit": notation.duration(timedelta(hours=old.limit_hours)) if old.limit_hours is not None else "",
        "least": LEAST,
        **addresses("open_work_file", view, place),
        "open": lists.open_now(view, place),
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/open_work.html", context)
    return team_html(request, place, "web/open_work_page.html", context, here="delivery")


@team_page
def file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    """How many are not merged after each time, then everything that has become old."""
    view = View.read(request.GET, place.zone, place.now)
    filters = view.filters.of_scope()
    points = still_open(filters, view.period, tuple(TIMES.values()))
    curve = [("not merged after", point.hours, point.share, point.n, "", "") for point in points]
    old = [
        ("open for", _hours(row.opened_at, place), None, None, f"{row.repository.label}#{row.number}", row.title)
        for row in ageing(filters, view.period, limit=MOST).pulls
    ]
    return as_table(kind, "open-work", ("what", "hours", "share", "n", "pull_request", "title"), [*curve, *old], place)


@team_page
def asked_file(request: HttpRequest, place: Place, kind: str) -> StreamingHttpResponse:
    """Nobody comes last, as on the page."""
    view = View.read(request.GET, place.zone, place.now)
    queues = waiting_for(view.filters.of_scope()).queues
    rows = [(queue.asked, queue.count, _hours(queue.since, place)) for queue in queues]
    return as_table(kind, "reviews-asked", ("asked", "pull_requests", "longest_hours"), rows, place)


def _hours(since: datetime | None, place: Place) -> float | None:
    return None if since is None else (place.now - since) / timedelta(hours=1)


@team_page
def asked(request: HttpRequest, place: Place) -> HttpResponse:
    """Of whom a review is waited for: people by name for those who may see them, the others as one number."""
    view = View.read(request.GET, place.zone, place.now)
    found = waiting_for(view.filters.of_scope())
    context: dict[str, Any] = {
        "team": place.team,
        "sentence": _asked_sentence(found),
        "queues": list(_waited(found.queues, view, place)),
        "left_out": found.left_out,
        **addresses("review_asked_file", view, place),
    }
    if request.headers.get("HX-Request"):
        return render(request, "web/asked.html", context)
    return team_html(request, place, "web/asked_page.html", context, here="review")


def _sentence(old: Ageing) -> list[Phrase]:
    if not old.opened:
        return [Phrase("Nothing is open.")]
    whole = notation.counted(old.opened, "pull request")
    verb = "is" if old.opened == 1 else "are"
    if old.limit_hours is None:
        return [Phrase(f"{whole} {verb} open; too few were merged to say which of them are old.")]
    limit = notation.duration(timedelta(hours=old.limit_hours))
    return [
        Phrase(f"{whole} {verb} open, "),
        Phrase(f"{notation.number(old.count)} of them" if old.count else "none of them", "m w" if old.count else ""),
        Phrase(f" for longer than {limit}, in which 85 of 100 were merged."),
    ]


def _curve(points: tuple[StillOpen, ...]) -> figures.Figure:
    spec = ChartSpec(
        identity="still-open",
        says="Share of opened pull requests that are not merged after a time; the table says the values",
        unit=SHARE,
        buckets=tuple(TIMES),
        names=tuple(TIMES),
        series=(Series("not merged", "s-accent", tuple(point.share for point in points)),),
        ns=tuple(point.n for point in points),
    )
    return figures.Figure(
        spec.identity,
        lines.trend(spec, figures.WIDE, 260, top=1.0),
        lines.trend(spec, figures.NARROW, 240, top=1.0),
        twin(spec, "After"),
        "What is still open counts as unmerged for as long as it was seen. A hollow point rests on fewer than five.",
        is_empty=not any(point.n for point in points),
    )


def _asked_sentence(found: WaitingFor) -> list[Phrase]:
    tail = f" Of {notation.counted(found.nobody, 'pull request')} nobody was asked." if found.nobody else ""
    if not found.names:
        return [Phrase(f"Nobody's review is waited for.{tail}")]
    whose = notation.counted(found.names, "person or team", "people or teams")
    verb = "is" if found.count == 1 else "are"
    return [Phrase(notation.counted(found.count, "review"), "m"), Phrase(f" of {whose} {verb} waited for.{tail}")]


def _waited(queues: tuple[Queue, ...], view: View, place: Place) -> Iterator[Waited]:
    """In the order of their names: this is about balance."""
    for queue in queues:
        longest = place.now - queue.since if queue.since else None
        yield Waited(
            queue.asked or "nobody was asked", queue.count, lists.asked_now(view, place, [queue.asked]), longest
        )
