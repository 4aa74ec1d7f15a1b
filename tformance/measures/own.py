"""Which accounts are those of whoever signs in. Inside `tenant()`."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from tformance.facts.models.people import Actor, TeamMember
from tformance.measures.privacy import accounts_of


def accounts_of_user(user: int, addresses: Iterable[str], github: Collection[int] = ()) -> frozenset[int]:
    """All accounts of the person who the user is; empty where that is not certain.

    The member that an admin named; else whoever has one of the GitHub accounts (by their numbers there) that the user
    has signed in with; else whose commits carry one of the verified `addresses`. A member who is another user is never
    it.
    """
    decided = TeamMember.objects.filter(user=user).values_list("pk", flat=True).first()
    if decided is not None:
        return _with_all(Q(member=decided))
    signed_in = Actor.everything.filter(source="github", provider_id__in=github, kind=Actor.Kind.USER)
    found = frozenset(signed_in.values_list("pk", flat=True)) or accounts_of(addresses)
    return frozenset() if _are_anothers(found) else _with_all(Q(pk__in=found) | Q(member__actors__in=found))


def _are_anothers(accounts: Collection[int]) -> bool:
    """Of several people, or of somebody who is known to sign in otherwise."""
    owners = Actor.everything.filter(pk__in=accounts).values_list("member", "member__user")
    people = {member for member, _ in owners}
    return len(people) > 1 or any(user is not None for _, user in owners)


def _with_all(which: Q) -> frozenset[int]:
    return frozenset(Actor.everything.filter(which).values_list("pk", flat=True))
