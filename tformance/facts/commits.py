"""Commits of a page: one row a sha, however many pull requests and repositories contain it.

A commit never changes, but sources know more or less of it: unknown values are filled in from any of them, and where
two of them differ the repository with the lowest provider id is believed, in any order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.actors import Actors
from tformance.facts.derive import ai
from tformance.facts.models.repository import Commit
from tformance.facts.records import ActorRecord, CommitRecord, RepositoryPage
from tformance.facts.touched import Concern, touch

FIELDS: Final = (
    "sha",
    "author_name",
    "author_email",
    "committer_name",
    "committer_email",
    "authored_at",
    "committed_at",
    "message",
    "is_merge",
    "additions",
    "deletions",
    "changed_files",
)
ACCOUNT: Final = ("author__provider_id", "author__login", "author__kind", "author__verdict")
COLUMNS: Final = ("repository_id", "author_id", *FIELDS, "ai_marked", "ai_tool")


class Home(NamedTuple):
    """A repository that contains a commit."""

    provider_id: int
    id: int


class Author(NamedTuple):
    """Whose account it is, and that account's row."""

    record: ActorRecord
    id: int

    @property
    def provider_id(self) -> int:
        return self.record.provider_id


class Known(NamedTuple):
    """A commit row, its record without the author's account; without an id it is not stored yet."""

    record: CommitRecord
    home: Home
    author: Author | None
    id: int | None = None


class Commits:
    """The commits of a page and of its pull requests' rows, stored."""

    def __init__(self, known: dict[str, Known], changed: frozenset[str], rows: int) -> None:
        self._known = known
        self.changed = changed
        self.rows = rows  # how many of them are new or changed

    def id(self, sha: str) -> int | None:
        return self._known[sha].id

    def record(self, sha: str) -> CommitRecord:
        known = self._known[sha]
        return replace(known.record, author=known.author.record) if known.author else known.record


def store_commits(page: RepositoryPage, home: Home, actors: Actors, referred: frozenset[str]) -> Commits:
    """Add what this page knows of its commits; `referred` are shas of further commits to know."""
    seen: dict[str, Known] = {}
    for record in _mentioned(page):
        seen[record.sha] = _merged(seen.get(record.sha), _seen(record, home, actors))
    stored = _stored(seen.keys() | referred)
    fresh = [seen[sha] for sha in sorted(seen.keys() - stored.keys())]
    ids = bulk.new_ids(Commit, len(fresh))
    rows = [(new_id, *_row(known)) for new_id, known in zip(ids, fresh, strict=True)]
    if bulk.insert(Commit, current_team_id(), ("id", *COLUMNS), rows, keep_existing=True) < len(fresh):
        return store_commits(page, home, actors, referred)  # another worker was faster: its rows are visible
    current = stored | {sha: _merged(stored[sha], known) for sha, known in seen.items() if sha in stored}
    changed = frozenset(sha for sha, known in current.items() if known != stored[sha])
    bulk.update(Commit, COLUMNS, [(current[sha].id, *_row(current[sha])) for sha in sorted(changed)])
    moved = [known for sha in changed for known in (stored[sha], current[sha])]
    touch((known.record.committed_at for known in (*fresh, *moved)), Concern.WEEKS)
    current |= {known.record.sha: known._replace(id=new_id) for new_id, known in zip(ids, fresh, strict=True)}
    return Commits(current, changed, len(fresh) + len(changed))


def _mentioned(page: RepositoryPage) -> Iterator[CommitRecord]:
    yield from page.commits
    for record in page.pull_requests:
        if record.commits:
            yield from record.commits.items


def _seen(record: CommitRecord, home: Home, actors: Actors) -> Known:
    if record.author is None:
        return Known(record, home, None)
    author = Author(actors.newest(record.author), actors.id(record.author))
    return Known(replace(record, author=None), home, author)


def _stored(shas: Iterable[str]) -> dict[str, Known]:
    rows = (
        Commit.everything.filter(sha__in=sorted(shas))
        .order_by("sha")
        .select_for_update(no_key=True, of=("self",))
        .values_list("id", "repository_id", "repository__provider_id", "author_id", *ACCOUNT, *FIELDS)
    )
    return {known.record.sha: known for known in map(_known, rows)}


def _known(row: bulk.Row) -> Known:
    commit_id, repository_id, repository_key, author_id, provider_id, login, kind, verdict, sha, *rest = row
    account = None if author_id is None else ActorRecord(provider_id, login, kind, verdict=verdict)
    author = None if account is None else Author(account, author_id)
    return Known(CommitRecord(sha, None, *rest), Home(repository_key, repository_id), author, commit_id)


def _row(known: Known) -> bulk.Row:
    marks = ai.commit_evidence(known.record)
    tool = ai.strongest_tool(marks)
    author = known.author.id if known.author else None
    return (known.home.id, author, *(getattr(known.record, name) for name in FIELDS), bool(tool), tool)


def _merged(old: Known | None, new: Known) -> Known:
    if old is None:
        return new
    believed, other = (new, old) if new.home.provider_id <= old.home.provider_id else (old, new)
    size = max(_size(believed.record), _size(other.record), key=lambda known: [-1 if n is None else n for n in known])
    record = believed.record
    if size != _size(record):
        record = replace(record, additions=size[0], deletions=size[1], changed_files=size[2])
    return Known(record, believed.home, _author(old.author, new.author), old.id)


def _size(record: CommitRecord) -> tuple[int | None, int | None, int | None]:
    return record.additions, record.deletions, record.changed_files


def _author(one: Author | None, other: Author | None) -> Author | None:
    """Any account rather than none, and any rather than the deleted one, whose id is 0."""
    known = [author for author in (one, other) if author is not None]
    return min(known, key=lambda author: (author.provider_id == 0, author.provider_id), default=None)
