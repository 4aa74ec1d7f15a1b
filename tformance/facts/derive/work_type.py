"""What kind of work a pull request says it is. The first word that says it wins: title, then labels, then branch.

Nothing is guessed from prose: without such a word the kind is not known, and ''.
"""

import re
from typing import Final, Literal

from tformance.facts.records import PullRequestRecord

WorkType = Literal["feature", "fix", "refactoring", "performance", "test", "docs", "maintenance", "revert", ""]

_WORDS: Final[dict[WorkType, tuple[str, ...]]] = {
    "feature": ("feat", "feature", "features", "enhancement", "new feature", "story"),
    "fix": ("fix", "fixes", "bug", "bugs", "bugfix", "hotfix", "defect", "regression"),
    "refactoring": ("refactor", "refactoring", "cleanup", "tech debt", "technical debt"),
    "performance": ("perf", "performance"),
    "test": ("test", "tests", "testing"),
    "docs": ("docs", "doc", "documentation"),
    "maintenance": ("chore", "build", "ci", "style", "deps", "dependencies", "dependency", "maintenance", "release"),
    "revert": ("revert",),
}
_TYPE_OF: Final[dict[str, WorkType]] = {word: kind for kind, words in _WORDS.items() for word in words}
_TITLE: Final = re.compile(r"^(?:(?P<plain>[a-z]+)(?:\([^()]*\))?!?:|\[(?P<boxed>[a-z]+)\])\s*\S", re.IGNORECASE)
_GROUP: Final = re.compile(r"^(?:type|kind|t|category)\s*[:/]\s*", re.IGNORECASE)


def work_type(record: PullRequestRecord) -> WorkType:
    said = _TITLE.match(record.title)
    words = [said["plain"] or said["boxed"]] if said else []
    words += [_GROUP.sub("", label) for label in record.labels]
    folder, slash, _ = record.head_ref.partition("/")
    words += [folder] if slash else []
    known = (_TYPE_OF.get(re.sub(r"[\s_-]+", " ", word).strip().lower()) for word in words)
    return next((kind for kind in known if kind), "")
