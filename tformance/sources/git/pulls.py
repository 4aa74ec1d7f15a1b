"""Pull requests as a clone shows them: what merge and squash commits on the main line say about themselves.

A subject that ends in "(#n)" is taken for a squashed pull request. Somebody who mentions an issue that way in a direct
commit cannot be told apart; of several commits with the same number the oldest is the pull request.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

_GITHUB_MERGE = re.compile(r"Merge pull request #(?P<number>\d+) from (?:[^/\s]+/)?(?P<branch>\S+)")
_SQUASH = re.compile(r".*\(#(?P<number>\d+)\)\s*", re.DOTALL)
_GITLAB_MERGE = re.compile(r"Merge branch '(?P<branch>[^']+)'")
_GITLAB_NUMBER = re.compile(r"^See merge request \S*!(?P<number>\d+)\s*$", re.MULTILINE)
_TITLE_MERGE = re.compile(r"Merge '(?P<title>.+)' from ")
_CLOSES = re.compile(r"^Closes #(?P<number>\d+)\s*$", re.MULTILINE)
_LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Pull:
    """`title` and `branch` are empty where the commit does not say them."""

    number: int
    kind: Literal["merge", "squash"]
    title: str
    branch: str = ""


def recognise(message: str, is_merge: bool) -> Pull | None:
    """The pull request that a commit on the main line brought in, if it says so."""
    subject, _, body = message.partition("\n")
    pull = _merged(subject, body) if is_merge else _squashed(subject)
    return pull if pull and 0 < pull.number <= _LARGEST else None


def _squashed(subject: str) -> Pull | None:
    found = _SQUASH.fullmatch(subject)
    return Pull(int(found["number"]), "squash", subject[: found.start("number") - 2].rstrip()) if found else None


def _merged(subject: str, body: str) -> Pull | None:
    if found := _GITHUB_MERGE.match(subject):
        return Pull(int(found["number"]), "merge", _first_line(body), found["branch"])
    if (found := _GITLAB_MERGE.match(subject)) and (number := _GITLAB_NUMBER.search(body)):
        return Pull(int(number["number"]), "merge", _first_line(body), found["branch"])
    if (found := _TITLE_MERGE.match(subject)) and (number := _CLOSES.search(body)):
        return Pull(int(number["number"]), "merge", found["title"])
    return None


def _first_line(body: str) -> str:
    return next((line.strip() for line in body.splitlines() if line.strip()), "")


class PullFinder:
    """Collects the pull requests of a main line while its commits go by in any order."""

    def __init__(self, main_line: Sequence[str]) -> None:
        self._age = {sha: age for age, sha in enumerate(main_line)}
        self._by_number: dict[int, tuple[int, str, Pull]] = {}
        self.repeats = 0  # commits that name a number another one brought in

    def see(self, sha: str, message: str, is_merge: bool) -> None:
        age = self._age.get(sha)
        pull = recognise(message, is_merge) if age is not None else None
        if pull is None or age is None:
            return
        known = self._by_number.get(pull.number)
        self.repeats += known is not None
        if known is None or known[0] < age:
            self._by_number[pull.number] = (age, sha, pull)

    def found(self) -> dict[str, Pull]:
        """By the commit that brought it in."""
        return {sha: pull for _, sha, pull in self._by_number.values()}


def landed_with(main_line: Sequence[str], parents: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """By commit of the main line, the others it brought in: reachable from it but not from its first parent.

    `main_line` is newest first; the lists are in no order. One pass over the history.
    """
    seen: set[str] = set()
    landed: dict[str, list[str]] = {}
    for sha in reversed(main_line):
        seen.add(sha)
        landed[sha] = _unseen_ancestors(parents[sha][1:], parents, seen)
    return landed


def _unseen_ancestors(tips: Sequence[str], parents: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """Marks what it finds as seen; commits behind a shallow border are not known and left out."""
    found: list[str] = []
    waiting = list(tips)
    while waiting:
        sha = waiting.pop()
        if sha not in seen and sha in parents:
            seen.add(sha)
            found.append(sha)
            waiting += parents[sha]
    return found
