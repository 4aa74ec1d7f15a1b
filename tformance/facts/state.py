"""A pull request as it is stored and as it will be: pure steps from one to the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from tformance.facts.actors import Actors
from tformance.facts.bulk import Row
from tformance.facts.children import (
    CHECKS,
    EVIDENCE,
    LINKS,
    REVIEWS,
    TABLES,
    TERMS,
    Judged,
    Place,
    Reply,
    Table,
    Thread,
    by_newest_author,
)
from tformance.facts.commits import Commits
from tformance.facts.derive import checks
from tformance.facts.derive.iteration import Iteration
from tformance.facts.derive.pull_request import DERIVED_VERSION, Derived, derive
from tformance.facts.derive.rules import Rules
from tformance.facts.merging import Children, Version
from tformance.facts.models.term import terms
from tformance.facts.records import ChildSet, CommentRecord, PullRequestRecord, ThreadRecord
from tformance.facts.sets import (
    News,
    Sets,
    columns,
    is_complete,
    items_of,
    stored_readings,
    stored_sets,
    tell_more,
    with_news,
)

ROOT: Final = (
    "repository_id",
    "source",
    "provider_id",
    "node_id",
    "number",
    "title",
    "body",
    "url",
    "state",
    "is_draft",
    "author_id",
    "author_association",
    "merged_by_id",
    "base_ref",
    "head_ref",
    "head_sha",
    "merge_sha",
    "merge_kind",
    "is_cross_repository",
    "pr_created_at",
    "pr_updated_at",
    "closed_at",
    "merged_at",
    "additions",
    "deletions",
    "changed_files",
    "labels",
)
ITERATION: Final = tuple(field.name for field in fields(Iteration))
BOOKKEEPING: Final = ("fetched_at", "gone_at", "child_sets", "earlier_head_sets", "is_complete")
DERIVED: Final = (
    "derived_version",
    "first_commit_at",
    "ready_at",
    "first_review_at",
    "first_bot_review_at",
    "approved_at",
    "reviewed_in_draft",
    "clamped_stamps",
    "cycle_time_hours",
    "review_time_hours",
    "lead_time_hours",
    "coding_phase_hours",
    "draft_phase_hours",
    "pickup_phase_hours",
    "review_phase_hours",
    "merge_phase_hours",
    "queue_time_hours",
    "draft_time_hours",
    "size_lines",
    "size_bucket",
    "by_automation",
    "ai_authored",
    "ai_assisted",
    "ai_marked",
    "ai_tool",
    *ITERATION,
    "is_hotfix",
    "work_type",
    "revert_claims",
    "picked_shas",
)
LOOKS: Final = frozenset({"fetched_at", "child_sets", "earlier_head_sets"})  # change when it is only looked at again
COLUMNS: Final = (*ROOT, *BOOKKEEPING, *DERIVED)
COUNTED_AT: Final = ("pr_created_at", "merged_at", "closed_at")
CHILDREN_COUNTED_AT: Final[dict[Table, str]] = {REVIEWS: "submitted_at", CHECKS: "completed_at"}
_COLUMN: Final = {name: position for position, name in enumerate(COLUMNS)}


class StoredRow(NamedTuple):
    id: int
    row: Row


@dataclass(slots=True)
class Stored:
    """A pull request's rows as they are; of a new one there are none but its id is known."""

    id: int
    provider_id: int
    row: Row | None = None
    children: dict[Table, list[StoredRow]] = field(default_factory=dict)

    def value(self, column: str) -> Any:
        return None if self.row is None else self.row[_COLUMN[column]]

    @property
    def version(self) -> Version | None:
        return None if self.row is None else Version(self.value("pr_updated_at"), self.value("fetched_at"))

    def values(self, columns: Sequence[str]) -> Row:
        return tuple(self.value(column) for column in columns)

    def readings(self) -> Sets:
        if self.row is None:
            return {}
        return stored_readings(self.value("head_sha"), self.value("child_sets"), self.value("earlier_head_sets"))

    def actor_ids(self) -> Iterator[int]:
        if self.row is not None:
            yield from filter(None, (self.value("author_id"), self.value("merged_by_id")))
        for table, rows in self.children.items():
            for column in table.actor_columns:
                yield from (stored.row[column] for stored in rows if stored.row[column] is not None)

    def shas(self) -> Iterator[str]:
        yield from (stored.row[0] for stored in self.children.get(LINKS, ()))


@dataclass(frozen=True, slots=True)
class Changes:
    """What has to be written for one pull request; rows of children still name others by their keys.

    `row` is None where it stays as it is; `row_differs` says that more of it changed than when it was looked at.
    """

    stored: Stored
    row: Row | None
    row_differs: bool
    insert: dict[Table, list[Row]]
    update: dict[Table, list[StoredRow]]
    delete: dict[Table, list[int]]

    @property
    def repository_id(self) -> int:
        return int(self.row[0] if self.row else self.stored.value("repository_id"))

    @property
    def merges(self) -> list[datetime]:
        """When it was merged by what was and by what will be stored; nothing where that says the same."""
        if not self.row_differs:
            return []
        instants = (self.stored.value("merged_at"), self.row[_COLUMN["merged_at"]] if self.row else None)
        return [instant for instant in instants if instant is not None]

    @property
    def instants(self) -> Iterator[datetime | None]:
        """Every instant at which one of its rows counts that may be another than it was, before and after."""
        if not self.is_substantial:
            return
        for name in COUNTED_AT:
            yield self.stored.value(name)
            yield self.row[_COLUMN[name]] if self.row else None
        for table, name in CHILDREN_COUNTED_AT.items():
            place = table.columns.index(name)
            yield from (row[place] for row in self._rows_of(table))

    def _rows_of(self, table: Table) -> Iterator[Row]:
        """All of a table in which something changes, as a check is judged by its other runs; all where the root does."""
        changed = (*self.insert[table], *(new.row for new in self.update[table]))
        if changed or self.delete[table] or self.row_differs:
            yield from (old.row for old in self.stored.children.get(table, ()))
            yield from changed

    @property
    def may_link(self) -> bool:
        """Whether what other rows say of it may change: it does, or the commits in it."""
        return self.row_differs or bool(self.insert[LINKS] or self.delete[LINKS])

    @property
    def is_hotfix(self) -> bool:
        """It is, or was."""
        return bool(self.stored.value("is_hotfix") or (self.row and self.row[_COLUMN["is_hotfix"]]))

    @property
    def is_substantial(self) -> bool:
        rows = (*self.insert.values(), *self.update.values(), *self.delete.values())
        return self.row_differs or any(rows)


def has_substance(stored: Stored, news: News) -> bool:
    """Whether the news, or a newer definition, can change anything; needs no children."""
    if stored.row is None or stored.value("derived_version") != DERIVED_VERSION:
        return True
    return _is_newest(stored, news) or tell_more(stored.readings(), news)


def _is_newest(stored: Stored, news: News | None) -> bool:
    """Whether the news are about the pull request itself and newer than what is stored of it."""
    if news is None or news.version is None:
        return False
    return stored.version is None or news.version > stored.version


def changes(stored: Stored, news: News | None, actors: Actors, commits: Commits, rules: Rules) -> Changes:
    """What the news make of a pull request; without news it is only derived again."""
    sets = stored_sets(stored.readings(), stored.children, actors)
    if news is not None:
        sets = with_news(sets, news)
    newest = news if _is_newest(stored, news) else None
    root = newest.record if newest and newest.record else _root(stored, actors)
    whole = _whole(root, sets, actors, commits)
    derived = derive(whole, rules)
    row = (
        *(_root_row(root, newest.repository_id, actors) if newest else stored.values(ROOT)),
        *_bookkeeping(stored, newest, root, sets),
        *_derived_row(derived),
    )
    return _difference(stored, row, _rows(sets, derived, actors, whole), actors)


def _root(stored: Stored, actors: Actors) -> PullRequestRecord:
    """The stored pull request without its children."""
    values = dict(zip(ROOT, stored.values(ROOT), strict=True))
    del values["repository_id"]
    return PullRequestRecord(
        author=actors.record(values.pop("author_id")),
        merged_by=actors.record_or_none(values.pop("merged_by_id")),
        opened_at=values.pop("pr_created_at"),
        updated_at=values.pop("pr_updated_at"),
        labels=tuple(values.pop("labels")),
        **values,
    )


def _whole(root: PullRequestRecord, sets: Sets, actors: Actors, commits: Commits) -> PullRequestRecord:
    """The record that derivations see: what is stored, by the newest look at everybody."""
    items = {name: tuple(children.items.values()) for name, children in sets.items()}
    places = sorted(items.get("commits", ()), key=_by_position)
    said = {
        name: tuple(by_newest_author(one, actors) for one in items.get(name, ())) for name in ("reviews", "comments")
    }
    return replace(
        root,
        author=actors.newest(root.author),
        merged_by=None if root.merged_by is None else actors.newest(root.merged_by),
        reviews=_child_set(sets.get("reviews"), said["reviews"]),
        threads=_child_set(sets.get("threads"), tuple(_threads(items.get("threads", ()), actors))),
        comments=_child_set(sets.get("comments"), said["comments"]),
        commits=_child_set(sets.get("commits"), tuple(commits.record(place.sha) for place in places)),
        files=_child_set(sets.get("files"), items.get("files", ())),
        events=_child_set(sets.get("events"), items.get("events", ())),
        checks=None,
        linked_issues=None,
        earlier_heads=None,
    )


def _threads(items: Sequence[Thread | Reply], actors: Actors) -> Iterator[ThreadRecord]:
    """The threads with the comments in them."""
    said: dict[str, list[CommentRecord]] = {}
    for item in items:
        if isinstance(item, Reply):
            said.setdefault(item.thread, []).append(by_newest_author(item.comment, actors))
    for item in items:
        if isinstance(item, Thread):
            record = item.record
            comments = tuple(said.get(record.node_id, ()))
            yield replace(record, comments=ChildSet(comments, record.comments.total), resolved_at=item.resolved[0])


def _by_position(place: Place) -> tuple[int, str]:
    return place.position, place.sha


def _child_set(children: Children | None, items: tuple[Any, ...]) -> ChildSet[Any] | None:
    """Parts of several readings can be as many as there should be and still not be all that there is now."""
    if children is None:
        return None
    return ChildSet(items, len(items) if children.is_complete else len(items) + 1)


def _root_row(record: PullRequestRecord, repository_id: int, actors: Actors) -> Row:
    given = {
        "repository_id": repository_id,
        "author_id": actors.id(record.author),
        "merged_by_id": actors.id_or_none(record.merged_by),
        "pr_created_at": record.opened_at,
        "pr_updated_at": record.updated_at,
        "labels": list(record.labels),
    }
    return tuple(given[name] if name in given else getattr(record, name) for name in ROOT)


def _bookkeeping(stored: Stored, newest: News | None, root: PullRequestRecord, sets: Sets) -> Row:
    fetched_at = newest.fetched_at if newest else stored.value("fetched_at")
    gone_at = stored.value("gone_at")
    is_back = gone_at is not None and fetched_at > gone_at
    complete = is_complete(sets, root.source, root.head_sha)
    return (fetched_at, None if is_back else gone_at, *columns(sets, root.head_sha), complete)


def _derived_row(derived: Derived) -> Row:
    at, times, verdict = derived.stamps, derived.times, derived.verdict
    phases = (times.coding_phase, times.draft_phase, times.pickup_phase, times.review_phase, times.merge_phase)
    waits = (derived.queue_time, derived.draft_time)
    return (
        *(DERIVED_VERSION, at.started, at.ready, at.reviewed, derived.first_bot_review_at, at.approved),
        *(at.reviewed_in_draft, at.clamped),
        *(_hours(span) for span in (times.cycle, times.review, times.lead, *phases, *waits)),
        *(derived.size_lines, derived.size_bucket, derived.by_automation),
        *(verdict.authored, verdict.assisted, verdict.marked, verdict.tool),
        *(getattr(derived.iteration, name) for name in ITERATION),
        *(derived.is_hotfix, derived.work_type, list(derived.revert_claims), list(derived.picked_shas)),
    )


def _hours(span: timedelta | None) -> float | None:
    return None if span is None else span / timedelta(hours=1)


def _rows(sets: Sets, derived: Derived, actors: Actors, root: PullRequestRecord) -> dict[Table, dict[str, Row]]:
    """The rows that there should be, by table and key."""
    runs = items_of(sets, CHECKS.of)
    flaky = checks.flaky(runs.values())
    following: dict[Table, dict[str, Any]] = {
        CHECKS: {key: Judged(run, flaky.get(run.node_id)) for key, run in runs.items()},
        EVIDENCE: {EVIDENCE.key(mark): mark for mark in derived.evidence},
        TERMS: {term: term for term in sorted(terms(root.title, root.number, root.labels))},
    }
    return {
        table: {
            key: table.row(item, actors, root)
            for key, item in (following[table] if table in following else items_of(sets, table.of)).items()
            if isinstance(item, table.item_type)
        }
        for table in TABLES
    }


def _difference(stored: Stored, row: Row, wanted: dict[Table, dict[str, Row]], actors: Actors) -> Changes:
    insert: dict[Table, list[Row]] = {}
    update: dict[Table, list[StoredRow]] = {}
    delete: dict[Table, list[int]] = {}
    for table, rows in wanted.items():
        known = {table.key(table.item(old.row, actors)): old for old in stored.children.get(table, ())}
        insert[table] = [new for key, new in rows.items() if key not in known]
        update[table] = [StoredRow(known[key].id, new) for key, new in rows.items() if _differs(known.get(key), new)]
        delete[table] = [old.id for key, old in known.items() if key not in rows]
    differs = stored.row is None or _substance(row) != _substance(stored.row)
    return Changes(stored, None if row == stored.row else row, differs, insert, update, delete)


def _differs(old: StoredRow | None, new: Row) -> bool:
    return old is not None and old.row != new


def _substance(row: Row) -> Row:
    """A row without what changes when it is only looked at again."""
    return tuple(value for name, value in zip(COLUMNS, row, strict=True) if name not in LOOKS)
