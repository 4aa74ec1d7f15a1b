"""What the page is about, as a sentence of choices: each choice is a menu of addresses."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from tformance.faces.kit import notation
from tformance.faces.kit.address import PERIOD_DAYS, View
from tformance.faces.web.door import Place
from tformance.measures.groups import groups_to_choose
from tformance.measures.query import ANYBODY, Period, Signal, Waiting
from tformance.measures.result import Key, Result

STAND_IN = 987_654_321_012_345_678
MANY = 50  # options of a menu; more are looked up when it is opened
WAITING_WORDS: dict[Waiting, str] = {
    "first_review": "Waiting for a first review",
    "approved": "Approved, not merged",
    "sent_back": "Sent back, no new push",
    "in_review": "In review",
    "draft": "Draft",
}
AXIS_WORDS = {
    "opened": "opened in this period",
    "updated": "last changed in this period",
    "reviewed": "reviewed in this period",
    "deployed": "deployed in this period",
}
DRAFT_WORDS = {"yes": "is a draft", "no": "is no draft"}
LINKED_WORDS = {"yes": "closes an issue", "no": "closes no issue", "unknown": "links were not read"}
SIGNAL_WORDS: dict[Signal, str] = {
    "hotfix": "a hotfix",
    "revert": "takes another back",
    "unreviewed": "merged by its author without a review",
}
ASKED_WORDS = {"": "nobody", ANYBODY: "somebody"}
EVERYTHING = {"repositories": "All repositories", "authors": "Everybody", "groups": "The whole team"}
SEVERAL = {"repositories": "repositories", "authors": "people", "groups": "groups"}
WORK_WORDS = {"feature": "a feature", "fix": "a fix", "test": "tests", "revert": "a revert"}
AI_WORDS = {"yes": "signs of AI", "no_evidence": "no sign of AI", "unknown": "not analysed for AI"}


@dataclass(frozen=True)
class Option:
    label: str
    href: str
    is_chosen: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Choice:
    """`before` is the text in front of it. With `has_dates` the menu also takes two days.

    `more` is the address of all options where the menu has not all of them.
    """

    before: str
    chosen: str
    options: tuple[Option, ...]
    has_dates: bool = False
    action: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    first: date | None = None
    last: date | None = None
    more: str = ""


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    text: str
    without: str


def sentence(view: View, place: Place, action: str, repositories: Result) -> list[Choice]:
    """The team in its repositories during a period; what it is compared with is said by the page.

    Where the provider has teams of people, one of them can be chosen if it is open to the viewer.
    """
    groups = groups_to_choose()
    if not groups:
        return without_groups(view, place, action, repositories, f"{place.team} in ")
    chosen = key_choice(view, place, action, "groups", groups, "", str(place.team))
    return [chosen, *without_groups(view, place, action, repositories, " in ")]


def without_groups(view: View, place: Place, action: str, repositories: Result, before: str) -> list[Choice]:
    return [repository_choice(view, place, action, repositories, before), period_choice(view, action, ", ")]


def repository_choice(view: View, place: Place, action: str, found: Result, before: str) -> Choice:
    words = _repositories_words(view, found)
    if len(found.rows) > MANY:
        return _long(view, place, action, "repositories", before, words)
    options = [everything(view, action, "repositories"), *_options(view, action, found, "repositories")]
    return Choice(before, words, tuple(options))


def key_choice(
    view: View, place: Place, action: str, field: str, known: Sequence[Key], before: str, all_of_them: str
) -> Choice:
    """One of the named values, or all."""
    chosen = getattr(view.filters, field)
    names = [key.label for key in known if key.id in chosen]
    words = names[0] if len(chosen) == 1 and names else f"{len(chosen)} {SEVERAL[field]}"
    words = words if chosen else all_of_them
    if len(known) > MANY:
        return _long(view, place, action, field, before, words)
    options = [everything(view, action, field), *key_options(view, action, field, known)]
    return Choice(before, words, tuple(options))


def everything(view: View, action: str, field: str) -> Option:
    """The way back from a choice."""
    without = action + view.with_filters(**{field: ()}).query
    return Option(EVERYTHING[field], without, not getattr(view.filters, field))


def key_options(view: View, action: str, field: str, known: Iterable[Key]) -> Iterator[Option]:
    """In the order of their names, because people are not ranked."""
    chosen = getattr(view.filters, field)
    address = each(lambda key: action + view.with_filters(**{field: (key,)}).query)
    for key in sorted(known, key=lambda key: key.label.lower()):
        yield Option(key.label, address(key.id), key.id in chosen)


def _long(view: View, place: Place, action: str, field: str, before: str, words: str) -> Choice:
    """Opened, it asks for its options."""
    query = urlencode([("for", action), *replace(view, after=None).pairs()])
    more = f"{reverse('choices', args=[place.team.slug, field])}?{query}"
    return Choice(before, words, (everything(view, action, field),), more=more)


def each(address: Callable[[Any], str]) -> Callable[[Any], str]:
    """The addresses that a function gives of ids, of which there may be thousands: it is asked once, with a stand-in."""
    pattern = address(STAND_IN)
    return lambda key: pattern.replace(str(STAND_IN), str(key)) if isinstance(key, int) else address(key)


def over_words(days: int) -> str:
    return f"open for more than {notation.counted(days, 'day')}"


def period_choice(view: View, action: str, before: str) -> Choice:
    options = [
        Option(f"Last {days} days", action + _with_period(view, name, days).query, view.period_name == name)
        for name, days in PERIOD_DAYS.items()
    ]
    last = view.period.end_day - timedelta(days=1)
    kept = [pair for pair in view.pairs() if pair[0] not in {"period", "from", "to", "after"}]
    words = notation.span(view.period.first_day, last, last)
    return Choice(before, words, tuple(options), True, action, tuple(kept), first=view.period.first_day, last=last)


def chips(view: View, action: str, labels: Sequence[Key] = ()) -> Iterator[Chip]:
    """Every filter that the sentence does not say, each with the way to drop it."""
    names = {key.id: key.label for key in labels}
    asked = view.filters.asked
    for name in asked:
        others = tuple(other for other in asked if other != name)
        text = f"{ASKED_WORDS.get(name, name)} is asked for a review"
        yield Chip(text, action + view.with_filters(asked=others).query)
    yield from _single_chips(view, action)
    if view.axis != "own":
        yield Chip(AXIS_WORDS[view.axis], action + replace(view, axis="own", after=None).query)
    words: dict[str, Callable[[Any], str]] = {
        "reviewers": lambda identity: (
            f"reviewed by {names.get(identity, 'nobody' if identity is None else 'one person')}"
        ),
        "categories": lambda kind: f"touches {kind}",
        "directories": lambda folder: f"touches {folder}" if folder else "touches files outside of folders",
        "labels": lambda label: f"labelled {label}" if label else "has no label",
        "base_branches": lambda base: f"goes to {base}",
        "work_types": lambda kind: f"is {WORK_WORDS.get(kind, kind)}" if kind else "kind of work not known",
        "authors": lambda identity: f"by {names.get(identity, 'one author')}",
        "ai": AI_WORDS.__getitem__,
        "ai_tools": lambda tool: f"made with {tool}",
        "sizes": lambda size: f"size is {size or 'not known'}",
    }
    for field, say in words.items():
        chosen: tuple[Any, ...] = getattr(view.filters, field)
        for value in chosen:
            others = tuple(other for other in chosen if other != value)
            yield Chip(say(value), action + view.with_filters(**{field: others}).query)


def _single_chips(view: View, action: str) -> Iterator[Chip]:
    """Filters that have one value."""
    filters = view.filters
    if filters.waiting:
        yield Chip(WAITING_WORDS[filters.waiting], action + view.with_filters(waiting=None).query)
    if filters.draft:
        yield Chip(DRAFT_WORDS[filters.draft], action + view.with_filters(draft=None).query)
    for signal in filters.signals:
        others = tuple(other for other in filters.signals if other != signal)
        yield Chip(SIGNAL_WORDS[signal], action + view.with_filters(signals=others).query)
    if filters.over_days:
        yield Chip(over_words(filters.over_days), action + view.with_filters(over_days=None).query)
    if filters.linked:
        yield Chip(LINKED_WORDS[filters.linked], action + view.with_filters(linked=None).query)
    if filters.automation:
        yield Chip("automation included", action + view.with_filters(automation=False).query)
    if filters.text:
        yield Chip(f"title has “{filters.text}”", action + view.with_filters(text="").query)


def _options(view: View, action: str, found: Result, field: str) -> list[Option]:
    """The alternatives in the order of their names, with how many pull requests each has."""
    chosen = getattr(view.filters, field)
    address = each(lambda key: action + view.with_filters(**{field: (key,)}).query)
    rows = sorted(found.rows, key=lambda row: row.key[0].label.lower())
    return [
        Option(
            row.key[0].label,
            address(row.key[0].id),
            row.key[0].id in chosen,
            int(row.value or 0),
        )
        for row in rows
    ]


def _repositories_words(view: View, found: Result) -> str:
    chosen = view.filters.repositories
    if not chosen:
        return f"all {len(found.rows)} repositories" if len(found.rows) > 1 else "all repositories"
    labels = [row.key[0].label for row in found.rows if row.key[0].id in chosen]
    if len(chosen) == 1 and labels:
        return labels[0]
    return notation.counted(len(chosen), "repository", "repositories")


def _with_period(view: View, name: str, days: int) -> View:
    end = Period.last_days(days, view.period.zone, view.now)
    return replace(view, period=end, period_name=name, after=None)
