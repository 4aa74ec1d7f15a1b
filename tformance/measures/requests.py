"""Whose review open pull requests wait for: the one definition, for numbers and for lists. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, DateTimeField, F, Max, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from tformance.facts.models.organization import ProviderTeamMember
from tformance.facts.models.people import Actor
from tformance.facts.models.review import PRReview, TimelineEvent
from tformance.measures.waits import OPEN, PUSHES

ASKED, NO_LONGER_ASKED = "review_requested", "review_request_removed"
PROGRAMS = (Actor.Kind.BOT, Actor.Kind.APP)


class Pending(NamedTuple):
    """A pull request waits for a person or a provider's team, called by login or slug, since then."""

    pull: int
    asked: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Requests:
    """The requests that still stand, and the pull requests that are ready and of which nobody is asked."""

    pending: tuple[Pending, ...]
    unasked: frozenset[int]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Who is meant by the names in requests: people by their logins, and members of teams by the teams' slugs."""

    people: Collection[str]
    machines: Collection[str]
    members: Mapping[str, set[str]]

    def may_answer(self, asked: str, reviewer: str) -> bool:
        """A team is answered by the first of its members; of a team whose members nobody knows, by anybody."""
        if asked in self.people:
            return reviewer == asked
        return reviewer in self.members[asked] if asked in self.members else True


class Told(NamedTuple):
    """A line of the one statement; what its columns hold follows from what it tells of."""

    pull: int | None
    name: str
    other: str
    at: datetime | None


def requests_of(matching: QuerySet[Any]) -> Requests:
    """Of these open pull requests, drafts left out; in one statement.

    Nobody waits before a pull request is ready, nor for what was pushed later.
    """
    told = _told(matching)
    began = {line.pull: line.at for line in told["ready"]}
    pushes = {line.pull: line.at for line in told["pushed"]}
    reviews: dict[int | None, list[tuple[str, datetime]]] = defaultdict(list)
    for line in told["said"]:
        if line.at is not None:
            reviews[line.pull].append((line.name.lower(), line.at))
    asked = _asked(told["asked"])
    accounts = _accounts(told)
    found = []
    for (pull, name), at in asked.items():
        ready = began.get(pull)
        if ready is None or name in accounts.machines:
            continue
        if any(said >= at and accounts.may_answer(name, who) for who, said in reviews.get(pull, ())):
            continue
        found.append(Pending(pull, name, max(at, ready, pushes.get(pull) or at)))
    waiting = {request.pull for request in found}
    return Requests(tuple(found), frozenset(pull for pull in began if pull is not None) - waiting)


def _told(matching: QuerySet[Any]) -> dict[str, list[Told]]:
    """By what is told; requests in the order they were made."""
    ready = Coalesce("ready_at", "pr_created_at", "pr_updated_at")
    events = TimelineEvent.objects.filter(**OPEN)
    requests = events.filter(kind__in=(ASKED, NO_LONGER_ASKED)).exclude(subject="")
    pushes = events.filter(kind__in=PUSHES).values("pull_request_id").annotate(last=Max("occurred_at")).order_by()
    said = PRReview.objects.filter(counts=True, **OPEN)
    first, *others = (
        _lines("ready", matching.filter(is_draft=False), pull=F("pk"), at=ready),
        _lines("asked", requests, F("pull_request_id"), F("subject"), F("kind"), F("occurred_at"), F("position")),
        _lines("pushed", pushes, pull=F("pull_request_id"), at=F("last")),
        _lines("said", said, pull=F("pull_request_id"), name=F("author__login"), at=F("submitted_at")),
        _lines("account", Actor.everything.all(), name=F("login"), other=F("kind")),
        _lines("team", ProviderTeamMember.objects.all(), None, F("provider_team__slug"), F("actor__login")),
    )
    found: dict[str, list[Told]] = defaultdict(list)
    for what, pull, name, other, at, _ in first.union(*others, all=True).order_by("said_at", "said_place"):
        found[what].append(Told(pull, name, other, at))
    return found


def _lines(
    what: str, rows: Any, pull: Any = None, name: Any = None, other: Any = None, at: Any = None, place: Any = None
) -> Any:
    """Every part of a union has the same columns of the same types."""
    columns = {
        "what": Cast(Value(what), CharField()),
        "of_pull": Cast(pull or Value(None), BigIntegerField()),
        "said_name": Cast(name or Value(""), CharField()),
        "said_other": Cast(other or Value(""), CharField()),
        "said_at": Cast(at or Value(None), DateTimeField()),
        "said_place": Cast(place or Value(0), BigIntegerField()),
    }
    return rows.order_by().annotate(**columns).values_list(*columns)


def _asked(lines: Iterable[Told]) -> dict[tuple[int, str], datetime]:
    """By pull request and who was asked the last request that was not taken back."""
    last: dict[tuple[int, str], tuple[str, datetime]] = {}
    for pull, subject, kind, at in lines:
        if pull is not None and at is not None:
            last[pull, subject.lower()] = kind, at
    return {key: at for key, (kind, at) in last.items() if kind == ASKED}


def _accounts(told: Mapping[str, list[Told]]) -> Accounts:
    people: set[str] = set()
    machines: set[str] = set()
    for line in told.get("account", ()):
        (machines if line.other in PROGRAMS else people).add(line.name.lower())
    members: dict[str, set[str]] = defaultdict(set)
    for line in told.get("team", ()):
        members[line.name.lower()].add(line.other.lower())
    return Accounts(people, machines, dict(members))
