"""Which AI tools left exact marks on a commit or pull request, and what follows from it. Plain Python.

Only what tools write about themselves counts: accounts, addresses, trailers, generator lines. No mark is "no
evidence", never "written by a person"; what could not be read is "unknown".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from tformance.facts.derive.signatures import (
    ACCOUNTS,
    ENDINGS,
    FOREIGN_NAMES,
    IDENTITIES,
    KEYS,
    LINES,
    NAMED,
    VERSION,
    Account,
    Identity,
    Key,
    Role,
)
from tformance.facts.derive.trailers import Trailer, trailers
from tformance.facts.records import ActorRecord, CommitRecord, PullRequestRecord

State = Literal["yes", "no_evidence", "unknown"]


class Place(StrEnum):
    OPENER = "opener"
    COMMIT_AUTHOR = "commit_author"
    TRAILER = "trailer"
    MESSAGE = "message"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One mark. `span` stands so in the text; `commit` is its sha, empty for the pull request's own text."""

    tool: str
    role: Role
    place: Place
    span: str
    pattern: str
    version: int = VERSION
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`marked` is authored or assisted; `tool` is that of the strongest evidence, empty without any."""

    authored: State
    assisted: State
    marked: State
    tool: str


_IDENTITIES: dict[str, list[Identity]] = {}
for _row in IDENTITIES:
    for _key in _row.keys:
        _IDENTITIES.setdefault(_key, []).append(_row)
_ACCOUNTS: dict[str, Account] = {login: account for account in ACCOUNTS for login in account.logins}
_KEYS: dict[str, Key] = {key.key: key for key in KEYS}
_NEEDLES = re.compile("|".join(re.escape(line.needle) for line in LINES))

_LONGEST = 500  # characters of a trailer's value; a longer one is no name, address or model

_PERSON = re.compile(r"\s*(?P<name>[^<]*?)\s*<?[\"']?(?P<email>[^<>\s\"']+@[^<>\s\"']+)[\"']?>?\s*")
_BOT_ADDRESS = re.compile(r"(?:\d+\+)?(?P<login>[^+@]+)\[bot\]@users\.noreply\.github\.com")
_QUOTED = re.compile(r"^(?:>| {4}|\t)")
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")
_COPY = re.compile(
    r"^(?:This reverts commit [0-9a-f]{7,}|Reverts \S*#\d+|\(cherry picked from commit [0-9a-f]{7,}\))", re.M
)


def commit_evidence(commit: CommitRecord) -> list[Evidence]:
    """Marks on one commit: who wrote it, its trailers, generator lines in its message.

    A merge has none: it repeats what its commits already said.
    """
    if commit.is_merge:
        return []
    found = [*_by_author(commit), *_by_trailers(commit)]
    if _NEEDLES.search(commit.message) and not _COPY.search(commit.message):
        found += _by_lines(commit.message, Place.MESSAGE, commit.sha)
    return found


def pull_request_evidence(record: PullRequestRecord) -> list[Evidence]:
    """Marks on a pull request and on its commits."""
    found = list(_by_opener(record.author))
    if _NEEDLES.search(record.body) and not _COPY.search(record.body):
        found += _by_lines(record.body, Place.BODY, "")
    for commit in record.commits.items if record.commits else ():
        found += commit_evidence(commit)
    return found


def verdict(record: PullRequestRecord, evidence: Iterable[Evidence]) -> Verdict:
    """AI-authored: an agent opened the pull request or wrote all of its commits. AI-assisted: a person with a tool."""
    marks = [mark for mark in evidence if mark.role in (Role.AUTHOR, Role.ASSIST)]
    otherwise: State = "no_evidence" if record.commits is not None and record.commits.complete else "unknown"
    authored: State = "yes" if _is_authored(record, marks) else otherwise
    helped = any(mark.role is Role.ASSIST for mark in marks) or (marks and authored != "yes")
    assisted: State = "yes" if helped else otherwise
    return Verdict(authored, assisted, "yes" if "yes" in (authored, assisted) else otherwise, strongest_tool(marks))


def strongest_tool(evidence: Iterable[Evidence]) -> str:
    """The tool that wrote it, else the one that helped; of several, the first that is named."""
    marks = [mark for mark in evidence if mark.role in (Role.AUTHOR, Role.ASSIST)]
    return min(marks, key=lambda mark: mark.role is not Role.AUTHOR).tool if marks else ""


def _is_authored(record: PullRequestRecord, marks: list[Evidence]) -> bool:
    if any(mark.role is Role.AUTHOR and mark.place in (Place.OPENER, Place.BODY) for mark in marks):
        return True
    if record.commits is None or not record.commits.complete:
        return False
    own = {commit.sha for commit in record.commits.items if not commit.is_merge}
    return bool(own) and own <= {mark.commit for mark in marks if mark.role is Role.AUTHOR}


def _by_opener(opener: ActorRecord) -> Iterator[Evidence]:
    account = _ACCOUNTS.get(opener.login.lower()) if opener.kind in ("bot", "app") else None
    if account and account.author:
        yield Evidence(account.tool, account.author, Place.OPENER, opener.login, account.id)


def _by_author(commit: CommitRecord) -> Iterator[Evidence]:
    span = f"{commit.author_name} <{commit.author_email}>"
    row = _identify(commit.author_name, commit.author_email)
    if row and row.author:
        tool = _tool_of(row, commit.author_name)
        yield Evidence(tool, row.author, Place.COMMIT_AUTHOR, span, row.id, commit=commit.sha)
        return
    for pattern, tool, ending, role in ENDINGS:
        if commit.author_name.endswith(ending):
            yield Evidence(tool, role, Place.COMMIT_AUTHOR, span, pattern, commit=commit.sha)


def _by_trailers(commit: CommitRecord) -> Iterator[Evidence]:
    for trailer in trailers(commit.message):
        if len(trailer.value) > _LONGEST:
            continue
        if trailer.key in ("co-authored-by", "assisted-by"):
            person = _PERSON.fullmatch(trailer.value)
            row = _identify(person["name"], person["email"]) if person else None
            if row and person:
                if row.helper:
                    yield _trailed(_tool_of(row, person["name"]), row.helper, trailer, row.id, commit)
                continue
        key = _KEYS.get(trailer.key)
        if key and key.value.fullmatch(trailer.value):
            tool = key.tool or _named_tool(trailer.value)
            if tool:
                yield _trailed(tool, key.role, trailer, key.id, commit)


def _trailed(tool: str, role: Role, trailer: Trailer, pattern: str, commit: CommitRecord) -> Evidence:
    return Evidence(tool, role, Place.TRAILER, trailer.line, pattern, commit=commit.sha)


def _by_lines(text: str, place: Place, commit: str) -> Iterator[Evidence]:
    for line in _own_lines(text):
        if not _NEEDLES.search(line):
            continue
        for row in LINES:
            match = row.line.fullmatch(line) if row.needle in line else None
            tool = match and (row.tool or _named_tool(match["tool"]))
            if tool:
                yield Evidence(tool, row.role, place, line, row.id, commit=commit)


def _own_lines(text: str) -> Iterator[str]:
    """The lines that are the writer's own words: no code blocks, no quotes."""
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        elif not fence and not _QUOTED.match(line):
            yield line.strip()


def _identify(name: str, email: str) -> Identity | Account | None:
    address = email.lower()
    for row in _IDENTITIES.get(address, ()):
        if not row.names or name.lower() in row.names:
            return row
    bot = _BOT_ADDRESS.fullmatch(address)
    return _ACCOUNTS.get(bot["login"]) if bot else None


def is_tool(name: str, email: str) -> bool:
    """Whether this author is a tool, and nobody."""
    return _identify(name, email) is not None


def _tool_of(row: Identity | Account, name: str) -> str:
    """The name is read before the address: other vendors' models are named at one vendor's address."""
    if isinstance(row, Identity):
        for pattern, tool in FOREIGN_NAMES:
            if pattern.fullmatch(name):
                return tool
    return row.tool


def _named_tool(value: str) -> str:
    return next((tool for pattern, tool in NAMED if pattern.fullmatch(value)), "")
