"""From git's words to facts. Plain and pure."""

import hashlib
import re
from datetime import UTC, datetime

from tformance.facts.records import (
    ActorRecord,
    ChildSet,
    CommitRecord,
    FileRecord,
    PullRequestRecord,
    RepositoryPage,
    RepositoryRecord,
)
from tformance.sources.contract import Item, ScopeRef
from tformance.sources.git.history import GitCommit

Size = tuple[int, int, int]  # lines added, lines deleted, files

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


def commit_record(commit: GitCommit, size: Size | None = None) -> CommitRecord:
    """A commit with its size; a merge has none of its own. An unreadable instant is replaced by the other."""
    additions, deletions, changed_files = size if size and not commit.is_merge else (None, None, None)
    return CommitRecord(
        sha=commit.sha,
        author=actor_record(commit),
        author_name=commit.author_name,
        author_email=commit.author_email,
        committer_name=commit.committer_name,
        committer_email=commit.committer_email,
        authored_at=_instant(commit.authored_at or commit.committed_at),
        committed_at=_instant(commit.committed_at or commit.authored_at),
        message=commit.message,
        is_merge=commit.is_merge,
        additions=additions,
        deletions=deletions,
        changed_files=changed_files,
    )


def repository_page(scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    return RepositoryPage(_repository(scope, items[0]["repository"]), fetched_at)


def landings_page(scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> RepositoryPage:
    """Pull requests with their commits, and all other commits of the landings."""
    repository = _repository(scope, items[0]["repository"])
    return RepositoryPage(
        repository,
        fetched_at,
        pull_requests=tuple(_pull_request(repository, item) for item in items if item["pull"]),
        commits=tuple(_commit(one) for item in items for one in (item["commit"], *item["brought"])),
    )


def _repository(scope: ScopeRef, item: Item) -> RepositoryRecord:
    return RepositoryRecord(
        source="git",
        provider_id=stable_id(scope.api_url),
        node_id="",
        full_name=item["name"],
        default_branch=item["branch"],
        is_private=True,
        is_archived=False,
    )


def _pull_request(repository: RepositoryRecord, item: Item) -> PullRequestRecord:
    """What a clone knows of a merged pull request; when it was opened and who reviewed it is not among it.

    Its size is what the merge or squash changes against the main line before it, as providers count it.
    """
    pull, landing = item["pull"], _git_commit(item["commit"])
    by_merge = pull["kind"] == "merge"
    brought = {one["sha"]: one for one in item["brought"]}
    tip = brought.get(landing.parents[1]) if by_merge else None
    commits = tuple(_commit(one) for one in (item["brought"] if by_merge else [item["commit"]]))
    size = item["commit"]["size"] or (None, None, None)
    merged_at = _instant(landing.committed_at or landing.authored_at)
    return PullRequestRecord(
        source="git",
        provider_id=stable_id(f"{repository.provider_id}#{pull['number']}"),
        node_id="",
        number=pull["number"],
        title=pull["title"],
        body=landing.message if by_merge else "",
        url="",
        state="merged",
        is_draft=False,
        author=actor_record(_git_commit(tip) if tip else landing),
        author_association="",
        merged_by=actor_record(landing) if by_merge else None,
        base_ref=repository.default_branch or "",
        head_ref=pull["branch"],
        head_sha=landing.parents[1] if by_merge else landing.sha,
        merge_sha=landing.sha,
        merge_kind=pull["kind"],
        is_cross_repository=False,
        opened_at=None,
        updated_at=_instant(item["landed_at"]),
        closed_at=merged_at,
        merged_at=merged_at,
        additions=size[0],
        deletions=size[1],
        changed_files=size[2],
        commits=ChildSet(commits, len(commits)),
        files=_files(item["files"]),
    )


def _files(items: list[Item] | None) -> ChildSet[FileRecord] | None:
    if items is None:
        return None
    return ChildSet(tuple(FileRecord(**item) for item in items), len(items))


def _commit(item: Item) -> CommitRecord:
    size = item["size"]
    return commit_record(_git_commit(item), tuple(size) if size else None)


def _git_commit(item: Item) -> GitCommit:
    values = {name: value for name, value in item.items() if name != "size"}
    return GitCommit(**values | {"parents": tuple(item["parents"])})


def _instant(seconds: int | None) -> datetime:
    return datetime.fromtimestamp(seconds, UTC) if seconds else _UNKNOWN_INSTANT
