"""Whose review open pull requests wait for: the one definition, for numbers and for lists. Call it inside `tenant()`."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.db.models.functions import Coalesce

from tformance.facts.models.organization import ProviderTeamMember
from tformance.facts.models.people import Actor
from tformance.facts.models.review import PRReview, TimelineEvent
from tformance.measures.waits import OPEN, PUSHES

ASKED, NO_LONGER_ASKED = "review_requested", "review_request_removed"


class Pending(NamedTuple):
    """A pull request waits for a person or a provider's team, called by login or slug, since then."""

    pull: int
    asked: str
    since: datetime


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


def pending_of(matching: QuerySet[Any]) -> list[Pending]:
    """The requests that still stand of these open pull requests, drafts left out; in six statements.

    Nobody waits before a pull request is ready, nor for what was pushed later.
    """
    ready = Coalesce("ready_at", "pr_created_at", "pr_updated_at")
    began = dict(matching.filter(is_draft=False).values_list("pk", ready))
    asked, pushes, reviews = _asked(), _pushes(), _reviews()
    accounts = _accounts({name for _, name in asked})
    found = []
    for (pull, name), at in asked.items():
        if pull not in began or name in accounts.machines:
            continue
        if any(said >= at and accounts.may_answer(name, who) for who, said in reviews.get(pull, ())):
            continue
        found.append(Pending(pull, name, max(at, began[pull], pushes.get(pull, at))))
    return found


def _asked() -> dict[tuple[int, str], datetime]:
    """By pull request and who was asked the last request that was not taken back."""
    events = TimelineEvent.objects.filter(kind__in=(ASKED, NO_LONGER_ASKED), **OPEN).exclude(subject="")
    last: dict[tuple[int, str], tuple[str, datetime]] = {}
    columns = ("pull_request_id", "subject", "kind", "occurred_at")
    for pull, subject, kind, at in events.order_by("occurred_at", "position").values_list(*columns):
        last[pull, subject.lower()] = kind, at
    return {key: at for key, (kind, at) in last.items() if kind == ASKED}


def _pushes() -> dict[int, datetime]:
    pushed = TimelineEvent.objects.filter(kind__in=PUSHES, **OPEN)
    return dict(pushed.values_list("pull_request_id").annotate(Max("occurred_at")).order_by())


def _reviews() -> dict[int, list[tuple[str, datetime]]]:
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    said = PRReview.objects.filter(counts=True, **OPEN)
    for pull, login, at in said.values_list("pull_request_id", "author__login", "submitted_at"):
        found[pull].append((login.lower(), at))
    return found


def _accounts(names: Collection[str]) -> Accounts:
    people: set[str] = set()
    machines: set[str] = set()
    for login, kind in Actor.everything.values_list("login", "kind"):
        if login.lower() in names:
            (machines if kind in (Actor.Kind.BOT, Actor.Kind.APP) else people).add(login.lower())
    members: dict[str, set[str]] = defaultdict(set)
    for slug, login in ProviderTeamMember.objects.values_list("provider_team__slug", "actor__login"):
        members[slug.lower()].add(login.lower())
    return Accounts(people, machines, dict(members))
