"""What the page is about, as a sentence of choices: each choice is a menu of addresses."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from tformance.faces.kit import notation
from tformance.faces.kit.address import PERIOD_DAYS, View
from tformance.faces.web.door import Place
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.groups import known_groups
from tformance.measures.query import ANYBODY, Period, Waiting
from tformance.measures.result import Key, Result

STAND_IN = 987_654_321_012_345_678
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
ASKED_WORDS = {"": "nobody", ANYBODY: "somebody"}
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
    """`before` is the text in front of it. With `has_dates` the menu also takes two days."""

    before: str
    chosen: str
    options: tuple[Option, ...]
    has_dates: bool = False
    action: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    text: str
    without: str


def sentence(view: View, place: Place, action: str, repositories: Result) -> list[Choice]:
    """The team in its repositories during a period; what it is compared with is said by the page.

    Where the provider has teams of people, one of them can be chosen.
    """
    groups = known_groups()
    if not groups:
        return without_groups(view, action, repositories, f"{place.team} in ")
    chosen = group_choice(view, action, groups, str(place.team))
    return [chosen, *without_groups(view, action, repositories, " in ")]


def without_groups(view: View, action: str, repositories: Result, before: str) -> list[Choice]:
    return [repository_choice(view, action, repositories, before), period_choice(view, action, ", ")]


def group_choice(view: View, action: str, groups: Sequence[Key], everybody: str) -> Choice:
    nobody = Key(None, DIMENSIONS["group"].absent)
    return key_choice(view, action, "groups", [*groups, nobody], "", everybody, "groups")


def repository_choice(view: View, action: str, found: Result, before: str) -> Choice:
    everything = view.with_filters(repositories=())
    options = [Option("All repositories", action + everything.query, not view.filters.repositories)]
    options += _options(view, action, found, "repositories")
    return Choice(before, _repositories_words(view, found), tuple(options))


def key_choice(
    view: View, action: str, field: str, known: Sequence[Key], before: str, everything: str, several: str
) -> Choice:
    """One of the named values, or all; in the order of their names, because people are not ranked."""
    chosen = getattr(view.filters, field)
    address = each(lambda key: action + view.with_filters(**{field: (key,)}).query)
    options = [Option(everything, action + view.with_filters(**{field: ()}).query, not chosen)]
    options += [
        Option(key.label, address(key.id), key.id in chosen) for key in sorted(known, key=lambda key: key.label.lower())
    ]
    names = [key.label for key in known if key.id in chosen]
    words = names[0] if len(chosen) == 1 and names else f"{len(chosen)} {several}"
    return Choice(before, words if chosen else everything, tuple(options))


def each(address: Callable[[Any], str]) -> Callable[[Any], str]:
    """The addresses that a function gives of ids, of which there may be thousands: it is asked once, with a stand-in."""
    pattern = address(STAND_IN)
    return lambda key: pattern.replace(str(STAND_IN), str(key)) if isinstance(key, int) else address(key)


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
