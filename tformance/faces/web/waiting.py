"""Where work waits right now: open pull requests by what they wait for."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.urls import reverse
from django.utils.safestring import SafeString

from tformance.faces.kit.address import View
from tformance.faces.kit.charts import strip
from tformance.faces.web.door import Place
from tformance.faces.web.pulls import pull_href
from tformance.measures.pull import Waiting
from tformance.measures.query import Period
from tformance.measures.waiting import waiting_now

WORDS: dict[Waiting, str] = {
    "first_review": "Waiting for a first review",
    "approved": "Approved, not merged",
    "sent_back": "Sent back, no new push",
    "in_review": "In review",
    "draft": "Draft",
}
WIDE, NARROW = 690, 340
MOST_DOTS = 400
BEGINNING = date(2000, 1, 1)


@dataclass(frozen=True)
class Line:
    """A state, how many are in it, and each of them as a dot."""

    label: str
    count: int
    wide: SafeString
    narrow: SafeString
    oldest: timedelta | None
    oldest_href: str


@dataclass(frozen=True)
class Waits:
    total: int
    rows: list[Line]
    axis: SafeString
    narrow_axis: SafeString
    href: str


def overview(view: View, place: Place) -> Waits:
    """The open work of the page's repositories and people, whenever it was opened."""
    found = waiting_now(replace(view.filters, state=None, text=""), limit=MOST_DOTS)
    rows = []
    for state, words in WORDS.items():
        pulls = [pull for pull in found.pulls if pull.state == state]
        waits = [place.now - pull.since for pull in pulls]
        if found.counts.get(state):
            rows.append(
                Line(
                    words,
                    found.counts[state],
                    strip.strip(waits, WIDE),
                    strip.strip(waits, NARROW),
                    max(waits, default=None),
                    pull_href(place, pulls[0].row) if pulls else "",
                )
            )
    return Waits(sum(found.counts.values()), rows, strip.axis(WIDE), strip.axis(NARROW), _list_of_open(view, place))


def _list_of_open(view: View, place: Place) -> str:
    """Oldest first, from the beginning: open work does not age out of a period."""
    end = place.now.astimezone(place.zone).date() + timedelta(days=1)
    always = Period.of_dates(BEGINNING, end, place.zone)
    listed = replace(view.with_filters(state="open"), period=always, period_name=None, sort="own", direction="asc")
    return reverse("pulls", args=[place.team.slug]) + listed.query
