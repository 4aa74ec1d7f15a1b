"""What a pull request is found by: the words of its title, its number, and its labels."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from django.db import models

from tformance.accounts.models import TenantModel
from tformance.facts.models.pull_request import PullRequest

WORD: Final = re.compile(r"[^\W_]+")
LONGEST: Final = 200  # characters that are told apart; an entry of an index has 2,700 bytes at most
FIRST, LAST = " ", "\U0010ffff"  # come before and behind every character of a word


class PRTerm(TenantModel):
    """A term of a pull request, its kind in front: `word:ledger`, `label:bug`, `label:` of one without labels.

    Rows of their own, as no index of arrays or of parts of a text is read behind row-level security. They follow from
    the pull request, see `terms`.
    """

    pull_request = models.ForeignKey(PullRequest, on_delete=models.CASCADE, related_name="terms", db_index=False)
    term = models.TextField(db_collation="C")  # beginnings are ranges

    class Meta:
        constraints = [
            # In the order of pull requests, so that what has several terms is found by walking side by side.
            models.UniqueConstraint(fields=["team", "term", "pull_request"], name="pr_term_once"),
        ]
        indexes = [models.Index(fields=["team", "pull_request", "term"], name="pr_term_of_pull_request")]

    def __str__(self) -> str:
        return self.term


def terms(title: str, number: int, labels: Iterable[str]) -> set[str]:
    """All terms of a pull request."""
    found = {f"word:{word}" for word in (*words(title), str(number))}
    return found | {label_term(label) for label in labels or ("",)}


def words(text: str) -> Iterator[str]:
    """Letters and digits between anything else, without a difference of case."""
    for word in WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        yield word[:LONGEST]


def label_term(label: str) -> str:
    """'' is having none."""
    return f"label:{label[:LONGEST]}"


def word_range(word: str) -> tuple[str, str]:
    """From the first to before the last term of words that begin like this; a number is meant as a whole."""
    first = f"word:{word}"
    return first, first + (FIRST if word.isdecimal() else LAST)
