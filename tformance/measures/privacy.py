"""Whose numbers somebody may see, and whose page is theirs: the one rule, for pages and files alike. Inside `tenant()`."""

from collections.abc import Iterable
from dataclasses import dataclass

from tformance.accounts.models import Role, Team
from tformance.facts.models.people import Actor
from tformance.facts.models.repository import Commit


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. `sees_people` says that numbers of single people are theirs to see, `accounts` are their own, by id."""

    sees_people: bool
    accounts: frozenset[int] = frozenset()

    def is_one_of(self, accounts: Iterable[int]) -> bool:
        return not self.accounts.isdisjoint(accounts)

    def may_see(self, accounts: Iterable[int]) -> bool:
        return self.sees_people or self.is_one_of(accounts)


def sees_people(team: Team, role: Role | None) -> bool:
    """Numbers of single people are for admins and leads; the people of the sample organisation are invented."""
    return team.is_demo or role in (Role.ADMIN, Role.LEAD)


def accounts_of(addresses: Iterable[str]) -> frozenset[int]:
    """The accounts of the one person whose commits carry one of these verified e-mail addresses; one statement.

    Empty where no commit has it, and where those of several people do: then nobody knows who it is.
    """
    written = {form for address in addresses for form in (address, address.lower())}
    if not written:
        return frozenset()
    of_people = Commit.objects.filter(author_email__in=written, author__kind=Actor.Kind.USER)
    found = set(of_people.order_by().values_list("author_id", "author__member_id").distinct())
    people = {("member", member) if member else ("account", account) for account, member in found}
    return frozenset(account for account, _ in found) if len(people) == 1 else frozenset()
