"""The one writer of what providers say: whole pages in, rows with everything derived out, in any order the same rows."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Final

from django.db.models import F, Q

from tformance.accounts.tenancy import current_team_id
from tformance.core.clock import now
from tformance.facts import bulk
from tformance.facts.actors import Actors, store_actors
from tformance.facts.children import TABLES
from tformance.facts.cleaning import cleaned
from tformance.facts.commits import Commits, Home, store_commits
from tformance.facts.deployments import store_deployments
from tformance.facts.derive.pull_request import DERIVED_VERSION
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.repository import DataVersion, Repository
from tformance.facts.models.review import PRComment, PRReview
from tformance.facts.records import PullRequestRecord, RepositoryPage, RepositoryRecord, Source
from tformance.facts.reverts import link_reverts
from tformance.facts.state import COLUMNS, Changes, News, Stored, StoredRow, changes, has_substance
from tformance.facts.store import store_changes

REPOSITORY: Final = ("source", "provider_id", "node_id", "full_name", "default_branch", "is_private", "is_archived")
BATCH: Final = 200  # pull requests that are derived again in one go


@dataclass(frozen=True, slots=True)
class Written:
    """Pull requests and deployments by what became of them, and how many rows of any kind changed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rows: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.rows + other.rows,
        )


def write_page(page: RepositoryPage, *, team_id: int) -> Written:
    """Store a page inside the caller's `tenant(team_id)`, in one transaction with what the caller stores beside it."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    written = sum((_write(part) for part in _parts(cleaned(page))), Written())
    if written.rows:
        _move_version_on(team_id)
    return written


def derive_stale(limit: int = BATCH) -> int:
    """Derive at most `limit` pull requests again whose columns follow an older definition; returns how many."""
    stale = PullRequest.everything.exclude(derived_version=DERIVED_VERSION).order_by("source", "id")
    found = list(stale.values_list("source", "id")[:limit])
    if sum((_derive_again(*batch) for batch in _batches(found)), Written()).rows:
        _move_version_on(current_team_id())
    return len(found)


def _parts(page: RepositoryPage) -> Iterator[RepositoryPage]:
    """The page, cut so that no part has a pull request twice."""
    layers: list[list[PullRequestRecord]] = [[]]
    times_seen: Counter[int] = Counter()
    for record in page.pull_requests:
        layer = times_seen[record.provider_id]
        times_seen[record.provider_id] += 1
        if layer == len(layers):
            layers.append([])
        layers[layer].append(record)
    yield replace(page, pull_requests=tuple(layers[0]))
    for layer_records in layers[1:]:
        yield replace(page, pull_requests=tuple(layer_records), deployments=(), commits=())


def _write(page: RepositoryPage) -> Written:
    home = _store_repository(page)
    records = {record.provider_id: record for record in page.pull_requests}
    stored = _locked(Q(source=page.repository.source, provider_id__in=sorted(records)))
    missing = sorted(records.keys() - {old.provider_id for old in stored})
    stored += map(Stored, bulk.new_ids(PullRequest, len(missing)), missing)
    news = {old.id: News(records[old.provider_id], page.fetched_at, home.id) for old in stored}
    touched = [old for old in stored if has_substance(old, news[old.id])]
    actors, commits, plan = _plan(page, home, touched, news)
    rows = store_changes(plan, commits) + link_reverts(_repositories(plan)) + actors.rows + commits.rows
    deployed = store_deployments(page, home.id, actors)
    changed = sum(change.is_substantial for change in plan)
    written = Written(
        created=len(missing) + deployed.created,
        updated=changed - len(missing) + deployed.updated,
        unchanged=len(stored) - changed + deployed.unchanged,
        rows=rows + deployed.rows,
    )
    return written + _follow(actors, commits, {old.id for old in touched})


def _plan(
    page: RepositoryPage, home: Home, touched: Sequence[Stored], news: Mapping[int, News]
) -> tuple[Actors, Commits, list[Changes]]:
    """Accounts and commits are stored, as everything else refers to them; the rest is only worked out."""
    _load_children([old for old in touched if old.row is not None])
    actors = store_actors(page, frozenset(key for old in touched for key in old.actor_ids()))
    commits = store_commits(page, home, actors, frozenset(sha for old in touched for sha in old.shas()))
    return actors, commits, [changes(old, news.get(old.id), actors, commits) for old in touched]


def _repositories(plan: Iterable[Changes]) -> set[int]:
    """Those whose pull requests change in substance."""
    return {change.row[0] for change in plan if change.row_differs and change.row}


def _follow(actors: Actors, commits: Commits, done: Collection[int]) -> Written:
    """Derive again what follows from accounts and commits that turned out to be something else than was thought."""
    if not actors.changed and not commits.changed:
        return Written()
    affected = PullRequest.everything.filter(
        Q(author__in=actors.changed)
        | Q(merged_by__in=actors.changed)
        | Q(id__in=PRComment.objects.filter(author__in=actors.changed).values("pull_request"))
        | Q(id__in=PRReview.objects.filter(author__in=actors.changed).values("pull_request"))
        | Q(id__in=PRCommit.objects.filter(commit__sha__in=commits.changed).values("pull_request"))
    )
    found = affected.exclude(id__in=done).order_by("source", "id").values_list("source", "id")
    return sum((_derive_again(*batch) for batch in _batches(found)), Written())


def _batches(found: Iterable[tuple[Source, int]]) -> Iterator[tuple[Source, list[int]]]:
    """Ids of pull requests in handy numbers, each batch of one source."""
    for source, group in groupby(found, key=itemgetter(0)):
        ids = [key for _, key in group]
        yield from ((source, ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def _derive_again(source: Source, ids: Sequence[int]) -> Written:
    nothing = RepositoryPage(RepositoryRecord(source, 0, "", "", None, False, False), fetched_at=now())
    _, commits, plan = _plan(nothing, Home(0, 0), _locked(Q(id__in=ids)), {})
    rows = store_changes(plan, commits) + link_reverts(_repositories(plan))
    return Written(updated=sum(change.is_substantial for change in plan), rows=rows)


def _locked(which: Q) -> list[Stored]:
    rows = (
        PullRequest.everything.filter(which)
        .order_by("source", "provider_id")
        .select_for_update(no_key=True)
        .values_list("id", *COLUMNS)
    )
    return [Stored(row[0], row[1 + COLUMNS.index("provider_id")], row[1:]) for row in rows]


def _load_children(stored: Iterable[Stored]) -> None:
    by_id = {old.id: old for old in stored}
    if not by_id:
        return
    for table in TABLES:
        for row in table.rows_of(by_id).values_list("pull_request_id", "id", *table.fetched):
            by_id[row[0]].children.setdefault(table, []).append(StoredRow(row[1], row[2:]))


def _store_repository(page: RepositoryPage) -> Home:
    """Its row is locked first, so that pages of one repository are written one after the other."""
    record = page.repository
    row = (*(getattr(record, name) for name in REPOSITORY), page.fetched_at)
    mine = Repository.everything.filter(source=record.source, provider_id=record.provider_id)
    found = mine.select_for_update(no_key=True).values_list("id", *REPOSITORY, "fetched_at").first()
    if found is None:
        bulk.insert(Repository, current_team_id(), (*REPOSITORY, "fetched_at"), [row], keep_existing=True)
        return _store_repository(page)
    if page.fetched_at > found[-1]:
        bulk.update(Repository, (*REPOSITORY, "fetched_at"), [(found[0], *row)])
    return Home(record.provider_id, found[0])


def _move_version_on(team_id: int) -> None:
    version = DataVersion.objects.filter(team_id=team_id)
    if not version.update(version=F("version") + 1, changed_at=now()):
        bulk.insert(DataVersion, team_id, ("version", "changed_at"), [(0, now())], keep_existing=True)
        _move_version_on(team_id)
