"""Groups that may be chosen: however choices are combined, nobody learns what fewer people did than a team allows."""

from collections import defaultdict
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from tformance.accounts.models import LEAST_PEOPLE
from tformance.measures.open_groups import Accounts, Group, open_groups
from tformance.measures.tests.conftest import examples

NAMES: tuple[Group, ...] = (1, 2, 3, 4, 5)
# Whose each account is, groups, seen accounts, and how many people are enough.
Team = tuple[dict[int, int], dict[Group, Accounts], Accounts, int]

often = settings(max_examples=examples(300), deadline=None)
# So many people are in exactly these groups, some of them with a second account, and some of them are seen anyway.
blocks = st.lists(
    st.tuples(st.integers(1, 14), st.frozensets(st.sampled_from(NAMES)), st.integers(0, 3), st.integers(0, 3)),
    min_size=1,
    max_size=9,
)


@st.composite
def teams(draw: st.DrawFn) -> Team:
    people: dict[int, int] = {}
    members: dict[Group, set[int]] = defaultdict(set)
    seen: set[int] = set()
    for size, groups, doubled, known in draw(blocks):
        first = len(people)
        fresh = [*range(first, first + size)]
        owners = [*fresh[: size - min(doubled, size - 1)], *fresh[: min(doubled, size - 1)]]
        people |= dict(zip(fresh, owners, strict=True))
        seen |= {account for account in fresh if people[account] in fresh[:known]}
        for group in groups or {None}:
            members[group] |= set(fresh)
    least = draw(st.integers(LEAST_PEOPLE, 12))
    return people, {group: frozenset(accounts) for group, accounts in members.items()}, frozenset(seen), least


def opened(team: Team) -> frozenset[Group]:
    people, groups, seen, least = team
    return open_groups({account: who for account, who in people.items() if account not in seen}, groups, least)


def told_of(team: Team, accounts: Accounts) -> int:
    """How many people the numbers of these accounts are of, once those are taken out that are seen anyway."""
    people, _, seen, _ = team
    return len({people[account] for account in accounts - seen})


@given(teams(), st.data())
@often
def test_no_combination_of_open_groups_tells_of_too_few_people(team: Team, data: st.DataObject) -> None:
    people, groups, _, least = team
    everybody = frozenset(people)
    choices = st.lists(st.sampled_from(sorted(opened(team), key=str)), max_size=4) if opened(team) else st.just([])
    found = everybody
    for _step in range(data.draw(st.integers(1, 6))):
        chosen: Accounts = frozenset().union(*(groups[group] for group in data.draw(choices)))
        how = data.draw(st.sampled_from(["and", "or", "without", "the others"]))
        found = {
            "and": found & chosen,
            "or": found | chosen,
            "without": found - chosen,
            "the others": everybody - found,
        }[how]
        assert told_of(team, found) >= least or told_of(team, found) in (0, told_of(team, everybody))


@given(teams())
@often
def test_every_part_that_open_groups_cut_the_team_into_is_large_enough(team: Team) -> None:
    people, groups, seen, least = team
    parts: dict[frozenset[Group], set[int]] = defaultdict(set)
    for account in people.keys() - seen:
        parts[frozenset(group for group in opened(team) if account in groups[group])].add(account)
    sizes = [told_of(team, frozenset(part)) for part in parts.values()]
    assert len(sizes) <= 1 or min(sizes) >= least


@given(teams())
@often
def test_a_closed_group_would_tell(team: Team) -> None:
    people, groups, seen, least = team
    parts: dict[frozenset[Group], Accounts] = defaultdict(frozenset)
    for account in people.keys() - seen:
        parts[frozenset(group for group in opened(team) if account in groups[group])] |= {account}
    for group in groups.keys() - opened(team):
        pieces = [piece for part in parts.values() for piece in (part & groups[group], part - groups[group])]
        assert any(0 < told_of(team, piece) < least for piece in pieces)


@given(teams(), st.randoms())
@often
def test_which_are_open_does_not_follow_from_the_order_of_rows(team: Team, random: object) -> None:
    people, groups, seen, least = team
    accounts, names = list(people), list(groups)
    for rows in (accounts, names):
        random.shuffle(rows)  # type: ignore[attr-defined]
    shuffled = {account: people[account] for account in accounts}, {name: groups[name] for name in names}, seen, least
    assert opened(shuffled) == opened(team)


def alone(size: int, groups: Mapping[Group, range], seen: range = range(0), least: int = 5) -> frozenset[Group]:
    """So many people with one account each."""
    members = {group: frozenset(accounts) for group, accounts in groups.items()}
    return opened(({account: account for account in range(size)}, members, frozenset(seen), least))


def test_five_are_enough_and_four_are_not() -> None:
    assert alone(20, {1: range(5)}) == {1}
    assert alone(20, {1: range(4)}) == set()


def test_the_others_must_be_five_as_well() -> None:
    assert alone(10, {1: range(5)}) == {1}
    assert alone(9, {1: range(5)}) == set()


def test_a_team_may_ask_for_more_than_five() -> None:
    assert alone(20, {1: range(8)}, least=8) == {1}
    assert alone(20, {1: range(7)}, least=8) == set()
    assert alone(15, {1: range(8)}, least=8) == set(), "seven are left"


@given(teams())
@often
def test_asking_for_more_opens_no_larger_number_of_people_to_fewer(team: Team) -> None:
    """Whatever is open when more are asked for has at least so many people, and so would be told anyway if it stood alone."""
    people, groups, seen, least = team
    for group in opened((people, groups, seen, least + 3)):
        assert told_of(team, groups[group]) >= least + 3 or not told_of(team, groups[group])


def test_of_two_groups_that_differ_by_few_the_larger_is_open() -> None:
    assert alone(30, {1: range(7), 2: range(9)}) == {2}
    assert alone(30, {1: range(6), 2: range(11)}) == {1, 2}
    assert alone(30, {1: range(6), 2: range(5, 11)}) == {1}, "one person is in both"


def test_of_two_as_large_the_one_with_the_lower_id_is_open() -> None:
    assert alone(30, {7: range(6), 4: range(2, 8)}) == {4}


def test_who_is_in_no_group_comes_last() -> None:
    assert alone(30, {1: range(6), None: range(6, 30)}) == {1, None}
    assert alone(30, {1: range(6), 2: range(6, 8), None: range(8, 30)}) == {1}, "the difference are the two of 2"


def test_whom_the_viewer_sees_anyway_hide_nobody() -> None:
    assert alone(30, {1: range(6)}, seen=range(1)) == {1}
    assert alone(30, {1: range(6)}, seen=range(2)) == set()
    assert alone(30, {1: range(6)}, seen=range(6)) == {1}


def test_a_group_of_the_whole_small_team_is_closed() -> None:
    assert alone(3, {1: range(3)}) == set()
