"""Who is known in a team, by which accounts, and what is not clear yet. Inside `tenant()`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import Lower

from tformance.accounts.models import Membership, Role
from tformance.accounts.tenancy import current_team_id
from tformance.curation.resemblance import Known, Suggestion, suggestions
from tformance.facts.models.people import Actor, KeptApart, TeamMember
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Commit
from tformance.facts.models.review import PRReview

PER_PAGE: Final = 50
MOST_FOUND: Final = 20
PEOPLE_KINDS: Final = (Actor.Kind.USER, Actor.Kind.MANNEQUIN)
PROGRAM: Final = Q(is_automation=True) | Q(kind__in=[Actor.Kind.BOT, Actor.Kind.APP])
PERSON: Final = Q(is_automation=False, kind__in=PEOPLE_KINDS)

SOURCES: Final = {"github": "GitHub", "git": "git"}

Which = Literal["unlinked", "outside", "programs"]
WHICH: Final[dict[Which, Q]] = {
    "unlinked": PERSON & Q(member__isnull=True, is_member_decided=False),
    "outside": PERSON & Q(member__isnull=True, is_member_decided=True),
    "programs": PROGRAM,
}


@dataclass(frozen=True, slots=True)
class Account:
    """`is_program` says what it counts as, `verdict` whether somebody decided that, `is_decided` the same of whose it is."""

    id: int
    source: str
    login: str
    name: str
    kind: str
    is_program: bool
    verdict: str
    is_decided: bool
    former: tuple[str, ...]
    person: int | None
    is_gone: bool

    @property
    def place(self) -> str:
        """Where the account is, as people call it."""
        return SOURCES.get(self.source, self.source)


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in to this team."""

    id: int
    name: str
    email: str
    role: Role


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    is_active: bool
    joined_on: date | None
    left_on: date | None
    user: int | None
    accounts: tuple[Account, ...]
    is_erased: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page; `number` counts from 1, and there is at least one page."""

    rows: tuple[Any, ...]
    total: int
    number: int

    @property
    def last(self) -> int:
        return max(-(-self.total // PER_PAGE), 1)


@dataclass(frozen=True, slots=True)
class Weight:
    """What somebody did so far: what a decision about them moves. The instants are of the first and the last of it."""

    pulls: int
    reviews: int
    commits: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, slots=True)
class Resemblance:
    """A suggestion with who it is about."""

    found: Suggestion
    one: Account
    other: Account
    names: tuple[str, str]


def people(words: str = "", number: int = 1) -> Page:
    """By name; `words` is part of a name or login of theirs."""
    found = TeamMember.objects.all()
    if words:
        called = Actor.everything.filter(Q(login__icontains=words) | Q(name__icontains=words))
        found = found.filter(Q(display_name__icontains=words) | Q(pk__in=called.values("member")))
    total, start = found.count(), (number - 1) * PER_PAGE
    rows = found.order_by(Lower("display_name"), "pk")[start : start + PER_PAGE]
    return Page(_persons(rows), total, number)


def person(member: int) -> Person | None:
    return next(iter(_persons(TeamMember.objects.filter(pk=member))), None)


def found_people(words: str, without: int | None = None) -> tuple[Person, ...]:
    """A few of whom to choose one."""
    return tuple(each for each in people(words).rows if each.id != without)[:MOST_FOUND] if words else ()


def accounts(which: Which, words: str = "", number: int = 1) -> Page:
    found = Actor.objects.filter(WHICH[which])
    if words:
        found = found.filter(Q(login__icontains=words) | Q(name__icontains=words))
    total, start = found.count(), (number - 1) * PER_PAGE
    rows = found.order_by(Lower("login"), "pk")[start : start + PER_PAGE]
    return Page(tuple(map(_account, rows)), total, number)


def how_many() -> dict[str, int]:
    """Of each kind of list, in two statements."""
    counted = {which: Count("pk", filter=condition) for which, condition in WHICH.items()}
    return {"people": TeamMember.objects.count(), **Actor.objects.aggregate(**counted)}


def account(account_id: int) -> Account | None:
    found = Actor.everything.filter(pk=account_id).first()
    return _account(found) if found else None


def found_accounts(words: str, person_id: int) -> tuple[Account, ...]:
    """A few accounts of people that are not this person's."""
    if not words:
        return ()
    found = Actor.everything.filter(PERSON).filter(Q(login__icontains=words) | Q(name__icontains=words))
    found = found.exclude(member=person_id) if person_id else found
    return tuple(map(_account, found.order_by(Lower("login"), "pk")[:MOST_FOUND]))


def users() -> tuple[User, ...]:
    """By name."""
    places = Membership.objects.filter(team=current_team_id()).select_related("user").order_by("user__email")
    return tuple(User(each.user.pk, str(each.user), each.user.email, Role(each.role)) for each in places)


def weight(accounts: Collection[int]) -> Weight:
    mine = {"author__in": accounts}
    pulls = PullRequest.objects.filter(**mine).aggregate(n=Count("pk"), first=Min("merged_at"), last=Max("merged_at"))
    commits = Commit.objects.filter(**mine).aggregate(
        n=Count("pk"), first=Min("committed_at"), last=Max("committed_at")
    )
    instants = [each[edge] for each in (pulls, commits) for edge in ("first", "last") if each[edge]]
    reviews = PRReview.objects.filter(counts=True, **mine).count()
    first, last = min(instants, default=None), max(instants, default=None)
    return Weight(pulls["n"], reviews, commits["n"], first, last)


def resemblances(proved: Mapping[int, Collection[str]]) -> list[Resemblance]:
    """Accounts that may be one person's, strongest first; three statements at any size.

    `proved` are the addresses that users who sign in have shown to be theirs, by the user's id.
    """
    actors = {each.pk: each for each in _living().select_related("member").order_by("pk")}
    apart = set(KeptApart.objects.values_list("one", "other"))
    found = suggestions(_known(actors.values(), proved), apart)
    return [_resemblance(each, actors) for each in found]


def _living() -> Any:
    """Nothing is guessed about who was erased."""
    return Actor.objects.filter(PERSON, erased_as__isnull=True)


def _known(actors: Iterable[Actor], proved: Mapping[int, Collection[str]]) -> list[Known]:
    """An account that somebody decided to be nobody's here is suggested to nobody.

    Providers give a commit to an account because its owner has proved to have the commit's address, and in a clone the
    address is all there is of an account.
    """
    told = _commit_words()
    return [
        Known(
            id=each.pk,
            source=each.source,
            provider_id=each.provider_id,
            login=each.login,
            person=each.member_id,
            former=tuple(each.former_logins),
            names=frozenset({each.name, *told[each.pk][1]} - {""}),
            addresses=frozenset(told[each.pk][0]),
            verified=frozenset([*told[each.pk][0], *_proved(each, proved)]),
        )
        for each in actors
        if each.member_id or not each.is_member_decided
    ]


def _proved(account: Actor, proved: Mapping[int, Collection[str]]) -> Collection[str]:
    user = account.member.user_id if account.member else None
    return () if user is None else proved.get(user, ())


def _commit_words() -> dict[int, tuple[list[str], list[str]]]:
    """Addresses and names of the commits of each account."""
    of_people = Commit.objects.filter(author__kind__in=PEOPLE_KINDS).order_by().values("author")
    told = {"addresses": ArrayAgg("author_email", distinct=True), "names": ArrayAgg("author_name", distinct=True)}
    found: dict[int, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    found.update(
        (author, (emails, names)) for author, emails, names in of_people.annotate(**told).values_list("author", *told)
    )
    return found


def _resemblance(found: Suggestion, actors: dict[int, Actor]) -> Resemblance:
    one, other = actors[found.one], actors[found.other]
    names = tuple(each.member.display_name if each.member else str(each) for each in (one, other))
    return Resemblance(found, _account(one), _account(other), (names[0], names[1]))


def _persons(rows: Any) -> tuple[Person, ...]:
    members = list(rows)
    accounts: dict[int, list[Account]] = defaultdict(list)
    mine = Actor.everything.filter(member__in=[each.pk for each in members])
    for each in mine.order_by("source", "provider_id"):
        accounts[each.member_id].append(_account(each))
    return tuple(
        Person(
            each.pk,
            each.display_name,
            each.is_active,
            each.joined_on,
            each.left_on,
            each.user_id,
            tuple(accounts[each.pk]),
            each.erased_as is not None,
        )
        for each in members
    )


def _account(row: Actor) -> Account:
    return Account(
        id=row.pk,
        source=row.source,
        login=row.login,
        name=row.name,
        kind=row.kind,
        is_program=row.is_automation or row.kind in (Actor.Kind.BOT, Actor.Kind.APP),
        verdict=row.verdict,
        is_decided=row.is_member_decided,
        former=tuple(row.former_logins),
        person=row.member_id,
        is_gone=row.gone_at is not None,
    )
