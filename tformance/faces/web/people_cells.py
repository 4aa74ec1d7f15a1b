"""The table of people in words and addresses: every number leads to exactly what it counts."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from tformance.faces.kit import notation, wording
from tformance.faces.kit.address import View
from tformance.faces.kit.charts.marks import drawing, tag
from tformance.faces.kit.wording import LEAST_TO_TELL
from tformance.faces.web import board, lists
from tformance.faces.web.door import Place
from tformance.measures.catalogue import MEASURES
from tformance.measures.people import Belongs, Breakdown, Line, Numbers, Person
from tformance.measures.shape import Statistic

BAR_WIDTH, BAR_HEIGHT = 72, 10
TITLES: dict[Belongs, str] = {
    "member": "Members",
    "outside": "Others who took part: outside contributors and people who left",
    "program": "Automation and agents",
}
PERIOD_COLUMNS: tuple[tuple[str, str, Statistic], ...] = (
    ("Merged", "merged_prs", "count"),
    ("Half were open under", "cycle_time", "median"),
    ("Commits", "commits", "count"),
    ("Reviews", "reviews_given", "count"),
    ("Share of reviews", "review_load", "gini"),
)


@dataclass(frozen=True)
class Cell:
    """`href` is None for a plain word; `kind` names what is counted, `n` is said beside a median."""

    kind: str
    text: str
    href: str | None = None
    n: int | None = None

    @property
    def is_few(self) -> bool:
        return self.n is not None and self.n < LEAST_TO_TELL


@dataclass(frozen=True)
class Row:
    name: str
    login: str
    href: str | None
    done: tuple[Cell, ...]
    now: tuple[Cell, ...]
    share: str
    bar: str = ""


@dataclass(frozen=True)
class Section:
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Wait:
    """What is asked of a group, of somebody nobody here knows, or of nobody."""

    name: str
    count: int
    href: str
    since: str


def columns(view: View, place: Place) -> list[tuple[str, str]]:
    """Headers of what was done in the period, with what explains them."""
    return [
        (title, board.explain_href(view, place, measure, statistic)) for title, measure, statistic in PERIOD_COLUMNS
    ]


def sections(found: Breakdown, view: View, place: Place) -> Iterator[Section]:
    for belongs, title in TITLES.items():
        lines = [line for line in found.lines if line.person.belongs == belongs]
        if lines:
            yield Section(title, [_row(line, found, view, place) for line in lines])


def whole(found: Breakdown, view: View, place: Place) -> Row:
    """The team's own totals, without automation."""
    waiting = lists.asked_now(view, place, found.asked) if found.asked else None
    return Row(
        "Whole team",
        "",
        None,
        *_cells(found.whole, view, place, waiting),
        notation.percent(1) if found.whole.reviews else "",
    )


def queues(found: Breakdown, view: View, place: Place) -> list[Wait]:
    return [
        Wait(
            queue.asked,
            queue.count,
            lists.asked_now(view, place, [queue.asked]),
            notation.duration(place.now - queue.since) if queue.since else "",
        )
        for queue in found.queues
    ]


def _row(line: Line, found: Breakdown, view: View, place: Place) -> Row:
    person, numbers = line.person, line.numbers
    own = of_person(view, person)
    waiting = lists.asked_now(view, place, person.logins)
    share = numbers.reviews / found.whole.reviews if found.whole.reviews else 0
    done, now = _cells(numbers, own, place, waiting)
    return Row(
        name=person.name,
        login=person.login if person.login != person.name else "",
        href=page_of(person, view, place),
        done=done,
        now=now,
        share=notation.percent(share) if numbers.reviews else "",
        bar=_bar(numbers.reviews, found) if numbers.reviews else "",
    )


def page_of(person: Person, view: View, place: Place) -> str | None:
    """Programs and deleted accounts have no page."""
    if person.belongs == "program" or not person.is_somebody:
        return None
    return reverse("person", args=[place.team.slug, person.login]) + view.scope_query


def of_person(view: View, person: Person) -> View:
    """What this person did; a program with all that automation opened."""
    return view.with_filters(authors=person.accounts, groups=(), automation=person.belongs == "program")


def _cells(numbers: Numbers, own: View, place: Place, waiting: str | None) -> tuple[tuple[Cell, ...], tuple[Cell, ...]]:
    """In the period, and right now."""
    merged = lists.behind(MEASURES["merged_prs"], own, place)
    reviews = lists.behind(MEASURES["reviews_given"], own, place)
    commits = reverse("commits", args=[place.team.slug]) + own.scope_query
    half = "" if numbers.cycle_hours is None else wording.value_text(numbers.cycle_hours, "hours")
    done = (
        _count("merged", numbers.merged, merged),
        Cell("cycle", half, merged if half else None, numbers.cycle_n if half else None),
        _count("commits", numbers.commits, commits),
        _count("reviews", numbers.reviews, reviews),
    )
    return done, (
        _count("open", numbers.opened, lists.open_now(own, place)),
        _count("waiting", numbers.waiting, waiting),
    )


def _count(kind: str, count: int, href: str | None) -> Cell:
    """Nothing leads nowhere."""
    return Cell(kind, notation.number(count), href if count else None)


def _bar(reviews: int, found: Breakdown) -> SafeString:
    """The share, and a mark where it would be if all who review gave as many; the longest fills the width."""
    most = max(line.numbers.reviews for line in found.lines)
    even = found.whole.reviews / max(found.reviewers, 1)
    scale = (BAR_WIDTH - 2) / max(most, even)
    length = tag("rect", x=0, y=1, width=max(reviews * scale, 1), height=BAR_HEIGHT - 2, rx=2, cls="f-seq-4")
    mark = tag("rect", x=even * scale, y=0, width=1.5, height=BAR_HEIGHT, cls="even-mark")
    return drawing(BAR_WIDTH, BAR_HEIGHT, length + mark, says=None, cls="share-bar")
