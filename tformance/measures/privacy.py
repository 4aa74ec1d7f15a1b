"""Whose numbers somebody may see, and whose page is theirs: the one rule, for pages and files alike."""

from collections.abc import Iterable
from dataclasses import dataclass

from tformance.accounts.models import Role, Team


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
