"""What the people of a team did in a period, and what waits for them now: one table, by name and never ranked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from statistics import median
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BigIntegerField, CharField, Count, F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Lower

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.people import Actor
from tformance.measures import guard
from tformance.measures.catalogue import MEASURES
from tformance.measures.narrow import filtered, within
from tformance.measures.query import ANYBODY, Filters, Period
from tformance.measures.requests import Requests, requests_of
from tformance.measures.rows.groups import is_of_groups
from tformance.measures.rows.listed import LISTED
from tformance.measures.shape import Rows
from tformance.measures.statistics import Percentile
from tformance.measures.waiting import Queue, queues_of

Belongs = Literal["member", "outside", "program"]
ORDER: tuple[Belongs, ...] = ("member", "outside", "program")
PROGRAM_KINDS = (Actor.Kind.BOT, Actor.Kind.APP)
BY_PROGRAM = Q(author__is_automation=True) | Q(author__kind__in=PROGRAM_KINDS)
WHOLE = "whole"
EVERYTHING = Filters()
REVIEW_LOAD = MEASURES["review_load"]
MERGED, CYCLE, REVIEWS, COMMITS = (MEASURES[name] for name in ("merged_prs", "cycle_time", "reviews_given", "commits"))


class Numbers(NamedTuple):
    """`cycle_hours` is a median over `cycle_n` pull requests; `opened` and `waiting` are as of now."""

    merged: int = 0
    cycle_hours: float | None = None
    cycle_n: int = 0
    reviews: int = 0
    opened: int = 0
    waiting: int = 0
    commits: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """A member with all of their accounts, somebody outside, or a program; `logins` in lower case."""

    name: str
    login: str
    accounts: tuple[int, ...]
    logins: frozenset[str]
    belongs: Belongs
    is_somebody: bool = True  # a deleted account is nobody

    @property
    def is_human(self) -> bool:
        return self.belongs != "program" and self.is_somebody

    @property
    def subject(self) -> str:
        """What they are called in the audit log: accounts stay what they are when people are linked and split."""
        return subjects_of(self.accounts)[0]


@dataclass(frozen=True, slots=True)
class Line:
    person: Person
    numbers: Numbers


class Half(NamedTuple):
    """A median over so many people."""

    value: float
    people: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Lines by name. `whole` is worked out from rows, not from lines, without automation.

    `balance` is the Gini index of reviews over the `reviewers` who gave any, and `fewest` as many of them as gave half
    of all. `queues` wait for groups of the provider, for logins that nobody here has, or, called '', for nobody;
    `asked` are the names whose reviews the whole's waiting ones wait for, empty where they are not the viewer's to list.
    `halves` say what half of the people who did any did, by the name of the number; `left_out` is how many people have no
    line because their numbers are not the viewer's to see.
    """

    lines: tuple[Line, ...]
    whole: Numbers
    balance: float | None
    reviewers: int
    fewest: int
    requests: int
    longest: int
    queues: tuple[Queue, ...]
    asked: frozenset[str]
    halves: Mapping[str, "Half"]
    left_out: int = 0


@dataclass(slots=True)
class Counts:
    """Raw numbers of each person by key, see `_key`, and of the whole team under WHOLE."""

    found: dict[int | str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))

    def numbers(self, keys: Iterable[int | str], waiting: int) -> Numbers:
        values = {name: value for key in keys for name, value in self.found.get(key, {}).items()}
        return Numbers(waiting=waiting, **values)


def get_team_breakdown(team: Team, start: date, end: date, filters: Filters = EVERYTHING) -> Breakdown:
    """From the first instant of `start` to that of `end` in the team's zone, in three statements at any size.

    `filters` may name repositories and groups. What somebody has to review is asked of them, whoever opened it. The lines
    are those that the current viewer may see; everything else is of the whole team.
    """
    period = Period.of_dates(start, end, ZoneInfo(team.zone))
    with tenant(team.pk):
        counts = _counts(filters, period)
        anybody = replace(filters, state="open", automation=True, groups=(), authors=())
        requests = requests_of(filtered(LISTED, anybody))
        people = _people({key for key in counts.found if isinstance(key, int)}, requests, filters)
        return _seen(_breakdown(counts, requests, people, filters), filters)


def _seen(found: Breakdown, filters: Filters) -> Breakdown:
    """What the viewer may see of it; programs and deleted accounts are no people."""
    viewer = guard.current_viewer()
    if viewer.sees_everybody:
        return found
    lines = tuple(line for line in found.lines if not line.person.is_human or viewer.may_see(line.person.accounts))
    theirs = guard.askable([queue.asked for queue in found.queues])
    return replace(
        found,
        lines=lines,
        left_out=len(found.lines) - len(lines),
        queues=tuple(queue for queue in found.queues if queue.asked in theirs),
        asked=frozenset() if filters.groups else found.asked,
    )


def _counts(filters: Filters, period: Period) -> Counts:
    """One statement: each part gives lines for the whole team and for each person."""
    first, *others = _parts(filters, period)
    counts = Counts()
    for what, person, rows, n, value in first.union(*others, all=True):
        named: dict[str, Any] = {what: rows}
        if what == "merged":
            named |= {"cycle_n": n, "cycle_hours": value}
        counts.found[WHOLE if person is None else person] |= named
    return counts


def _parts(filters: Filters, period: Period) -> Iterator[QuerySet[Any]]:
    for what, rows, value in (
        ("merged", MERGED.rows, CYCLE.value),
        ("reviews", REVIEWS.rows, None),
        ("commits", COMMITS.rows, None),
    ):
        spans = within(rows.anchor, period.start, period.end)
        yield _part(what, filtered(rows, filters).filter(spans), None, value)
        yield _part(what, _of_anybody(rows, filters).filter(spans), _key(), value)
    opened = replace(filters, state="open")
    yield _part("opened", filtered(LISTED, opened), None)
    yield _part("opened", _of_anybody(LISTED, opened), _key())


def _of_anybody(rows: Rows, filters: Filters) -> QuerySet[Any]:
    """Programs with all they did, people with what is no automation's."""
    found = filtered(rows, replace(filters, automation=True)).filter(author__isnull=False)
    if filters.automation or not rows.not_automation:
        return found
    return found.filter(rows.not_automation | BY_PROGRAM)


def _key() -> Any:
    """A member by id, and who is none by that of the account, below zero."""
    return Coalesce(F("author__member_id"), F("author_id") * -1)


def _part(what: str, found: QuerySet[Any], person: Any, value: Any = None) -> QuerySet[Any]:
    measured = Cast(Value(None), FloatField()) if value is None else value
    keys = {
        "what": Cast(Value(what), CharField()),
        "person": Cast(Value(None), BigIntegerField()) if person is None else person,
    }
    numbers = {"told": Count("*"), "measured": Count(measured), "half": Percentile(measured, 0.5)}
    grouped: QuerySet[Any] = found.values(**keys).annotate(**numbers).order_by()
    return grouped.values_list("what", "person", "told", "measured", "half")


def _people(keys: Collection[int], requests: Requests, filters: Filters) -> dict[int, Person]:
    """Active members, whoever did something, and whoever is asked for a review; one statement."""
    asked = {request.asked for request in requests.pending}
    present = Q(member__is_active=True) | Q(member_id__in=[key for key in keys if key > 0])
    present |= Q(pk__in=[-key for key in keys if key < 0]) | Q(handle__in=asked)
    found = Actor.everything.alias(handle=Lower("login")).filter(present)
    if filters.groups:
        found = found.filter(is_of_groups("pk", filters.groups))
    accounts: dict[int, list[Actor]] = defaultdict(list)
    for actor in found.select_related("member").order_by("source", "provider_id"):
        accounts[actor.member_id or -actor.pk].append(actor)
    return {key: _person(actors) for key, actors in accounts.items()}


def person_called(login: str) -> Person | None:
    """Whoever has this login, in any case, with all of their accounts; of several the one who is a member."""
    called = Actor.everything.filter(login__iexact=login)
    found = called.order_by(F("member_id").asc(nulls_last=True), "-login_seen_at").values_list("pk", flat=True).first()
    return None if found is None else person_with([found])


def subjects_of(accounts: Iterable[int]) -> list[str]:
    """What the person with these accounts may be called in the audit log."""
    return [f"account {account}" for account in accounts]


def person_with(accounts: Collection[int]) -> Person:
    """The person behind these accounts; they are one person's, and there is at least one."""
    mine = Actor.everything.filter(Q(pk__in=accounts) | Q(member__actors__in=accounts))
    return _person(list(mine.distinct().select_related("member").order_by("source", "provider_id")))


def _person(actors: Sequence[Actor]) -> Person:
    first = actors[0]
    is_program = first.is_automation or first.kind in PROGRAM_KINDS
    is_member = first.member is not None and first.member.is_active
    return Person(
        name=first.member.display_name if first.member else first.name or first.login,
        login=first.login,
        accounts=tuple(actor.pk for actor in actors),
        logins=frozenset(actor.login.lower() for actor in actors),
        belongs="program" if is_program else "member" if is_member else "outside",
        is_somebody=first.kind != Actor.Kind.GHOST,
    )


def _breakdown(counts: Counts, requests: Requests, people: Mapping[int, Person], filters: Filters) -> Breakdown:
    queues = {queue.asked: queue for queue in queues_of(requests)}
    lines = tuple(sorted(_lines(counts, queues, people), key=_place))
    known = {login for person in people.values() for login in person.logins}
    given = [line.numbers.reviews for line in lines if line.numbers.reviews]
    asked = [line.numbers.waiting for line in lines if line.numbers.waiting]
    named = known if filters.groups else queues.keys() - {""}
    waiting = {request.pull for request in requests.pending if request.asked in named}
    assert REVIEW_LOAD.finish is not None
    balance, reviewers = REVIEW_LOAD.finish.number([(reviews,) for reviews in given])
    return Breakdown(
        lines=lines,
        whole=counts.numbers([WHOLE], len(waiting)),
        balance=balance,
        reviewers=reviewers,
        fewest=_fewest(given),
        requests=sum(asked),
        longest=max(asked, default=0),
        queues=() if filters.groups else tuple(queue for name, queue in queues.items() if name not in known),
        asked=frozenset(known & queues.keys() if filters.groups else (ANYBODY,)),
        halves=dict(_halves(lines)),
    )


def _halves(lines: Sequence[Line]) -> Iterator[tuple[str, Half]]:
    """Of fewer people than the viewer may be told of it would tell what one of them did."""
    least = guard.current_viewer().least
    people = [line.numbers for line in lines if line.person.belongs != "program"]
    for name in ("merged", "reviews", "commits"):
        found = [count for numbers in people if (count := getattr(numbers, name))]
        if len(found) >= least:
            yield name, Half(median(found), len(found))


def _lines(counts: Counts, queues: Mapping[str, Queue], people: Mapping[int, Person]) -> Iterator[Line]:
    """Members always, others where there is something to tell."""
    for key, person in people.items():
        waiting = sum(queues[login].count for login in person.logins if login in queues)
        numbers = counts.numbers([key], waiting)
        if person.belongs == "member" or any(numbers):
            yield Line(person, numbers)


def _place(line: Line) -> tuple[int, str, str]:
    person = line.person
    return ORDER.index(person.belongs), person.name.casefold(), person.login.casefold()


def _fewest(given: Sequence[int]) -> int:
    """How few of those who gave most gave half of all."""
    left = sum(given) / 2
    for count, reviews in enumerate(sorted(given, reverse=True), 1):
        left -= reviews
        if left <= 0:
            return count
    return 0
