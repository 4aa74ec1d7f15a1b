"""From git's words to facts. Plain and pure."""

import hashlib
import re
from datetime import UTC, datetime

from tformance.facts.records import ActorRecord, CommitRecord
from tformance.sources.git.history import GitCommit
from tformance.sources.git.sizes import Change

_GITHUB_ADDRESS = re.compile(
    r"(?:\d+\+)?(?P<login>[^+@]+?)(?P<bot>\[bot\])?@users\.noreply\.github\.com", re.IGNORECASE
)
_UNKNOWN_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def person_key(commit: GitCommit) -> str:
    """Who wrote a commit: the address the mailmap gives, in lower case; the name where there is no address."""
    return commit.person_email.lower() or commit.person_name


def stable_id(text: str) -> int:
    """A provider id for what has none in git: 63 bits of a hash."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1


def actor_record(commit: GitCommit) -> ActorRecord:
    """The commit's author. GitHub's no-reply addresses name an account, "[bot]" in them says that it is one."""
    key = person_key(commit)
    account = _GITHUB_ADDRESS.fullmatch(key)
    return ActorRecord(
        provider_id=stable_id(key),
        login=account["login"] if account else key,
        kind="bot" if account and account["bot"] else "user",
        name=commit.person_name,
    )


def commit_record(commit: GitCommit, change: Change | None = None) -> CommitRecord:
    """A commit with what it changes; a merge has no size of its own. An unreadable instant is replaced by the other."""
    authored, committed = commit.authored_at or commit.committed_at, commit.committed_at or commit.authored_at
    size = None if commit.is_merge else change
    return CommitRecord(
        sha=commit.sha,
        author=actor_record(commit),
        author_name=commit.author_name,
        author_email=commit.author_email,
        committer_name=commit.committer_name,
        committer_email=commit.committer_email,
        authored_at=_instant(authored),
        committed_at=_instant(committed),
        message=commit.message,
        is_merge=commit.is_merge,
        additions=size.additions if size else None,
        deletions=size.deletions if size else None,
        changed_files=len(size.files) if size else None,
    )


def _instant(seconds: int | None) -> datetime:
    return datetime.fromtimestamp(seconds, UTC) if seconds else _UNKNOWN_INSTANT
