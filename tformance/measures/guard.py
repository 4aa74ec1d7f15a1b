"""Who sees what: whoever measures does so for a viewer, and what is not theirs to see is refused or left out.

The one rule, for pages, files, lists, counts and menus alike. Somebody who sees everybody is shown everything. All others
see their own numbers, those of the people they lead, those of programs, and what the team did as a whole or in groups
that are open, see `open_groups`. A filter by anybody or anything else is refused; a cut keeps the rows that are theirs
and says how many people it left out. Answers are kept for all viewers together: they are cut afterwards.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Lower

from tformance.accounts.models import LEAST_PEOPLE
from tformance.facts.models.organization import ProviderTeam
from tformance.facts.models.people import Actor, GroupMembership
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.open_groups import Group, open_groups
from tformance.measures.own import accounts_of_user
from tformance.measures.query import ANYBODY, Filters
from tformance.measures.result import Key, Result, Row

PEOPLE: Final = Q(is_automation=False) & ~Q(kind__in=(Actor.Kind.BOT, Actor.Kind.APP, Actor.Kind.GHOST))
WITHOUT_CODE: Final = ("jira",)  # sources whose accounts are nobody whom a filter of code could leave out
IS_PERSON: Final = ExpressionWrapper(PEOPLE, output_field=BooleanField())
NO_NAME: Final = frozenset({"", ANYBODY})
OF_A_PERSON: Final = "It names a person whose numbers are not yours to see."
OF_A_GROUP: Final = (
    "It names a group that is too small, or too close to another one or to the whole team: its numbers would tell what "
    "fewer than {} people did."
)

Person = tuple[str, int]  # a member or, of nobody's, an account


class NotYours(Exception):
    """People were asked about who are not the viewer's to see; the message says it to them."""


class NobodyLooks(Exception):
    """Something was measured outside `looking()`."""


@dataclass(frozen=True)
class Viewer:
    """Who looks, for one team and one moment; what they may see is looked up when it is first needed, inside `tenant()`.

    `addresses` gives the e-mail addresses that are proved to be the `user`'s. A lead sees the people of their groups as
    well, by who is in them on the day `today`. Groups are told of where at least `least` people are on either side.
    """

    sees_everybody: bool = False
    user: int | None = None
    addresses: Callable[[], Iterable[str]] = tuple
    is_lead: bool = False
    today: date = date.max
    least: int = LEAST_PEOPLE
    admitted: set[Filters] = field(default_factory=set, compare=False)

    @cached_property
    def own(self) -> frozenset[int]:
        """All accounts of the viewer."""
        return accounts_of_user(self.user, self.addresses)

    @cached_property
    def accounts(self) -> frozenset[int]:
        """The viewer's own, and those of the people they lead."""
        return self.own | _led_by(self.user, self.today) if self.is_lead and self.user is not None else self.own

    @cached_property
    def groups(self) -> frozenset[Group]:
        """Those that are open to them; None among them is who is in no group."""
        return open_groups(*_grouped(self.accounts), self.least)

    def is_one_of(self, accounts: Iterable[int]) -> bool:
        return not self.own.isdisjoint(accounts)

    def may_see(self, accounts: Iterable[int]) -> bool:
        """Whether the person with these accounts is theirs to see."""
        return self.sees_everybody or not self.accounts.isdisjoint(accounts)


EVERYBODY: Final = Viewer(sees_everybody=True)  # the product itself: background work and the command line

_current: ContextVar[Viewer | None] = ContextVar("viewer", default=None)


def current_viewer() -> Viewer:
    """Whoever looks now; raises NobodyLooks outside `looking()`."""
    viewer = _current.get()
    if viewer is None:
        raise NobodyLooks("nobody looks: enter measures.guard.looking(viewer) first")
    return viewer


@contextmanager
def looking(viewer: Viewer) -> Iterator[None]:
    """Measure for this viewer; may be nested, the outer one returns afterwards."""
    token = _current.set(viewer)
    try:
        yield
    finally:
        _current.reset(token)


def admit(filters: Filters) -> Viewer:
    """The viewer, if all that these filters name is theirs to see; raises NotYours. Of most filters without a statement."""
    viewer = current_viewer()
    if viewer.sees_everybody or filters in viewer.admitted:
        return viewer
    named = {account for account in (*filters.authors, *filters.reviewers) if account is not None}
    if _hidden(viewer, named) or len(set(filters.asked)) > len(askable(filters.asked)):
        raise NotYours(OF_A_PERSON)
    groups = {*filters.groups, *filters.reviewer_groups}
    if groups and not groups <= viewer.groups:
        raise NotYours(OF_A_GROUP.format(viewer.least))
    viewer.admitted.add(filters)
    return viewer


def askable(names: Collection[str]) -> frozenset[str]:
    """Those whose waiting reviews are the viewer's to see, of logins in lower case and slugs of the provider's teams.

    A name that nobody here has may be that of somebody who left. Two statements at most.
    """
    viewer, found = current_viewer(), frozenset(names)
    if viewer.sees_everybody or found <= NO_NAME:
        return found
    called = Actor.everything.annotate(handle=Lower("login"), is_person=IS_PERSON).filter(handle__in=found - NO_NAME)
    named = list(called.values_list("pk", "handle", "is_person"))
    teams = list(_slugs(found - NO_NAME))
    mine = {handle for account, handle, _ in named if account in viewer.accounts}
    closed = {handle for _, handle, is_person in named if is_person}
    closed |= {slug for slug, team in teams if team not in viewer.groups}
    known = {handle for _, handle, _ in named} | {slug for slug, _ in teams} | NO_NAME
    return found & (known - (closed - mine))


def choosable(keys: Iterable[Key]) -> tuple[Key, ...]:
    """Those of these accounts that the viewer may filter by."""
    viewer, offered = current_viewer(), tuple(keys)
    if viewer.sees_everybody:
        return offered
    hidden = _hidden(viewer, {key.id for key in offered})
    return tuple(key for key in offered if key.id not in hidden)


def choosable_groups(keys: Iterable[Key]) -> tuple[Key, ...]:
    """Those of these groups that are open to the viewer."""
    viewer, offered = current_viewer(), tuple(keys)
    if viewer.sees_everybody or not offered:
        return offered
    return tuple(key for key in offered if key.id in viewer.groups)


def cut(results: Sequence[Result]) -> list[Result]:
    """Without the rows of people and groups that are not the viewer's to see, and with how many those are."""
    viewer = current_viewer()
    if viewer.sees_everybody:
        return list(results)
    people = {key.id for result in results for row in _rows(result) for key in _keys(result, row, "actor")}
    hidden = _hidden(viewer, people) if people else {}
    return [_without(result, hidden, viewer) for result in results]


def _without(result: Result, hidden: Mapping[Any, Person], viewer: Viewer) -> Result:
    closed: set[Any] = set()
    gone: set[int] = set()
    for row in _rows(result):
        people = {hidden[key.id] for key in _keys(result, row, "actor") if key.id in hidden}
        groups = {("group", key.id) for key in _keys(result, row, "group") if key.id not in viewer.groups}
        if people or groups:
            closed |= people | groups
            gone.add(id(row))
    if not gone:
        return result
    rows, previous = (tuple(row for row in kept if id(row) not in gone) for kept in (result.rows, result.previous))
    return replace(result, rows=rows, previous=previous, left_out=len(closed))


def _rows(result: Result) -> Iterator[Row]:
    yield from result.rows
    yield from result.previous


def _keys(result: Result, row: Row, kind: str) -> Iterator[Key]:
    """The keys of a row that name an account, or a group."""
    for name, key in zip(result.query.by, row.key, strict=True):
        if DIMENSIONS[name].names == kind:
            yield key


def _hidden(viewer: Viewer, accounts: Collection[Any]) -> dict[int, Person]:
    """Of these accounts those of people who are not the viewer's to see, and whose they are; one statement at most."""
    asked = {account for account in accounts if account is not None}
    asked = asked - viewer.accounts if asked else asked
    if not asked:
        return {}
    found = Actor.everything.filter(PEOPLE, pk__in=asked).values_list("pk", "member_id")
    return {account: _person(account, member) for account, member in found}


def _person(account: int, member: int | None) -> Person:
    return ("account", account) if member is None else ("member", member)


def leads_of(accounts: Collection[int], today: date) -> frozenset[int]:
    """The users who lead a group that the person with these accounts is in on this day; one statement."""
    stays = _stays(today).filter(member__actors__in=accounts, group__lead__isnull=False)
    return frozenset(stays.values_list("group__lead", flat=True))


def _led_by(user_id: int, today: date) -> frozenset[int]:
    """The accounts of who is in one of this user's groups on this day; one statement."""
    stays = _stays(today).filter(group__lead=user_id)
    return frozenset(_all_of(Actor.everything.filter(member__in=stays.values("member"))))


def _stays(today: date) -> QuerySet[Any]:
    """In groups on this day: nobody is in one any more on the day they left."""
    found: QuerySet[Any] = GroupMembership.objects.filter(joined_on__lte=today)
    return found.filter(Q(left_on=None) | Q(left_on__gt=today))


def _all_of(actors: QuerySet[Any]) -> Iterable[int]:
    return actors.values_list("pk", flat=True)


def _grouped(seen: Collection[int]) -> tuple[dict[int, Person], dict[Group, frozenset[int]]]:
    """Whose the accounts of people are that are not seen, and the accounts of every group; one statement."""
    people: dict[int, Person] = {}
    groups: dict[Group, set[int]] = {}
    of_code = Actor.everything.filter(PEOPLE).exclude(source__in=WITHOUT_CODE)
    found = of_code.values_list("pk", "member_id", "provider_teams__provider_team_id")
    for account, member, group in found:
        groups.setdefault(group, set()).add(account)
        if account not in seen:
            people[account] = _person(account, member)
    return people, {group: frozenset(accounts) for group, accounts in groups.items()}


def _slugs(names: Collection[str]) -> Iterable[tuple[str, int]]:
    called = ProviderTeam.everything.annotate(handle=Lower("slug")).filter(handle__in=names)
    found: Iterable[tuple[str, int]] = called.values_list("handle", "pk")
    return found
