"""The tables of a pull request's children: how a child is told apart, stored as a row and read back."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet

from tformance.facts.actors import Actors
from tformance.facts.bulk import Row
from tformance.facts.derive import ai, files, reviews
from tformance.facts.derive.ai import Evidence
from tformance.facts.derive.signatures import Role
from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.models.pull_request import AIEvidence, PRCommit, PRFile, PRIssueLink
from tformance.facts.models.review import PRComment, PRReview, ReviewThread, TimelineEvent
from tformance.facts.models.term import PRTerm
from tformance.facts.records import (
    CheckRecord,
    ChildSet,
    CommentRecord,
    EventRecord,
    FileRecord,
    LinkedIssueRecord,
    PullRequestRecord,
    ReviewRecord,
    ThreadRecord,
)

Said = TypeVar("Said", ReviewRecord, CommentRecord)


class Reply(NamedTuple):
    """A comment in the review thread with this node id."""

    comment: CommentRecord
    thread: str


class Resolution(NamedTuple):
    """What was known at `read_at`: since when a thread was resolved, or None where it was not."""

    read_at: datetime
    at: datetime | None


class Thread(NamedTuple):
    """A review thread without its comments, and the latest word on when it was resolved, if there was one."""

    record: ThreadRecord
    resolution: Resolution | None

    @property
    def resolved(self) -> tuple[datetime | None, datetime | None]:
        """Since when, and when that was known; nothing while it is open, which the readings of the set tell."""
        if self.resolution is None or not self.record.is_resolved:
            return None, None
        return self.resolution.at, self.resolution.read_at


class Place(NamedTuple):
    """Where in the pull request a commit stands."""

    sha: str
    position: int


class Table:
    """One table of children, of the child set `of`.

    A row has the values of `columns`; `fetched` reads the same values back, with keys instead of ids for what this
    page may have yet to store. Rows depend on the actors and on the pull request itself.
    """

    of: ClassVar[str]
    model: ClassVar[type[Model]]
    columns: ClassVar[tuple[str, ...]]
    fetched: ClassVar[tuple[str, ...]]
    item_type: ClassVar[type]
    only: ClassVar[Q] = Q()
    actor_columns: ClassVar[tuple[int, ...]] = ()  # positions in a row

    def rows_of(self, pull_requests: Collection[int]) -> QuerySet[Any]:
        found: QuerySet[Any] = self.model._default_manager.filter(self.only, pull_request_id__in=sorted(pull_requests))
        return found

    def key(self, item: Any) -> str:
        raise NotImplementedError

    def row(self, item: Any, actors: Actors, root: PullRequestRecord) -> Row:
        raise NotImplementedError

    def item(self, row: Row, actors: Actors) -> Any:
        raise NotImplementedError


class Reviews(Table):
    of = "reviews"
    model = PRReview
    columns = (
        "provider_id",
        "node_id",
        "author_id",
        "state",
        "submitted_at",
        "body",
        "commit_sha",
        "comments_count",
        "dismissed_at",
        "dismissed_from",
        "counts",
    )
    fetched = columns
    item_type = ReviewRecord
    actor_columns = (2,)

    def key(self, item: ReviewRecord) -> str:
        return str(item.provider_id)

    def row(self, item: ReviewRecord, actors: Actors, root: PullRequestRecord) -> Row:
        identity = (item.provider_id, item.node_id, actors.id(item.author), item.state, item.submitted_at)
        said = (item.body, item.commit_sha, item.comments_count, item.dismissed_at, item.dismissed_from)
        return (*identity, *said, reviews.counts(by_newest_author(item, actors), root))

    def item(self, row: Row, actors: Actors) -> ReviewRecord:
        provider_id, node_id, author_id, *rest, _counts = row
        return ReviewRecord(provider_id, node_id, actors.record(author_id), *rest)


def by_newest_author(item: Said, actors: Actors) -> Said:
    """A review or comment with the newest look at its author, whose kind decides whether it counts."""
    newest = actors.newest(item.author)
    return item if newest == item.author else replace(item, author=newest)


class Threads(Table):
    of = "threads"
    model = ReviewThread
    columns = (
        "node_id",
        "path",
        "line",
        "is_resolved",
        "is_outdated",
        "resolved_by_id",
        "comments_total",
        "resolved_at",
        "resolution_read_at",
    )
    fetched = columns
    item_type = Thread
    actor_columns = (5,)

    def key(self, item: Thread) -> str:
        return item.record.node_id

    def row(self, item: Thread, actors: Actors, root: PullRequestRecord) -> Row:
        record = item.record
        state = (record.is_resolved, record.is_outdated, actors.id_or_none(record.resolved_by))
        return (record.node_id, record.path, record.line, *state, record.comments.total, *item.resolved)

    def item(self, row: Row, actors: Actors) -> Thread:
        node_id, path, line, is_resolved, is_outdated, resolved_by_id, total, at, read_at = row
        resolved_by = actors.record_or_none(resolved_by_id)
        record = ThreadRecord(node_id, path, line, is_resolved, is_outdated, resolved_by, ChildSet((), total))
        return Thread(record, None if read_at is None else Resolution(read_at, at))


class Comments(Table):
    of = "comments"
    model = PRComment
    columns = ("provider_id", "node_id", "kind", "author_id", "body", "created_at", "in_reply_to")
    fetched = columns
    item_type = CommentRecord
    only = Q(thread__isnull=True)
    actor_columns = (3,)

    def key(self, item: CommentRecord) -> str:
        return str(item.provider_id)

    def row(self, item: CommentRecord, actors: Actors, root: PullRequestRecord) -> Row:
        identity = (item.provider_id, item.node_id, item.kind, actors.id(item.author))
        return (*identity, item.body, item.created_at, item.in_reply_to)

    def item(self, row: Row, actors: Actors) -> CommentRecord:
        provider_id, node_id, kind, author_id, *rest = row
        return CommentRecord(provider_id, node_id, kind, actors.record(author_id), *rest)


class Replies(Table):
    of = "threads"
    model = PRComment
    columns = (*Comments.columns, "thread_id")
    fetched = (*Comments.columns, "thread__node_id")
    item_type = Reply
    only = Q(thread__isnull=False)
    actor_columns = Comments.actor_columns

    def key(self, item: Reply) -> str:
        return f"{item.thread} {item.comment.provider_id}"

    def row(self, item: Reply, actors: Actors, root: PullRequestRecord) -> Row:
        return (*COMMENTS.row(item.comment, actors, root), item.thread)

    def item(self, row: Row, actors: Actors) -> Reply:
        return Reply(COMMENTS.item(row[:-1], actors), row[-1])


class CommitLinks(Table):
    of = "commits"
    model = PRCommit
    columns = ("commit_id", "position")
    fetched = ("commit__sha", "position")
    item_type = Place

    def key(self, item: Place) -> str:
        return item.sha

    def row(self, item: Place, actors: Actors, root: PullRequestRecord) -> Row:
        return tuple(item)

    def item(self, row: Row, actors: Actors) -> Place:
        return Place(*row)


class Files(Table):
    of = "files"
    model = PRFile
    columns = ("path", "change", "additions", "deletions", "category", "is_generated")
    fetched = columns
    item_type = FileRecord

    def key(self, item: FileRecord) -> str:
        return item.path

    def row(self, item: FileRecord, actors: Actors, root: PullRequestRecord) -> Row:
        derived = (files.category(item.path), files.is_generated(item.path))
        return (item.path, item.change, item.additions, item.deletions, *derived)

    def item(self, row: Row, actors: Actors) -> FileRecord:
        return FileRecord(*row[:4])


class Judged(NamedTuple):
    """A check, and what is known of it beside the other runs of its commit, see `derive.checks`."""

    check: CheckRecord
    is_flaky: bool | None


class Checks(Table):
    """Stored as Judged, read back as the record."""

    of = "checks"
    model = PRCheckRun
    columns = (
        "node_id",
        "github_check_run_id",
        "head_sha",
        "name",
        "app",
        "status",
        "conclusion",
        "started_at",
        "completed_at",
        "duration_seconds",
        "is_final_head",
        "is_flaky",
    )
    fetched = columns
    item_type = Judged

    def key(self, item: CheckRecord) -> str:
        return item.node_id

    def row(self, item: Judged, actors: Actors, root: PullRequestRecord) -> Row:
        run = item.check
        identity = (run.node_id, run.run_id, run.head_sha, run.name, run.app, run.status, run.conclusion)
        times = (run.started_at, run.completed_at, _seconds(run))
        return (*identity, *times, run.head_sha == root.head_sha, item.is_flaky)

    def item(self, row: Row, actors: Actors) -> CheckRecord:
        return CheckRecord(*row[:9])


def _seconds(check: CheckRecord) -> int | None:
    if check.started_at is None or check.completed_at is None or check.completed_at < check.started_at:
        return None
    return round((check.completed_at - check.started_at).total_seconds())


class IssueLinks(Table):
    of = "linked_issues"
    model = PRIssueLink
    columns = ("node_id", "repository", "number", "title", "url", "is_closed")
    fetched = columns
    item_type = LinkedIssueRecord

    def key(self, item: LinkedIssueRecord) -> str:
        return item.node_id

    def row(self, item: LinkedIssueRecord, actors: Actors, root: PullRequestRecord) -> Row:
        return (item.node_id, item.repository, item.number, item.title, item.url, item.is_closed)

    def item(self, row: Row, actors: Actors) -> LinkedIssueRecord:
        return LinkedIssueRecord(*row)


class Events(Table):
    of = "events"
    model = TimelineEvent
    columns = ("node_id", "kind", "position", "actor_id", "occurred_at", "subject", "before", "after")
    fetched = columns
    item_type = EventRecord
    actor_columns = (3,)

    def key(self, item: EventRecord) -> str:
        return item.node_id

    def row(self, item: EventRecord, actors: Actors, root: PullRequestRecord) -> Row:
        identity = (item.node_id, item.kind, item.position, actors.id_or_none(item.actor))
        return (*identity, item.occurred_at, item.subject, item.before, item.after)

    def item(self, row: Row, actors: Actors) -> EventRecord:
        node_id, kind, position, actor_id, *rest = row
        return EventRecord(node_id, kind, position, actors.record_or_none(actor_id), *rest)


class EvidenceRows(Table):
    """Derived, so of no child set; a mark is all of its row."""

    of = "evidence"
    model = AIEvidence
    columns = ("pattern", "version", "tool", "role", "place", "span", "commit_sha")
    fetched = columns
    item_type = Evidence

    def key(self, item: Evidence) -> str:
        return f"{item.commit} {item.place} {item.pattern} {item.tool} {item.role} {item.span}"

    def row(self, item: Evidence, actors: Actors, root: PullRequestRecord) -> Row:
        return (item.pattern, item.version, item.tool, str(item.role), str(item.place), item.span, item.commit)

    def item(self, row: Row, actors: Actors) -> Evidence:
        pattern, version, tool, role, place, span, commit = row
        return Evidence(tool, Role(role), ai.Place(place), span, pattern, version, commit)


class Terms(Table):
    """Derived as well; a term is all of its row."""

    of = "terms"
    model = PRTerm
    columns = ("term",)
    fetched = columns
    item_type = str

    def key(self, item: str) -> str:
        return item

    def row(self, item: str, actors: Actors, root: PullRequestRecord) -> Row:
        return (item,)

    def item(self, row: Row, actors: Actors) -> str:
        return str(row[0])


REVIEWS: Final = Reviews()
THREADS: Final = Threads()
REPLIES: Final = Replies()
COMMENTS: Final = Comments()
LINKS: Final = CommitLinks()
FILES: Final = Files()
CHECKS: Final = Checks()
ISSUES: Final = IssueLinks()
EVENTS: Final = Events()
EVIDENCE: Final = EvidenceRows()
TERMS: Final = Terms()
# Sets whose items are stored as they come.
PLAIN: Final[tuple[Table, ...]] = (REVIEWS, COMMENTS, FILES, ISSUES, EVENTS)
# In the order in which they can be stored.
TABLES: Final[tuple[Table, ...]] = (
    *(REVIEWS, THREADS, REPLIES, COMMENTS, LINKS, FILES, CHECKS, ISSUES, EVENTS),
    *(EVIDENCE, TERMS),
)
