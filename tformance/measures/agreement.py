"""How often each two reviewers of the same pull requests agree. Call it inside `tenant()`."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from tformance.facts.models.review import PRReview
from tformance.measures.guard import current_viewer
from tformance.measures.labels import labels_of
from tformance.measures.narrow import filtered, within
from tformance.measures.query import Filters, Period
from tformance.measures.result import Key
from tformance.measures.rows.reviews import LAST_WORDS

LEAST = 5

Two = tuple[int, int]  # accounts
Both = list[tuple[bool, bool]]  # whether each approved


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, by name: `n` pull requests both gave a verdict on, the share on which it was the same, and Cohen's kappa.

    Kappa is None where each of the two always says the same thing: chance alone would give that agreement.
    """

    first: Key
    second: Key
    n: int
    share: float
    kappa: float | None


def pairs(filters: Filters, period: Period) -> tuple[Pair, ...]:
    """Every two people with at least five pull requests in common, in the order of their names; two statements.

    Of those only who are both the viewer's to see: what one of two said tells of the other.
    """
    said = filtered(LAST_WORDS, filters).filter(within(LAST_WORDS.anchor, period.start, period.end))
    verdicts: dict[int, dict[int, bool]] = defaultdict(dict)
    for pull, author, state in said.values_list("pull_request_id", "author_id", "state"):
        verdicts[pull][author] = state == PRReview.State.APPROVED
    common: dict[Two, Both] = defaultdict(list)
    for given in verdicts.values():
        for one, other in combinations(sorted(given), 2):
            common[one, other].append((given[one], given[other]))
    enough = _theirs({two: both for two, both in common.items() if len(both) >= LEAST})
    labels = labels_of({"author": {person for two in enough for person in two}})
    people = {person: Key(person, labels["author", person]) for two in enough for person in two}
    found = [_pair(people[one], people[other], both) for (one, other), both in enough.items()]
    return tuple(sorted(found, key=lambda pair: (pair.first.label.casefold(), pair.second.label.casefold())))


def _theirs(found: dict[Two, Both]) -> dict[Two, Both]:
    viewer = current_viewer()
    return {two: both for two, both in found.items() if all(viewer.may_see([person]) for person in two)}


def _pair(one: Key, other: Key, both: Both) -> Pair:
    if other.label.casefold() < one.label.casefold():
        one, other = other, one
    n = len(both)
    share = sum(left == right for left, right in both) / n
    left_yes, right_yes = (sum(pair[side] for pair in both) / n for side in (0, 1))
    chance = left_yes * right_yes + (1 - left_yes) * (1 - right_yes)
    return Pair(one, other, n, share, None if chance == 1 else (share - chance) / (1 - chance))
