"""What stands in place of words that told who somebody was: in records that are read, and in texts that are stored.

Words are compared by their runs of letters and digits, so that `mara-lind`, "Mara Lind" and `mara_lind` are one. Only
digests of them are known.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final, NamedTuple, TypeVar

from tformance.facts.derive import ai
from tformance.facts.derive.signatures import ENDINGS
from tformance.facts.records import (
    ActorRecord,
    CommentRecord,
    CommitRecord,
    RepositoryRecord,
    ReviewRecord,
    SeatRecord,
    UsageDayRecord,
)

RUN: Final = re.compile(r"[^\W_]+")
LONG: Final = 6  # letters from which on a single word is hardly an ordinary one
REMOVED: Final = "(removed with the person)"

# Columns and fields in which people write or are named; everything else is a key or a word of the provider's own.
TEXTS: Final = frozenset(
    {
        *(
            "login",
            "former_logins",
            "email",
            "github_username",
            "name",
            "display_name",
            "slug",
            "parent_slug",
            "who",
            "about",
        ),
        *("author_name", "author_email", "committer_name", "committer_email", "message"),
        *("title", "summary", "body", "labels", "head_ref", "base_ref", "revert_claims", "child_sets", "path"),
        *("subject", "before", "after", "ref", "environment", "tag", "last_editor", "raw"),
        *("query", "reason", "error", "gaps", "memory", "cursor"),
        *("hotfix_labels", "hotfix_branches", "hotfix_titles", "production", "not_production"),
    }
)
# There a short login stands for the person when it is all that is said.
NAMES: Final = frozenset({"author_email", "committer_email", "github_username", "login", "subject"})

T = TypeVar("T")


class Word(NamedTuple):
    """Whose word it is, by the number of the pseudonym; one that is plain counts only where it is certainly meant."""

    number: int
    is_plain: bool


class Runs(NamedTuple):
    """What is kept of a word."""

    digest: str
    first: str
    many: int
    is_plain: bool


def name_of(number: int) -> str:
    return f"Former colleague {number}"


def login_of(number: int) -> str:
    return f"former-colleague-{number}"


def address_of(number: int) -> str:
    return f"{login_of(number)}@erased.invalid"


def runs_of(text: str) -> list[str]:
    return [_folded(match[0]) for match in RUN.finditer(text)]


def kept_of(text: str, key: bytes) -> Runs | None:
    """None where it has neither letters nor digits."""
    runs = runs_of(text)
    if not runs:
        return None
    return Runs(_digest(" ".join(runs), key), _digest(runs[0], key), len(runs), is_plain(text))


def is_plain(text: str) -> bool:
    """Whether it may be an ordinary word."""
    runs = runs_of(text)
    return len(runs) == 1 and len(runs[0]) < LONG and runs[0].isalpha()


class Forgotten:
    """All who were erased in a team. `learned` are further words of theirs that were met, with the number."""

    def __init__(
        self,
        key: bytes,
        words: Mapping[str, Word],
        firsts: Mapping[str, tuple[int, ...]],
        accounts: Mapping[tuple[str, int], int],
    ) -> None:
        """`firsts` maps the digest of a first run to how many runs words that begin so have, the most first."""
        self._key = key
        self._words = words
        self._firsts = firsts
        self._accounts = accounts
        self.learned: set[tuple[int, str]] = set()

    def text(self, text: str, field: str = "") -> str:
        """The same where nobody is named."""
        found = list(RUN.finditer(text)) if text else []
        done, place, parts = 0, 0, []
        while place < len(found):
            count, word = self._longest(found, place)
            start, end = found[place].start(), found[place + count - 1].end()
            if word and (not word.is_plain or _is_meant(text, start, end, field)):
                parts += [text[done:start], _instead(text[start:end], word.number, field)]
                done, place = end, place + count
            else:
                place += 1
        return "".join((*parts, text[done:])) if parts else text

    def value(self, value: Any, field: str) -> Any:
        """A text, or all texts in a list or in JSON."""
        if isinstance(value, str):
            return self.text(value, field)
        if isinstance(value, list | tuple):
            return type(value)(self.value(each, field) for each in value)
        if isinstance(value, dict):
            return {self.text(str(key), field): self.value(each, field) for key, each in value.items()}
        return value

    def number_of(self, text: str) -> int | None:
        """Whose word exactly this is."""
        known = kept_of(text, self._key)
        word = self._words.get(known.digest) if known else None
        return word.number if word else None

    def signature(
        self, name: str, address: str, number: int | None = None, *, is_anothers: bool = False
    ) -> tuple[str, str]:
        """Of a commit; `number` is of the account it belongs to, or it is another account's, whose name may be the same.

        What a tool wrote into it stays.
        """
        number = number or self.number_of(address)
        ending = next((each[2] for each in ENDINGS if name.endswith(each[2])), "")
        if number is None or ai.is_tool(name.removesuffix(ending), address):
            return name if is_anothers else self.text(name, "author_name"), self.text(address, "author_email")
        self._learn(number, address)
        return name_of(number) + ending, address_of(number)

    def record(self, value: T, source: str) -> T:
        """The record as it may be stored, with everything in it."""
        return self._record(value, source)  # type: ignore[no-any-return]

    def _record(self, value: Any, source: str) -> Any:
        if isinstance(value, tuple):
            return tuple(self._record(each, source) for each in value)
        if not dataclasses.is_dataclass(value) or isinstance(value, RepositoryRecord):
            return value
        special = _SPECIAL.get(type(value))
        changed = special(self, value, source) if special else {}
        for field in dataclasses.fields(value):
            if field.name in changed:
                continue
            old = getattr(value, field.name)
            inside = self._record(old, source)
            changed[field.name] = self.value(inside, field.name) if field.name in TEXTS else inside
        return dataclasses.replace(value, **changed)  # type: ignore[type-var]

    def _longest(self, found: list[re.Match[str]], place: int) -> tuple[int, Word | None]:
        """The longest word that begins here, and of how many runs it is."""
        for count in self._firsts.get(_digest(_folded(found[place][0]), self._key), ()):
            if place + count <= len(found):
                runs = " ".join(_folded(each[0]) for each in found[place : place + count])
                word = self._words.get(_digest(runs, self._key))
                if word:
                    return count, word
        return 1, None

    def _number(self, actor: ActorRecord | None, source: str) -> int | None:
        return None if actor is None else self._accounts.get((source, actor.provider_id))

    def _actor(self, actor: ActorRecord, source: str) -> dict[str, Any]:
        """Another account is known by its login: people of the same name are several."""
        number = self._number(actor, source)
        if number is None:
            return {} if self.text(actor.login, "login") != actor.login else {"name": actor.name}
        self._learn(number, actor.login)
        if len(runs_of(actor.name)) > 1:
            self._learn(number, actor.name)
        return {"login": login_of(number), "name": name_of(number), "node_id": "", "email": ""}

    def _commit(self, commit: CommitRecord, source: str) -> dict[str, Any]:
        number, is_anothers = self._number(commit.author, source), commit.author is not None
        author = self.signature(commit.author_name, commit.author_email, number, is_anothers=is_anothers)
        committer = self.signature(commit.committer_name, commit.committer_email)
        return dict(
            zip(("author_name", "author_email", "committer_name", "committer_email"), author + committer, strict=True)
        )

    def _said(self, said: ReviewRecord | CommentRecord, source: str) -> dict[str, Any]:
        return {"body": removed(said.body)} if self._number(said.author, source) else {}

    def _row(self, row: SeatRecord | UsageDayRecord, source: str) -> dict[str, Any]:
        return {"raw": {}} if self._number(row.actor, source) else {}

    def _learn(self, number: int, text: str) -> None:
        if self.number_of(text) is None:
            self.learned.add((number, text))


def removed(body: str) -> str:
    """Whether somebody said something with a review counts, what they said does not."""
    return REMOVED if body.strip() else body


_SPECIAL: Final[dict[type, Callable[[Forgotten, Any, str], dict[str, Any]]]] = {
    ActorRecord: Forgotten._actor,
    CommitRecord: Forgotten._commit,
    ReviewRecord: Forgotten._said,
    CommentRecord: Forgotten._said,
    SeatRecord: Forgotten._row,
    UsageDayRecord: Forgotten._row,
}


def _is_meant(text: str, start: int, end: int, field: str) -> bool:
    """A plain word: asked with an @, the beginning of a branch, or all that a name says."""
    is_branch = field.endswith("ref") and start == 0 and text[end : end + 1] == "/"
    is_whole = field in NAMES and (start, end) == (0, len(text))
    return text[max(start - 1, 0) : start] == "@" or is_branch or is_whole


def _instead(matched: str, number: int, field: str) -> str:
    if "@" in matched:
        return address_of(number)
    if any(each.isspace() for each in matched) or field in ("author_name", "committer_name", "display_name"):
        return name_of(number)
    return login_of(number)


@lru_cache(maxsize=65_536)
def _digest(text: str, key: bytes) -> str:
    return blake2b(text.encode(), key=key, digest_size=16).hexdigest()


def _folded(run: str) -> str:
    return run.casefold() if run.isascii() else unicodedata.normalize("NFKC", run).casefold()
