"""What a fact is, in our words: what a source hands over and `facts.write` stores. Plain Python.

Instants are aware and in UTC; an absent value is None, never 0 or "". Texts are whole, as the provider sent them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

Source = Literal["github", "git"]
ActorKind = Literal["user", "bot", "app", "ghost", "mannequin"]
PullRequestState = Literal["open", "merged", "closed"]
MergeKind = Literal["merge", "squash", "rebase"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ActorRecord:
    """An account at a provider; `login` is without a "[bot]" suffix, the kind says what it is."""

    provider_id: int
    login: str
    kind: ActorKind
    node_id: str = ""
    name: str = ""


GHOST = ActorRecord(provider_id=0, login="ghost", kind="ghost", name="Deleted account")


@dataclass(frozen=True, slots=True)
class ChildSet(Generic[T]):
    """Children of one kind as far as they were read; `total` is how many the provider says there are.

    A part that does not begin with the first child says by `offset` how many come before it.
    """

    items: tuple[T, ...]
    total: int
    offset: int = 0

    @property
    def complete(self) -> bool:
        return len(self.items) >= self.total


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    source: Source
    provider_id: int
    node_id: str
    full_name: str
    default_branch: str | None
    is_private: bool
    is_archived: bool


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """`state` in GitHub's lower-case words; a pending review has no `submitted_at`."""

    provider_id: int
    node_id: str
    author: ActorRecord
    state: Literal["approved", "changes_requested", "commented", "dismissed", "pending"]
    submitted_at: datetime | None
    body: str
    commit_sha: str | None
    comments_count: int


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A remark below the pull request (`issue`) or in a review thread (`review`)."""

    provider_id: int
    node_id: str
    kind: Literal["issue", "review"]
    author: ActorRecord
    body: str
    created_at: datetime
    in_reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class ThreadRecord:
    """A review thread; it has no provider id but its node id."""

    node_id: str
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    resolved_by: ActorRecord | None
    comments: ChildSet[CommentRecord]


@dataclass(frozen=True, slots=True)
class CommitRecord:
    """`author` is None where the provider knows no account for the e-mail address; sizes are None where not read."""

    sha: str
    author: ActorRecord | None
    author_name: str
    author_email: str
    committer_name: str
    committer_email: str
    authored_at: datetime
    committed_at: datetime
    message: str
    is_merge: bool
    additions: int | None
    deletions: int | None
    changed_files: int | None


@dataclass(frozen=True, slots=True)
class FileRecord:
    path: str
    change: Literal["added", "changed", "copied", "deleted", "modified", "renamed"]
    additions: int
    deletions: int


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """A check run, or a legacy commit status (`run_id` None) of the head commit `head_sha`."""

    node_id: str
    run_id: int | None
    head_sha: str
    name: str
    app: str
    status: str
    conclusion: str | None
    started_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One item of a pull request's timeline. `position` orders it among the items the provider listed.

    `kind` in snake case without "_event" (ready_for_review, convert_to_draft, review_requested, commit, …);
    `subject` is who was asked (login or team slug), `before`/`after` the commits of a force push, a base change
    or, for `commit`, its sha in `after`.
    """

    node_id: str
    kind: str
    position: int
    actor: ActorRecord | None
    occurred_at: datetime
    subject: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class PullRequestRecord:
    """A pull request with its children; a child set that is None was not asked for.

    `merge_kind` and `opened_at` are None where the source cannot know them.
    """

    source: Source
    provider_id: int
    node_id: str
    number: int
    title: str
    body: str
    url: str
    state: PullRequestState
    is_draft: bool
    author: ActorRecord
    author_association: str
    merged_by: ActorRecord | None
    base_ref: str
    head_ref: str
    head_sha: str
    merge_sha: str | None
    merge_kind: MergeKind | None
    is_cross_repository: bool
    opened_at: datetime | None
    updated_at: datetime
    closed_at: datetime | None
    merged_at: datetime | None
    additions: int | None
    deletions: int | None
    changed_files: int | None
    labels: tuple[str, ...] = ()
    reviews: ChildSet[ReviewRecord] | None = None
    threads: ChildSet[ThreadRecord] | None = None
    comments: ChildSet[CommentRecord] | None = None
    commits: ChildSet[CommitRecord] | None = None
    files: ChildSet[FileRecord] | None = None
    checks: ChildSet[CheckRecord] | None = None
    events: ChildSet[EventRecord] | None = None


@dataclass(frozen=True, slots=True)
class DeploymentStatusRecord:
    node_id: str
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeploymentRecord:
    provider_id: int
    node_id: str
    environment: str
    task: str
    sha: str
    ref: str | None
    state: str
    creator: ActorRecord | None
    created_at: datetime
    updated_at: datetime
    statuses: ChildSet[DeploymentStatusRecord]


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """Facts of one repository that were read together; `fetched_at` is when the first request for them was sent."""

    repository: RepositoryRecord
    fetched_at: datetime
    pull_requests: tuple[PullRequestRecord, ...] = ()
    deployments: tuple[DeploymentRecord, ...] = ()
    commits: tuple[CommitRecord, ...] = ()
