"""What looks like one person is said with its reasons, for few and for many accounts."""

import sys
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.curation.resemblance import STRENGTHS, Known, suggestions


def account(key: int, source: str = "github", **fields: object) -> Known:
    given = {"provider_id": 1000 + key, "login": f"login-{key}"}
    return Known(id=key, source=source, **(given | fields))  # type: ignore[arg-type]


def told(*accounts: Known, apart: frozenset[tuple[int, int]] = frozenset()) -> list[tuple[int, int, str, list[str]]]:
    return [
        (each.one, each.other, each.strength, [why.kind for why in each.reasons])
        for each in suggestions(accounts, apart)
    ]


def test_a_no_reply_address_names_the_account_for_certain() -> None:
    clone = account(2, "git", login="ada-old", addresses=frozenset({"1001+ada-old@users.noreply.github.com"}))
    assert told(account(1, login="ada"), clone) == [(1, 2, "certain", ["number"])]
    (found,) = suggestions([account(1, login="ada"), clone])
    assert "1001+ada-old@users.noreply.github.com" in found.reasons[0].words


def test_a_no_reply_address_without_a_number_names_a_login_that_may_be_anothers_by_now() -> None:
    clone = account(2, "git", login="x", addresses=frozenset({"Ada@users.noreply.github.com"}))
    assert told(account(1, login="ada"), clone) == [(1, 2, "likely", ["login"])]


@pytest.mark.parametrize(
    ("proved", "strength"), [((True, True), "certain"), ((True, False), "likely"), ((False, False), "likely")]
)
def test_one_address_is_certain_where_both_have_proved_it(proved: tuple[bool, bool], strength: str) -> None:
    def having(key: int, source: str, is_proved: bool) -> Known:
        mine = frozenset({"Ada@Acme.example" if key == 1 else "ada@acme.example"})
        return account(key, source, **{"verified" if is_proved else "addresses": mine})

    one, other = having(1, "github", proved[0]), having(2, "jira", proved[1])
    assert told(one, other) == [(1, 2, strength, ["address"])]


def test_a_name_or_the_beginning_of_an_address_alone_is_little_and_both_are_more() -> None:
    named = {"names": frozenset({"Ada Lovelace"})}
    login, address = account(1, login="ada"), account(2, "git", addresses=frozenset({"ada@acme.example"}))
    assert told(login, address) == [(1, 2, "maybe", ["local"])]
    one, other = account(1, names=frozenset({"ada  lovelace"})), account(2, "git", **named)
    assert told(one, other) == [(1, 2, "maybe", ["name"])]
    both = [
        account(1, login="ada", **named),
        account(2, "git", addresses=frozenset({"ada@acme.example"}), **named),
    ]
    assert told(*both) == [(1, 2, "likely", ["local", "name"])]


def test_first_names_shared_mailboxes_and_what_many_have_say_nothing() -> None:
    alex = {"names": frozenset({"Alex"}), "addresses": frozenset({"info@acme.example"})}
    assert (
        told(account(1, login="info"), account(2, "git", names=frozenset({"Alex"})), account(3, "jira", **alex)) == []
    )
    team = frozenset({"team@acme.example"})
    assert told(*(account(key, f"source-{key}", addresses=team) for key in range(20))) == []


def test_two_accounts_of_one_source_are_two_people_unless_one_was_renamed() -> None:
    named = {"names": frozenset({"Ada Lovelace"}), "verified": frozenset({"ada@acme.example"})}
    assert told(account(1, **named), account(2, **named)) == []
    assert told(account(1, login="ada"), account(2, login="countess", former=("ada",))) == [(1, 2, "maybe", ["former"])]


def test_who_is_one_person_already_or_was_kept_apart_is_not_suggested() -> None:
    same = {"verified": frozenset({"ada@acme.example"})}
    pair = account(1, person=7, **same), account(2, "git", person=7, **same)
    assert told(*pair) == []
    apart = account(1, person=7, **same), account(2, "git", person=8, **same)
    assert told(*apart) == [(1, 2, "certain", ["address"])]
    assert told(*apart, apart=frozenset({(1, 2)})) == []


def test_two_people_are_suggested_once_by_their_strongest_accounts() -> None:
    same = frozenset({"ada@acme.example"})
    found = told(
        account(1, person=7, login="ada"),
        account(2, "jira", person=7, addresses=same),
        account(3, "git", addresses=same, login="ada"),
    )
    assert found == [(1, 3, "likely", ["login", "local"])] or found == [(2, 3, "likely", ["address"])]
    assert len(found) == 1


WORDS = st.sampled_from(["ada", "bob", "eve", "info", ""])
ADDRESSES = st.one_of(
    WORDS.map(lambda word: f"{word}@acme.example"),
    WORDS.map(lambda word: f"{word}@users.noreply.github.com"),
    st.integers(0, 9).map(lambda key: f"{key}+ada@users.noreply.github.com"),
    st.text("aA@+.0 ßé漢\u202e", max_size=12),
)


@st.composite
def populations(draw: st.DrawFn) -> list[Known]:
    return [
        Known(
            id=key,
            source=draw(st.sampled_from(["github", "git", "jira"])),
            provider_id=draw(st.integers(0, 9)),
            login=draw(WORDS),
            person=draw(st.one_of(st.none(), st.integers(1, 3))),
            former=tuple(draw(st.lists(WORDS, max_size=2))),
            names=frozenset(draw(st.lists(st.sampled_from(["Ada L", "Bob M", "Eve", " "]), max_size=2))),
            addresses=frozenset(draw(st.lists(ADDRESSES, max_size=3))),
            verified=frozenset(draw(st.lists(ADDRESSES, max_size=1))),
        )
        for key in range(1, draw(st.integers(0, 8)) + 1)
    ]


@given(people=populations(), shuffled=st.randoms(use_true_random=False))
def test_whatever_is_known_the_rules_hold_and_the_order_does_not_matter(people: list[Known], shuffled: object) -> None:
    by_id = {each.id: each for each in people}
    found = suggestions(people)
    others = list(people)
    shuffled.shuffle(others)  # type: ignore[attr-defined]
    assert suggestions(others) == found
    assert [STRENGTHS.index(each.strength) for each in found] == sorted(
        STRENGTHS.index(each.strength) for each in found
    )
    for each in found:
        one, other = by_id[each.one], by_id[each.other]
        assert each.one < each.other
        assert each.reasons
        assert one.person is None or one.person != other.person
        if one.source == other.source:
            assert {why.kind for why in each.reasons} == {"former"}
    for first, second in combinations(found, 2):
        sides = [{by_id[key].person or -key for key in (each.one, each.other)} for each in (first, second)]
        assert sides[0] != sides[1]
    pairs = frozenset((each.one, each.other) for each in found)
    assert not pairs & {(each.one, each.other) for each in suggestions(people, pairs)}


def test_work_grows_with_the_accounts_and_not_with_their_pairs() -> None:
    def population(count: int) -> list[Known]:
        return [
            account(
                key,
                "github" if key % 2 else "git",
                login=f"user{key // 2}",
                names=frozenset({f"First Last{key // 2}", "Same Name"}),
                addresses=frozenset({f"user{key // 2}@acme.example", "shared@acme.example"}),
            )
            for key in range(count)
        ]

    def calls(count: int) -> int:
        people, found = population(count), Counter[str]()
        sys.setprofile(lambda _frame, event, _argument: found.update([event]))
        try:
            assert len(suggestions(people)) == count // 2
        finally:
            sys.setprofile(None)
        return found.total()

    assert calls(5000) < 12 * calls(500)  # all pairs would take a hundred times as many
