"""The list of pull requests: what it is about as a sentence, its rows, and the same list as CSV or JSON."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from tformance.faces.kit import notation
from tformance.faces.kit.address import STATES, BadAddress, View
from tformance.faces.kit.charts import phases
from tformance.faces.kit.wording import LEAST_TO_TELL, Phrase, value_text
from tformance.faces.web import narrowing, saved, scope
from tformance.faces.web.door import Place, team_page
from tformance.faces.web.shell import team_html
from tformance.measures import records
from tformance.measures.keyset import BadPlace
from tformance.measures.pull import Choices, Direction, PullPage, PullRow, Sort

PAGE_ROWS = 50
LEAST_REST = 0.05  # hours; less is rounding
SORTS: tuple[tuple[str, Sort, Direction], ...] = (
    ("newest first", "own", "desc"),
    ("oldest first", "own", "asc"),
    ("last changed first", "updated", "desc"),
    ("largest first", "size", "desc"),
    ("longest open first", "cycle_time", "desc"),
    ("longest wait for a review first", "review_time", "desc"),
)
COLUMN_WORDS = {
    "size": "Size",
    "phases": "Lead time and phases",
    "ai": "AI",
    "reviewers": "Reviewers",
    "first_review": "Wait for a review",
    "rounds": "Rounds",
    "comments": "Comments",
    "threads": "Threads",
}
PHASES = (
    ("Coding", "f-coding", "coding_phase_hours"),
    ("Draft", "f-draft", "draft_phase_hours"),
    ("Waiting for review", "f-pickup", "pickup_phase_hours"),
    ("In review", "f-review", "review_phase_hours"),
    ("Waiting to merge", "f-merge", "merge_phase_hours"),
)
AI_CHIPS = {
    "yes": ("ai-assisted", "Assisted"),
    "no_evidence": ("ai-none", "None seen"),
    "unknown": ("ai-unknown", "Not analysed"),
}


@dataclass(frozen=True)
class Line:
    """A row of the table in words and marks."""

    row: PullRow
    href: str
    took: str
    bar: SafeString
    ai: tuple[str, str]
    at: datetime | None
    when: str
    when_title: str
    more: tuple[str, ...] = ()


@team_page
def pulls(request: HttpRequest, place: Place) -> HttpResponse:
    view = View.read(request.GET, place.zone, place.now)
    try:
        page, known = records.page_and_choices(
            view.filters, view.period, view.axis, view.sort, view.direction, view.after, PAGE_ROWS
        )
    except BadPlace as error:
        raise BadAddress(f"The list has changed its order: {error}.") from error
    base = reverse("pulls", args=[place.team.slug])
    context: dict[str, Any] = {
        "view": view,
        "page": page,
        "base": base,
        "count": _count_words(page),
        "lines": [replace(line(row, place), more=_more(row, view)) for row in page.rows],
        "sentence": _sentence(view, page),
        "choices": _choices(view, place, base, known),
        "is_read": bool(known.repositories),
        "sort": sort_choice(view, base),
        "chips": [
            *scope.chips(view, base, [*known.authors, *narrowing.reviewers(view)]),
            *narrowing.group_chips(view, base),
        ],
        "clear": base + narrowing.cleared(view).query,
        "filters": reverse("pulls_filters", args=[place.team.slug]) + replace(view, after=None).query,
        "columns": columns(view, base),
        "views": saved.menu(request, view, place),
        "search_kept": [pair for pair in view.pairs() if pair[0] not in {"q", "after"}],
        "next": base + view.from_row(page.next).query if page.next else None,
        "previous": base + view.from_row(page.previous).query if page.previous else None,
        "csv": reverse("pulls_csv", args=[place.team.slug]) + view.query,
        "json": reverse("pulls_json", args=[place.team.slug]) + view.query,
    }
    return team_html(request, place, "web/pulls.html", context, here="pulls")


def line(row: PullRow, place: Place) -> Line:
    when = row.merged_at or row.closed_at or row.opened_at
    local = when.astimezone(place.zone) if when else None
    today = place.now.astimezone(place.zone).date()
    return Line(
        row=row,
        href=pull_href(place, row),
        took=_took(row, place.now),
        bar=phases.bar(parts(row)),
        ai=("ai-authored", "Authored") if row.ai_authored == "yes" else AI_CHIPS[row.ai_marked],
        at=local,
        when=_day(local, today),
        when_title=f"{notation.clock_time(local)}, {place.zone}" if local else "",
    )


def pull_href(place: Place, row: PullRow) -> str:
    owner, _, name = row.repository.label.rpartition("/")
    return reverse("pull", args=[place.team.slug, owner or "-", name, row.number])


def parts(row: PullRow) -> list[phases.Part]:
    """The phases that are known and took any time, and what is left of the lead time."""
    known = [(name, fill, getattr(row, column) or 0) for name, fill, column in PHASES]
    rest = (row.lead_time_hours or 0) - sum(hours for _, _, hours in known)
    if rest > LEAST_REST:
        known.append(("Not known", phases.UNKNOWN, rest))
    return [phases.Part(name, fill, timedelta(hours=hours)) for name, fill, hours in known if hours]


def sort_choice(view: View, base: str) -> scope.Choice:
    chosen = next((words for words, *order in SORTS if order == [view.sort, view.direction]), "another order")
    options = tuple(
        scope.Option(words, base + replace(view, sort=sort, direction=direction, after=None).query, words == chosen)
        for words, sort, direction in SORTS
    )
    return scope.Choice("", chosen, options)


def _more(row: PullRow, view: View) -> tuple[str, ...]:
    """The cells of chosen columns that are plain words."""
    cells = {
        "first_review": "none" if row.review_time_hours is None else value_text(row.review_time_hours, "hours"),
        "rounds": _number(row.review_rounds),
        "comments": _number(row.total_comments),
        "threads": _number(row.review_threads),
    }
    return tuple(cells[name] for name in view.columns if name in cells)


def _number(value: int | None) -> str:
    return "not known" if value is None else notation.number(value)


def columns(view: View, base: str) -> list[scope.Option]:
    """Each column with the address that has it, or has it no more."""
    found = []
    for name, words in COLUMN_WORDS.items():
        shown = name in view.columns
        wanted = tuple(each for each in COLUMN_WORDS if (each in view.columns) is not (each == name))
        found.append(scope.Option(words, base + replace(view, columns=wanted).query, shown))
    return found


def _choices(view: View, place: Place, base: str, known: Choices) -> list[scope.Choice]:
    """Pull requests [merged] by [everybody] in [all repositories] during [these days]."""
    state = view.filters.state or "all"
    states = tuple(
        scope.Option(
            "in any state" if name == "all" else name,
            base + view.with_filters(state=value, waiting=None, asked=()).query,
            name == state,
        )
        for name, value in STATES.items()
    )
    return [
        scope.Choice("Pull requests ", "in any state" if state == "all" else state, states),
        scope.key_choice(view, place, base, "authors", known.authors, " by ", "everybody"),
        scope.key_choice(view, place, base, "repositories", known.repositories, " in ", "all repositories"),
        scope.period_choice(view, base, " during "),
    ]


def _sentence(view: View, page: PullPage) -> list[Phrase]:
    """What half of the merged ones took, of many and of others only how many there are."""
    if (
        view.filters.state == "merged"
        and view.axis == "own"
        and page.lead_time is not None
        and page.timed >= LEAST_TO_TELL
    ):
        took = value_text(page.lead_time, "hours")
        return [Phrase(f"Half of these {_count_words(page)} took longer than "), Phrase(took, "m"), Phrase(".")]
    if page.count == 0:
        return [Phrase("Nothing fits this view.")]
    if view.axis == "reviewed" and not page.count_is_capped:
        reviews = notation.counted(records.reviews_given(view.filters, view.period), "review")
        return [
            Phrase(reviews, "m"),
            Phrase(f" on {_count_words(page)} pull request{'s' * (page.count != 1)} in this view."),
        ]
    state = view.filters.state or "found"
    words = f"{_count_words(page)} pull requests" if page.count != 1 else "1 pull request"
    return [
        Phrase(words[0].upper() + words[1:], "m"),
        Phrase(f" {'is' if page.count == 1 else 'are'} {state} in this view."),
    ]


def _count_words(page: PullPage) -> str:
    return f"more than {notation.number(page.count)}" if page.count_is_capped else notation.number(page.count)


def _took(row: PullRow, now: datetime) -> str:
    if row.state == "open":
        return f"open {notation.duration(now - row.opened_at)}" if row.opened_at else "open"
    hours = row.lead_time_hours if row.lead_time_hours is not None else row.cycle_time_hours
    if hours is None:
        return "not merged" if row.state == "closed" else "unknown"
    return notation.duration(timedelta(hours=hours))


def _day(when: datetime | None, today: date) -> str:
    return notation.day(when.date(), today) if when else "unknown"
