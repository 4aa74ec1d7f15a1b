"""Which accounts look like one person's, why, and how sure that is. Plain Python; nothing here is ever applied.

Accounts are looked up by what they have in common, never each with each; what many have in common tells nothing.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Final, Literal

Strength = Literal["certain", "likely", "maybe"]
STRENGTHS: Final[tuple[Strength, ...]] = ("certain", "likely", "maybe")
MOST: Final = 6  # accounts that have the same of something
NO_REPLY: Final = re.compile(r"(?:(?P<id>\d+)\+)?(?P<login>[^+@\s]+)@users\.noreply\.github\.com", re.IGNORECASE)
SHARED_BOXES: Final = frozenset(
    {"admin", "build", "ci", "contact", "dev", "git", "hello", "info", "mail", "me", "root"}
)

Pair = tuple[int, int]  # accounts by id, the lower one first
Keys = Callable[["Known"], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Known:
    """An account and what is known of it. `person` is the member it belongs to.

    `addresses` are of its commits, `verified` those that its owner has proved to have; `names` are its public one and
    those of its commits.
    """

    id: int
    source: str
    provider_id: int
    login: str
    person: int | None = None
    former: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    verified: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """`kind` tells reasons of the same sort apart from others."""

    kind: str
    words: str
    strength: Strength


@dataclass(frozen=True, slots=True)
class Suggestion:
    """These two accounts, and so the people they belong to, may be one person; strongest reason first."""

    one: int
    other: int
    strength: Strength
    reasons: tuple[Reason, ...]


@dataclass(slots=True)
class _Found:
    accounts: Mapping[int, Known]
    apart: Collection[Pair]
    reasons: dict[Pair, set[Reason]] = field(default_factory=lambda: defaultdict(set))

    def add(self, one: Known, other: Known, reason: Reason, *, is_renaming: bool = False) -> None:
        """Two accounts of one source are two people, unless one is what the other was renamed to."""
        if one.id == other.id or (one.source == other.source and not is_renaming):
            return
        if one.person is not None and one.person == other.person:
            return
        pair = (min(one.id, other.id), max(one.id, other.id))
        if pair not in self.apart:
            self.reasons[pair].add(reason)


def suggestions(people: Iterable[Known], apart: Collection[Pair] = frozenset()) -> list[Suggestion]:
    """Of accounts of people: no bots, no deleted ones. Strongest first; of two people at most one, without `apart`."""
    accounts = {each.id: each for each in sorted(people, key=lambda each: each.id)}
    found = _Found(accounts, apart)
    _by_number(found)
    for kind, keys, words, strength in _SHARED:
        _by_what_both_have(found, kind, keys, words, strength)
    _by_local_part(found)
    _by_former_login(found)
    told = [_suggestion(pair, reasons) for pair, reasons in found.reasons.items()]
    return _one_of_each(sorted(told, key=_place), accounts)


def _suggestion(pair: Pair, reasons: Collection[Reason]) -> Suggestion:
    """Two weak reasons of different sorts are a good one."""
    ordered = tuple(sorted(reasons, key=lambda each: (STRENGTHS.index(each.strength), each.kind, each.words)))
    strength = ordered[0].strength
    if strength == "maybe" and len({each.kind for each in ordered}) > 1:
        strength = "likely"
    return Suggestion(*pair, strength, ordered)


def _place(found: Suggestion) -> tuple[int, int, int, int]:
    return STRENGTHS.index(found.strength), -len(found.reasons), found.one, found.other


def _one_of_each(ordered: Iterable[Suggestion], accounts: Mapping[int, Known]) -> list[Suggestion]:
    seen: set[tuple[int, int]] = set()
    kept = []
    for each in ordered:
        sides = sorted(_side(accounts[key]) for key in (each.one, each.other))
        if (sides[0], sides[1]) not in seen:
            seen.add((sides[0], sides[1]))
            kept.append(each)
    return kept


def _side(account: Known) -> int:
    """Below zero an account that is nobody's so far."""
    return -account.id if account.person is None else account.person


def _by_number(found: _Found) -> None:
    """GitHub's no-reply address has the account's number in it, which nobody else ever has."""
    by_number = {each.provider_id: each for each in found.accounts.values() if each.source == "github"}
    for each in found.accounts.values():
        for address in each.addresses:
            match = NO_REPLY.fullmatch(address)
            owner = by_number.get(int(match["id"])) if match and match["id"] else None
            if owner:
                words = f"Commits carry {address}, which is the GitHub account {owner.login}"
                found.add(each, owner, Reason("number", words, "certain"))


def _addresses(account: Known) -> Iterator[str]:
    return (address.casefold() for address in account.addresses | account.verified if "noreply" not in address)


def _logins(account: Known) -> Iterator[str]:
    """Its own, and what no-reply addresses without a number say."""
    yield account.login.casefold()
    matches = (NO_REPLY.fullmatch(address) for address in account.addresses)
    yield from (match["login"].casefold() for match in matches if match and not match["id"])


def _names(account: Known) -> Iterator[str]:
    """First and last name at least: many are called Alex."""
    words = (" ".join(name.casefold().split()) for name in account.names)
    return (name for name in words if " " in name)


_SHARED: Final[tuple[tuple[str, Keys, str, Strength], ...]] = (
    ("address", _addresses, "Both use the address {}", "likely"),
    ("login", _logins, "Both are called {}", "likely"),
    ("name", _names, "Both have the name {}", "maybe"),
)


def _by_what_both_have(found: _Found, kind: str, keys: Keys, words: str, strength: Strength) -> None:
    for key, group in _groups((key, each) for each in found.accounts.values() for key in set(keys(each))):
        for one, other in combinations(group, 2):
            is_proved = kind == "address" and _has_proved(one, key) and _has_proved(other, key)
            how = Reason(kind, words.format(_as_written(one, key)), "certain" if is_proved else strength)
            found.add(one, other, how)


def _as_written(account: Known, key: str) -> str:
    return next((name for name in sorted(account.names) if " ".join(name.casefold().split()) == key), key)


def _has_proved(account: Known, address: str) -> bool:
    return any(address == each.casefold() for each in account.verified)


def _by_local_part(found: _Found) -> None:
    """The login of the one is what stands before the @ in an address of the other."""
    by_login = dict(_groups((each.login.casefold(), each) for each in found.accounts.values()))
    holders: dict[str, list[tuple[str, Known]]] = defaultdict(list)
    for each in found.accounts.values():
        for address in sorted(set(_addresses(each))):
            holders[address.partition("@")[0]].append((address, each))
    for local, addresses in holders.items():
        if local in SHARED_BOXES or len(addresses) > MOST:
            continue
        for (address, holder), owner in product(addresses, by_login.get(local, ())):
            words = f"{owner.login} is how the address {address} begins"
            found.add(holder, owner, Reason("local", words, "maybe"))


def _by_former_login(found: _Found) -> None:
    """A login that was given up can be somebody else's by now, so it alone is not much."""
    named = ((login.casefold(), each) for each in found.accounts.values() for login in (each.login, *each.former))
    for login, group in _groups(named):
        for one, other in combinations(group, 2):
            was = [each for each in (one, other) if login in {former.casefold() for former in each.former}]
            if was:
                words = f"{was[0].login} was called {login} before"
                found.add(one, other, Reason("former", words, "maybe"), is_renaming=True)


def _groups(told: Iterable[tuple[str, Known]]) -> Iterator[tuple[str, list[Known]]]:
    """Accounts that have the same, two at least and few enough for it to tell something; or one, for looking up."""
    groups: dict[str, dict[int, Known]] = defaultdict(dict)
    for key, each in told:
        if key:
            groups[key][each.id] = each
    return ((key, list(group.values())) for key, group in groups.items() if len(group) <= MOST)
