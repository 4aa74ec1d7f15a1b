"""What a pull request is found by follows its title, number and labels."""

from collections.abc import Iterable

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.models.term import LONGEST, PRTerm, terms, words


@pytest.fixture
def team(db: None) -> Team:
    return t.team()


def stored(team: Team) -> set[str]:
    with tenant(team.id):
        return set(PRTerm.objects.values_list("term", flat=True))


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("fix(cart): Don't lose ITEMS", ["fix", "cart", "don", "t", "lose", "items"]),
        ("Revert #77 in snake_case", ["revert", "77", "in", "snake", "case"]),
        ("Straße, Éclair, ﬁle", ["strasse", "éclair", "file"]),
        ("🔥 — !", []),
    ],
)
def test_words_are_letters_and_digits_without_a_difference_of_case(title: str, expected: Iterable[str]) -> None:
    assert list(words(title)) == expected
    assert list(words(title.upper())) == expected


def test_terms_are_stored_with_the_pull_request_and_follow_it(team: Team) -> None:
    t.write(team, t.page(t.pull_request(7, title="Add the cart", labels=("bug", "UI"))))
    assert stored(team) == {"word:add", "word:the", "word:cart", "word:7", "label:bug", "label:UI"}
    changed = t.pull_request(7, title="Add the till", updated_at=t.at(9))
    t.write(team, t.page(changed, fetched_at=t.at(30)))
    assert stored(team) == {"word:add", "word:the", "word:till", "word:7", "label:"}


def test_terms_that_are_longer_than_an_index_takes_are_told_apart_by_their_beginnings(team: Team) -> None:
    t.write(team, t.page(t.pull_request(7, title="x" * 9_000, labels=("é" * 9_000,))))
    assert (
        stored(team)
        == {"word:" + "x" * LONGEST, "word:7", "label:" + "é" * LONGEST}
        == terms("x" * 9_000, 7, ["é" * 9_000])
    )
