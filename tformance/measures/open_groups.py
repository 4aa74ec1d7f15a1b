"""Which groups may be chosen without telling what a few people did, however choices are combined. Plain Python.

A choice of groups is a set of accounts, and two choices tell of their difference too. All of these are put together from
the parts into which the groups cut the team, the part outside of all of them among them. So groups are opened one after
the other, those with most people first and of equally many the one with the lower id; who is in no group comes last.
A group stays closed where it has too few people, or would cut a part so that too few are left on a side.
"""

from collections.abc import Hashable, Mapping

Group = int | None  # None is who is in no group
Accounts = frozenset[int]


def open_groups(people: Mapping[int, Hashable], groups: Mapping[Group, Accounts], least: int) -> frozenset[Group]:
    """`people` says of every account that is not the viewer's to see whose it is; other accounts tell nothing new.

    `least` people, or none, are on every side.
    """
    parts = {frozenset(people)} if people else set[Accounts]()
    inside = {group: accounts & people.keys() for group, accounts in groups.items()}
    opened: set[Group] = set()
    for group in sorted(inside, key=lambda group: _place(group, _count(people, inside[group]))):
        chosen = frozenset(inside[group])
        cut = {part for part in parts if chosen & part and part - chosen}
        pieces = {piece for part in cut for piece in (part & chosen, part - chosen)}
        if all(_count(people, piece) >= least for piece in ({chosen} if chosen else set()) | pieces):
            parts = (parts - cut) | pieces
            opened.add(group)
    return frozenset(opened)


def _count(people: Mapping[int, Hashable], accounts: Accounts) -> int:
    return len({people[account] for account in accounts})


def _place(group: Group, count: int) -> tuple[bool, int, int]:
    return group is None, -count, group or 0
