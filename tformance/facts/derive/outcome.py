"""What kind of change it was for production: what it says it reverts, and whether it was a hotfix."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tformance.facts.records import PullRequestRecord

_BODY: Final = re.compile(r"^Reverts (?P<repository>[\w.-]+/[\w.-]+)?#(?P<number>\d{1,9})\b", re.MULTILINE)
_BRANCH: Final = re.compile(r"^revert-(\d{1,9})-(.+)")
_COMMIT: Final = re.compile(r"^This reverts commit ([0-9a-f]{40})\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class HotfixRule:
    """Any one of them makes a hotfix; in lower case, and every character stands for itself."""

    labels: tuple[str, ...]
    branches: tuple[str, ...]  # prefixes
    titles: tuple[str, ...]  # prefixes

    def matches(self, labels: Iterable[str], branch: str, title: str) -> bool:
        return (
            any(label.lower() in self.labels for label in labels)
            or branch.lower().startswith(self.branches)
            or title.lower().startswith(self.titles)
        )


HOTFIX: Final = HotfixRule(labels=("hotfix",), branches=("hotfix/",), titles=("hotfix:", "hotfix(", "[hotfix]"))


def is_hotfix(record: PullRequestRecord, rule: HotfixRule) -> bool:
    return rule.matches(record.labels, record.head_ref, record.title)


def revert_claims(record: PullRequestRecord) -> tuple[str, ...]:
    """What it says it reverts, the best word first: `#12` of the same repository, `#12:topic` if it came from that
    branch, or the sha of a commit.

    A title never says it, and whether a claim is true depends on whether there is such a pull request.
    """
    return tuple(dict.fromkeys(_claims(record)))


def _claims(record: PullRequestRecord) -> Iterator[str]:
    for said in _BODY.finditer(record.body):
        if said["repository"] is None or said["repository"].lower() == _repository(record).lower():
            yield f"#{int(said['number'])}"
    if named := _BRANCH.match(record.head_ref):
        yield f"#{int(named[1])}:{named[2]}"
    yield from _COMMIT.findall(record.body)
    yield from _reverted_commits(record)


def _repository(record: PullRequestRecord) -> str:
    """OWNER/NAME out of …/OWNER/NAME/pull/12."""
    return "/".join(record.url.split("/")[-4:-2])


def _reverted_commits(record: PullRequestRecord) -> Iterator[str]:
    """Only where there is nothing else in it: one reverting commit among others does not make it a revert."""
    if record.commits is None or not record.commits.complete:
        return
    own = [_COMMIT.findall(commit.message) for commit in record.commits.items if not commit.is_merge]
    if all(own):
        for shas in own:
            yield from shas
