"""What admins decide about people and accounts: stored, written down, and followed by weeks and roll-ups.

Each is one transaction, and one decision of a team comes after the other. Raises Outdated where somebody else was
faster and it no longer fits; deciding the same again changes nothing and is not written down.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from itertools import product
from typing import Final, ParamSpec

from django.db import OperationalError, connection
from psycopg.errors import DeadlockDetected

from tformance.accounts import audit
from tformance.accounts.models import Membership, Team, User
from tformance.accounts.tenancy import current_team_id, tenant
from tformance.facts.decisions import Dates, Decision, Judge, Link, Merge, Outdated, OwnMember, SignsInAs
from tformance.facts.models.people import Actor, KeptApart, TeamMember
from tformance.facts.records import Verdict
from tformance.facts.write import write_decision

TRIES: Final = 4
P = ParamSpec("P")

JUDGED: Final[dict[Verdict, str]] = {"bot": "a bot", "person": "a person", "": "what the provider says"}


@contextmanager
def deciding(team_id: int) -> Iterator[None]:
    """The team's tenant, in which nobody else decides anything meanwhile; readings go on."""
    with tenant(team_id):
        Team.objects.select_for_update(no_key=True).get(pk=team_id)
        yield


def tried_again(decide: Callable[P, bool]) -> Callable[P, bool]:
    """Readings may hold what a decision waits for and wait for what it holds: one of both is broken off and comes again."""

    @wraps(decide)
    def tried(*args: P.args, **kwargs: P.kwargs) -> bool:
        for left in reversed(range(TRIES)):
            try:
                return decide(*args, **kwargs)
            except OperationalError as error:
                is_deadlock = isinstance(error.__cause__, DeadlockDetected)
                if not left or not is_deadlock or connection.in_atomic_block:
                    raise
        raise AssertionError("the last try returns or raises")

    return tried


@tried_again
def link(team_id: int, user: User, account: int, member: int) -> bool:
    """The account is this member's; returns whether that is news, as all of these do."""
    with deciding(team_id):
        return _store(user, Link(account, member), "account_linked", f"{_called(account)} to {_named(member)}", member)


@tried_again
def release(team_id: int, user: User, account: int) -> bool:
    """The account is nobody's of the team, and no reading makes a member of it: an outside contributor."""
    with deciding(team_id):
        before = Actor.everything.filter(pk=account).values_list("member", flat=True).first()
        return _store(user, Link(account, None), "account_released", _called(account), before)


@tried_again
def split(team_id: int, user: User, account: int) -> bool:
    """The account is a person of their own."""
    with deciding(team_id):
        return _store(user, OwnMember(account), "account_split", _called(account), None)


@tried_again
def judge(team_id: int, user: User, account: int, verdict: Verdict) -> bool:
    with deciding(team_id):
        about = f"{_called(account)}: {JUDGED[verdict]}"
        return _store(user, Judge(account, verdict), "account_judged", about, None)


@tried_again
def merge(team_id: int, user: User, kept: int, other: int) -> bool:
    """`other` is the same person as `kept`, who takes all over."""
    with deciding(team_id):
        return _store(user, Merge(kept, other), "people_merged", f"{_named(other)} into {_named(kept)}", kept)


@tried_again
def set_dates(team_id: int, user: User, member: int, joined_on: date | None, left_on: date | None) -> bool:
    """`left_on` is the first day on which they do not belong to the team; the caller has checked their order."""
    with deciding(team_id):
        about = f"{_named(member)}: joined {joined_on or 'at no known day'}, left {left_on or 'not'}"
        return _store(user, Dates(member, joined_on, left_on), "person_dates", about, member)


@tried_again
def set_user(team_id: int, user: User, member: int, signs_in: int | None) -> bool:
    """One user of a team is one member. Raises Outdated also where the user is not of the team."""
    with deciding(team_id):
        who = _user_of_team(signs_in) if signs_in is not None else None
        if who and TeamMember.objects.filter(user=who).exclude(pk=member).exists():
            raise Outdated(f"{who} is another person here already: take them away there first.")
        about = f"{_named(member)}: {who.email if who else 'nobody'}"
        return _store(user, SignsInAs(member, who.pk if who else None), "person_signs_in", about, member)


@tried_again
def unite(team_id: int, user: User, one: int, other: int) -> bool:
    """Two accounts are one person's, whoever they were of: a member takes the other over, or one comes to be."""
    with deciding(team_id):
        members = dict(Actor.everything.filter(pk__in=[one, other]).values_list("pk", "member"))
        if len(members) < 2:
            raise Outdated("One of these accounts is not known here.")
        if members[one] is None and members[other] is None:
            split(team_id, user, one)
            return unite(team_id, user, one, other)
        if members[one] is None:
            return link(team_id, user, one, members[other])
        if members[other] is None:
            return link(team_id, user, other, members[one])
        same = members[one] == members[other]
        return not same and merge(team_id, user, *sorted((members[one], members[other])))


@tried_again
def keep_apart(team_id: int, user: User, one: int, other: int) -> bool:
    """They are two people, with all of their accounts: this is not suggested again."""
    with deciding(team_id):
        sides = [_accounts_of_whom(account) for account in (one, other)]
        pairs = {(min(pair), max(pair)) for pair in product(*sides) if pair[0] != pair[1]}
        if not all(sides) or not pairs:
            raise Outdated("One of these accounts is not known here.")
        known = set(KeptApart.objects.filter(one__in=[a for a, _ in pairs]).values_list("one", "other"))
        new = [KeptApart(team_id=team_id, one_id=low, other_id=high) for low, high in sorted(pairs - known)]
        KeptApart.objects.bulk_create(new)
        if new:
            audit.record(user, "accounts_kept_apart", f"{_called(one)} and {_called(other)}")
        return bool(new)


def _store(user: User, decision: Decision, what: str, about: str, member: int | None) -> bool:
    """The words are made beforehand, of what was there."""
    is_news = write_decision(decision, team_id=current_team_id()) > 0
    if is_news:
        audit.record(user, what, about, f"member {member}" if member else "")
    return is_news


def _called(account: int) -> str:
    found = Actor.everything.filter(pk=account).values_list("login", "source").first()
    if found is None:
        raise Outdated("This account is not known here.")
    return "{} ({})".format(*found)


def _named(member: int) -> str:
    name = TeamMember.objects.filter(pk=member).values_list("display_name", flat=True).first()
    if name is None:
        raise Outdated("This person is no longer there: somebody may have merged them with another.")
    return str(name)


def _user_of_team(user: int) -> User:
    place = Membership.objects.filter(team=current_team_id(), user=user).select_related("user").first()
    if place is None:
        raise Outdated("This user does not belong to the team.")
    return place.user


def _accounts_of_whom(account: int) -> list[int]:
    """All accounts of the person who has this one."""
    found = Actor.everything.filter(pk=account).values_list("pk", "member").first()
    if found is None or found[1] is None:
        return [found[0]] if found else []
    return list(Actor.everything.filter(member=found[1]).order_by("pk").values_list("pk", flat=True))
