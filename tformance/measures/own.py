"""Which accounts are those of whoever signs in. Inside `tenant()`."""

from collections.abc import Callable, Collection, Iterable

from django.db.models import Q

from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.repository import Commit


def accounts_of_user(user: int | None, addresses: Callable[[], Iterable[str]]) -> frozenset[int]:
    """All accounts of the person who the user is; empty where that is not certain, and where nobody signs in.

    The member that an admin named; else whoever has commits with one of the verified `addresses`. A member who is another
    user is never it.
    """
    if user is None:
        return frozenset()
    decided = TeamMember.objects.filter(user=user).values_list("pk", flat=True).first()
    if decided is not None:
        return _all(Q(member=decided))
    found = _by_address(addresses())
    return _all(Q(pk__in=found) | Q(member__actors__in=found)) if _is_one_who_may(found) else frozenset()


def _by_address(addresses: Iterable[str]) -> frozenset[int]:
    written = {form for address in addresses for form in (address, address.lower())}
    if not written:
        return frozenset()
    of_people = Commit.objects.filter(author_email__in=written, author__kind=Actor.Kind.USER)
    return frozenset(of_people.order_by().values_list("author_id", flat=True).distinct())


def _is_one_who_may(accounts: Collection[int]) -> bool:
    """All of one person, or one account of nobody known; and nobody who is known to sign in otherwise."""
    owners = list(Actor.everything.filter(pk__in=accounts).values_list("pk", "member", "member__user"))
    people = {("member", member) if member else ("account", account) for account, member, _ in owners}
    return len(people) == 1 and all(user is None for *_, user in owners)


def _all(which: Q) -> frozenset[int]:
    return frozenset(Actor.everything.filter(which).values_list("pk", flat=True))
