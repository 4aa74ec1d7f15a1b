"""Where work waits right now: open pull requests by what they wait for."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.safestring import SafeString

from tformance.faces.kit.address import View
from tformance.faces.kit.charts import strip
from tformance.faces.web import lists
from tformance.faces.web.door import Place
from tformance.faces.web.pulls import pull_href
from tformance.faces.web.scope import WAITING_WORDS
from tformance.measures.waiting import waiting_now

WIDE, NARROW = 570, 340
MOST_DOTS = 400


@dataclass(frozen=True)
class Line:
    """A state, how many are in it and where they are listed, and each of them as a dot."""

    label: str
    count: int
    href: str
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
    found = waiting_now(view.filters.of_scope(), limit=MOST_DOTS)
    rows = []
    for state, words in WAITING_WORDS.items():
        pulls = [pull for pull in found.pulls if pull.state == state]
        waits = [place.now - pull.since for pull in pulls]
        if found.counts.get(state):
            rows.append(
                Line(
                    words,
                    found.counts[state],
                    lists.open_now(view, place, state),
                    strip.strip(waits, WIDE),
                    strip.strip(waits, NARROW),
                    max(waits, default=None),
                    pull_href(place, pulls[0].row) if pulls else "",
                )
            )
    return Waits(sum(found.counts.values()), rows, strip.axis(WIDE), strip.axis(NARROW), lists.open_now(view, place))
