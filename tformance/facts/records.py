"""What a fact is, in our words: what a source hands over and `facts.write` stores. Plain Python.

Instants are aware and in UTC; an absent value is None, never 0 or "". Texts are whole, as the provider sent them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

Source = Literal["github", "git"]
ActorKind = Literal["user", "bot", "app", "ghost", "mannequin"]
Verdict = Literal["", "bot", "person"]
PullRequestState = Literal["open", "merged", "closed"]
MergeKind = Literal["merge", "squash", "rebase"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ActorRecord:
    """An account at a provider; `login` is without a "[bot]" suffix, the kind says what it is.

    `verdict` is what somebody of the team decided that it is, whatever its kind and name say: sources leave it empty.
    `email` is "" where the provider does not show it.
    """

    provider_id: int
    login: str
    kind: ActorKind
    node_id: str = ""
    name: str = ""
    verdict: Verdict = ""
    email: str = ""


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
    """`state` in GitHub's lower-case words; a pending review has no `submitted_at`.

    `dismissed_from` is the state it had before it was dismissed.
    """

    provider_id: int
    node_id: str
    author: ActorRecord
    state: Literal["approved", "changes_requested", "commented", "dismissed", "pending"]
    submitted_at: datetime | None
    body: str
    commit_sha: str | None
    comments_count: int
    dismissed_at: datetime | None = None
    dismissed_from: str = ""


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
    """A review thread; it has no provider id but its node id.

    Only a message at the moment itself tells `resolved_at`; a reading that does not know it leaves it as it is.
    """

    node_id: str
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    resolved_by: ActorRecord | None
    comments: ChildSet[CommentRecord]
    resolved_at: datetime | None = None


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
    """A check run, or a legacy commit status (`run_id` None), of the commit `head_sha`."""

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
class HeadChecks:
    """The checks of one commit that was the head of a pull request for a while."""

    head_sha: str
    checks: ChildSet[CheckRecord]


@dataclass(frozen=True, slots=True)
class LinkedIssueRecord:
    """An issue of the same provider that merging closes; `repository` is its full name."""

    node_id: str
    repository: str
    number: int
    title: str
    url: str
    is_closed: bool


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

    `checks` are those of the head commit, `earlier_heads` those of commits that were the head before, where they were
    asked for: None is "not asked", an empty tuple "there was no other head".

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
    linked_issues: ChildSet[LinkedIssueRecord] | None = None
    earlier_heads: tuple[HeadChecks, ...] | None = None


@dataclass(frozen=True, slots=True)
class PullRequestHeads:
    """Checks alone, of heads of a pull request that is stored: by its provider id."""

    provider_id: int
    earlier_heads: tuple[HeadChecks, ...]


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
class ComparisonRecord:
    """What `head_sha` has that `base_sha` has not: the commits `shas` of `total`, oldest first.

    `relation` is "ahead" (head contains base), "behind" (base contains head), "diverged", "identical", or "unknown"
    where the provider no longer has one of the two.
    """

    base_sha: str
    head_sha: str
    relation: Literal["ahead", "behind", "diverged", "identical", "unknown"]
    shas: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    provider_id: int
    node_id: str
    tag: str
    name: str
    sha: str | None
    is_draft: bool
    is_prerelease: bool
    author: ActorRecord | None
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class RepositoryPage:
    """Facts of one repository that were read together; `fetched_at` is when the first request for them was sent."""

    repository: RepositoryRecord
    fetched_at: datetime
    pull_requests: tuple[PullRequestRecord, ...] = ()
    deployments: tuple[DeploymentRecord, ...] = ()
    commits: tuple[CommitRecord, ...] = ()
    heads: tuple[PullRequestHeads, ...] = ()
    comparisons: tuple[ComparisonRecord, ...] = ()
    releases: tuple[ReleaseRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class OrganizationRecord:
    source: Source
    provider_id: int
    node_id: str
    login: str
    name: str


@dataclass(frozen=True, slots=True)
class MembershipRecord:
    """An account that belongs to an organisation; `role` is "admin" or "member"."""

    actor: ActorRecord
    role: str


@dataclass(frozen=True, slots=True)
class ProviderTeamRecord:
    """A team inside an organisation, as the provider keeps it."""

    provider_id: int
    node_id: str
    slug: str
    name: str
    parent_slug: str
    members: ChildSet[ActorRecord]


@dataclass(frozen=True, slots=True)
class SeatRecord:
    """A paid seat of an AI tool; `raw` is the provider's row."""

    actor: ActorRecord
    tool: str
    assigned_at: datetime
    cancels_on: date | None
    last_active_at: datetime | None
    last_editor: str
    plan: str
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UsageDayRecord:
    """What one account did with an AI tool on one day (UTC); None where the provider does not say. `raw` is its row."""

    tool: str
    actor: ActorRecord
    day: date
    is_active: bool
    interactions: int | None
    suggestions: int | None
    acceptances: int | None
    lines_suggested: int | None
    lines_added: int | None
    lines_deleted: int | None
    used_chat: bool | None
    used_agent: bool | None
    used_cli: bool | None
    raw: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrganizationPage:
    """Facts of one organisation that were read together; a set that is None was not asked for.

    Members, teams and seats are whole sets: who is missing has left. `report_days` are the days whose usage was read
    completely, also where nobody used the tool.
    """

    organization: OrganizationRecord
    fetched_at: datetime
    members: ChildSet[MembershipRecord] | None = None
    teams: ChildSet[ProviderTeamRecord] | None = None
    seats: ChildSet[SeatRecord] | None = None
    usage: tuple[UsageDayRecord, ...] = ()
    report_days: tuple[date, ...] = ()


Facts = RepositoryPage | OrganizationPage
