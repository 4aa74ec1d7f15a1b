"""What lists and pages get of pull requests. Plain Python; durations in hours, null where they have no meaning."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tformance.measures.query import Waiting
from tformance.measures.result import Key

Sort = Literal["own", "opened", "updated", "size", "cycle_time", "review_time"]
Direction = Literal["asc", "desc"]


@dataclass(frozen=True, slots=True)
class PullRow:
    """A pull request as lists show it; `reviewed_by` are the people whose reviews count, by name."""

    id: int
    repository: Key
    number: int
    title: str
    url: str
    author: Key
    reviewed_by: tuple[Key, ...]
    state: str
    is_draft: bool
    opened_at: datetime | None
    updated_at: datetime
    closed_at: datetime | None
    merged_at: datetime | None
    cycle_time_hours: float | None
    review_time_hours: float | None
    additions: int | None
    deletions: int | None
    size_lines: int | None
    size_bucket: str | None
    ai_marked: str
    ai_tool: str
    by_automation: bool
    is_complete: bool
    lead_time_hours: float | None
    coding_phase_hours: float | None
    draft_phase_hours: float | None
    pickup_phase_hours: float | None
    review_phase_hours: float | None
    merge_phase_hours: float | None
    ai_authored: str
    review_rounds: int | None
    commits_after_first_review: int | None
    avg_fix_response_hours: float | None
    force_pushes_after_review: int | None
    total_comments: int | None
    bot_comments: int | None
    review_threads: int | None
    unresolved_threads: int | None
    reviewers: int | None
    self_merged_unreviewed: bool | None
    is_revert: bool
    is_hotfix: bool
    carries: str


@dataclass(frozen=True, slots=True)
class PullPage:
    """Some rows of a list. `next` and `previous` are passed as `after`; `count` is exact unless `count_is_capped`.

    `lead_time` is the median of all rows that have one, which `timed` are, and not known where the count is capped.
    """

    rows: tuple[PullRow, ...]
    next: str | None
    previous: str | None
    count: int
    count_is_capped: bool
    lead_time: float | None
    timed: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to filter by."""

    repositories: tuple[Key, ...]
    authors: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class MoreChoices:
    reviewers: tuple[Key, ...]
    ai_tools: tuple[str, ...]
    labels: tuple[str, ...]
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    author: Key
    state: str
    submitted_at: datetime | None
    body: str
    comments_count: int
    counts: bool
    dismissed_at: datetime | None
    dismissed_from: str


@dataclass(frozen=True, slots=True)
class Comment:
    author: Key
    kind: str
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    path: str
    line: int | None
    is_resolved: bool
    is_outdated: bool
    resolved_by: Key | None
    resolved_at: datetime | None
    comments: tuple[Comment, ...]
    comments_total: int


@dataclass(frozen=True, slots=True)
class CommitLine:
    """`author` is an account where the provider knows one, else None with the name written in the commit."""

    sha: str
    author: Key | None
    author_name: str
    message: str
    authored_at: datetime
    committed_at: datetime
    is_merge: bool
    additions: int | None
    deletions: int | None
    ai_tool: str


@dataclass(frozen=True, slots=True)
class File:
    path: str
    change: str
    additions: int
    deletions: int
    category: str
    is_generated: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A check run or commit status; `is_final` where its commit is the head still."""

    head_sha: str
    is_final: bool
    name: str
    app: str
    status: str
    conclusion: str | None
    started_at: datetime | None
    completed_at: datetime | None
    duration_seconds: int | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A deployment to production that contains the pull request."""

    environment: str
    sha: str
    at: datetime
    failure: str
    recovered_at: datetime | None


@dataclass(frozen=True, slots=True)
class LinkedIssue:
    """An issue of the provider that merging closes; `repository` is its full name."""

    repository: str
    number: int
    title: str
    url: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    actor: Key | None
    occurred_at: datetime
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the pull request is AI-marked: `span` is the verbatim text at `place`."""

    tool: str
    role: str
    place: str
    span: str
    commit_sha: str
    pattern: str
    version: int


@dataclass(frozen=True, slots=True)
class Phases:
    """Hours from the first commit to the merge, in the order they happen; they add up where all are known.

    Reviewed while still a draft, nobody waited: the pickup is 0 for that reason.
    """

    coding: float | None
    draft: float | None
    pickup: float | None
    review: float | None
    merge: float | None
    lead_time: float | None
    clamped_stamps: int
    reviewed_in_draft: bool


@dataclass(frozen=True, slots=True)
class Fetched:
    """Children of one kind: how many the provider has, how many are stored, and when that was read."""

    total: int
    stored: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PullDetail:
    """A pull request with everything stored about it, each kind in the order it happened.

    `fetched` has an entry for each kind of child that was ever asked for; `reverts` is the number of the one it
    takes back, or lands again where that was itself a revert.
    """

    row: PullRow
    body: str
    base_ref: str
    head_ref: str
    head_sha: str
    merge_sha: str | None
    merge_kind: str | None
    merged_by: Key | None
    labels: tuple[str, ...]
    first_commit_at: datetime | None
    ready_at: datetime | None
    first_review_at: datetime | None
    first_bot_review_at: datetime | None
    approved_at: datetime | None
    fetched_at: datetime
    ai_authored: str
    ai_assisted: str
    reverts: int | None
    queue_time_hours: float | None
    draft_time_hours: float | None
    deploy_time_hours: float | None
    phases: Phases
    fetched: dict[str, Fetched]
    commits: tuple[CommitLine, ...]
    reviews: tuple[Review, ...]
    threads: tuple[Thread, ...]
    comments: tuple[Comment, ...]
    checks: tuple[Check, ...]
    deliveries: tuple[Delivery, ...]
    linked_issues: tuple[LinkedIssue, ...]
    files: tuple[File, ...]
    events: tuple[Event, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class WaitingPull:
    """An open pull request, what it waits for, and since when.

    `sent_back` ends with the next push, which makes it `in_review`, as do remarks without a verdict.
    """

    row: PullRow
    state: Waiting
    since: datetime


@dataclass(frozen=True, slots=True)
class WaitingNow:
    """Open work: how many per state, and the pull requests themselves, longest waiting first, as many as asked for."""

    counts: dict[Waiting, int]
    pulls: tuple[WaitingPull, ...]
