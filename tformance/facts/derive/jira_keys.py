"""Which issues a text names. Only keys of known projects count: nothing else tells WEB-12 from UTF-8."""

import re
from collections.abc import Collection, Iterator
from typing import Final

# A letter or digit before or behind it makes it a part of something else; a key has no leading zero.
_CANDIDATE: Final = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9_]{1,49})-([1-9][0-9]{0,8})(?![A-Za-z0-9])")


def extract_jira_keys(text: str, projects: Collection[str], *, any_case: bool = False) -> tuple[str, ...]:
    """Keys in the text in their order, each once, in capitals. `projects` are the known projects' keys in capitals.

    `any_case` is for branches, where people write keys in lower case too.
    """
    return tuple(dict.fromkeys(_keys(text, projects, any_case)))


def extract_jira_key(text: str, projects: Collection[str], *, any_case: bool = False) -> str:
    """The first key in the text, '' where there is none."""
    return next(_keys(text, projects, any_case), "")


def _keys(text: str, projects: Collection[str], any_case: bool) -> Iterator[str]:
    if not projects:
        return
    for word, number in _CANDIDATE.findall(text):
        for name in _names(word):
            if name.upper() in projects and (any_case or name == name.upper()):
                yield f"{name.upper()}-{number}"
                break


def _names(word: str) -> Iterator[str]:
    """The whole word, then what is left behind each underscore: `fix_WEB` may mean WEB."""
    while word:
        yield word
        _, _, word = word.partition("_")
