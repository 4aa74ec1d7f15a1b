"""The one writer of what providers say and people decide: whole pages in, rows with everything derived out, in any order the same rows."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

from django.db.models import F, Q

from tformance.accounts.tenancy import current_team_id
from tformance.core.clock import now
from tformance.facts import bulk, gone, jira_links, planning
from tformance.facts.actors import Actors, look_of_organization, look_of_repository, store_actors
from tformance.facts.carried import mark_carried
from tformance.facts.children import TABLES
from tformance.facts.cleaning import cleaned
from tformance.facts.commits import Commits, Home, store_commits
from tformance.facts.comparisons import store_comparisons
from tformance.facts.counted import touch_deployed, touch_pull_requests
from tformance.facts.decisions import Decision, store_decision
from tformance.facts.deliveries import Moved, follow, follow_stale
from tformance.facts.deployments import store_deployments
from tformance.facts.derive.pull_request import DERIVED_VERSION
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.repository import DataVersion, Repository
from tformance.facts.models.review import PRComment, PRReview
from tformance.facts.organizations import store_organization
from tformance.facts.planning_records import ProjectPage, SitePage
from tformance.facts.records import OrganizationPage, PullRequestRecord, RepositoryPage, RepositoryRecord, Source
from tformance.facts.releases import store_releases
from tformance.facts.reverts import link_reverts
from tformance.facts.sets import News
from tformance.facts.state import COLUMNS, Changes, Stored, StoredRow, changes, has_substance
from tformance.facts.store import store_changes
from tformance.facts.surveys import Answer, store_answer
from tformance.facts.touched import Concern, touch, touch_all

REPOSITORY: Final = ("source", "provider_id", "node_id", "full_name", "default_branch", "is_private", "is_archived")
BATCH: Final = 200  # pull requests that are derived again in one go


@dataclass(frozen=True, slots=True)
class Written:
    """Pull requests and deployments by what became of them, and how many rows of any kind changed.

    `pulls` are those whose texts may be others now.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rows: int = 0
    pulls: frozenset[int] = field(default=frozenset(), compare=False, repr=False)

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.rows + other.rows,
            self.pulls | other.pulls,
        )


def write_page(page: RepositoryPage, *, team_id: int) -> Written:
    """Store a page inside the caller's `tenant(team_id)`, in one transaction with what the caller stores beside it."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    written = sum((_write(part) for part in _parts(cleaned(page))), Written())
    if not written.rows:
        return written
    _move_version_on(team_id)
    return written + Written(rows=jira_links.follow_pulls(written.pulls))


def write_site(page: SitePage, *, team_id: int) -> int:
    """As `write_page`, of the accounts of an issue tracker; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    rows = store_actors(planning.look_of_site(cleaned(page)), frozenset()).rows
    if rows:
        _move_version_on(team_id)
    return rows


def write_project(page: ProjectPage, *, team_id: int) -> int:
    """As `write_page`, of a project of an issue tracker; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    page = cleaned(page)
    known = jira_links.known_projects()
    actors = store_actors(planning.look_of_project(page), frozenset())
    stored = planning.store_project(page, actors)
    if not actors.rows + stored.rows:
        return 0
    _move_version_on(team_id)
    return actors.rows + stored.rows + jira_links.follow_issues(stored.keys, known)


def mark_issues_gone(project_id: int, ids: Collection[int], at: datetime) -> int:
    """The provider was asked at `at` and no longer had these in the project; returns how many keys that is news for."""
    known = jira_links.known_projects()
    keys = planning.mark_issues_gone(project_id, ids, at)
    if keys:
        _move_version_on(current_team_id())
        jira_links.follow_issues(keys, known)
    return len(keys)


def write_organization(page: OrganizationPage, *, team_id: int) -> int:
    """As `write_page`, of an organisation; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    page = cleaned(page)
    actors = store_actors(look_of_organization(page), frozenset())
    rows = actors.rows + store_organization(page, actors) + _follow_accounts(actors.changed, frozenset(), ()).rows
    if rows:
        _move_version_on(team_id)
    return rows


def write_answer(answer: Answer, *, team_id: int) -> int:
    """As `write_page`, of what somebody answered in a survey; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("an answer is written inside the tenant it belongs to")
    rows = store_answer(answer)
    if rows:
        touch(PullRequest.everything.filter(id=answer.pull_request).values_list("merged_at", flat=True), Concern.WEEKS)
        _move_version_on(team_id)
    return rows


def write_decision(decision: Decision, *, team_id: int) -> int:
    """As `write_page`, of what somebody decided about accounts and people; raises Outdated."""
    if team_id != current_team_id():
        raise ValueError("a decision is written inside the tenant it belongs to")
    decided = store_decision(decision)
    if decided.rows:
        _follow_accounts(decided.judged, frozenset(), ())
        _move_version_on(team_id)
    return decided.rows


def mark_gone(kind: gone.Kind, repository_id: int, node_ids: Collection[str], at: datetime) -> int:
    """The provider was asked at `at` and no longer had these; returns how many rows that is news for."""
    ids = gone.mark_rows(kind, repository_id, node_ids, at)
    if not ids:
        return 0
    if kind == "pull_request":
        touch_pull_requests(ids)
        link_reverts({repository_id})
        follow(repository_id, Moved(pulls=frozenset(ids), fixes=True))
    if kind == "deployment":
        follow(repository_id, Moved(deployments=frozenset(ids)))
    _move_version_on(current_team_id())
    return len(ids)


def mark_repository_gone(repository_id: int, at: datetime) -> int:
    """Of the repository alone: what was done in it goes on counting."""
    rows = gone.mark_repository(repository_id, at)
    if rows:
        touch_all()
        _move_version_on(current_team_id())
    return rows


def derive_stale(limit: int = BATCH) -> int:
    """Derive at most `limit` pull requests again whose columns follow an older definition; returns how many.

    Once there are none, the deployments of one repository.
    """
    stale = PullRequest.everything.exclude(derived_version=DERIVED_VERSION).order_by("source", "id")
    found = list(stale.values_list("source", "id")[:limit])
    if sum((_derive_again(*batch) for batch in _batches(found)), Written()).rows:
        _move_version_on(current_team_id())
    return len(found) or _derive_stale_deployments()


def _derive_stale_deployments() -> int:
    derived = follow_stale()
    if derived:
        _move_version_on(current_team_id())
    return derived


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
        yield RepositoryPage(page.repository, page.fetched_at, pull_requests=tuple(layer_records))


def _write(page: RepositoryPage) -> Written:
    home = _store_repository(page)
    records = {record.provider_id: record for record in page.pull_requests}
    heads = {record.provider_id: record.earlier_heads for record in page.heads}
    stored = _locked(Q(source=page.repository.source, provider_id__in=sorted(records.keys() | heads.keys())))
    missing = sorted(records.keys() - {old.provider_id for old in stored})
    stored += map(Stored, bulk.new_ids(PullRequest, len(missing)), missing)
    news = {
        old.id: News(records.get(old.provider_id), heads.get(old.provider_id, ()), page.fetched_at, home.id)
        for old in stored
    }
    touched = [old for old in stored if has_substance(old, news[old.id])]
    actors, commits, plan = _plan(page, home, touched, news)
    rows = store_changes(plan, commits) + actors.rows + commits.rows + store_releases(page, home.id, actors)
    deployed = store_deployments(page, home.id, actors)
    compared = store_comparisons(page, home.id)
    rows += compared.rows + _follow_changes(plan, {home.id: Moved(deployed.moved, compared.ids)})
    changed = sum(change.is_substantial for change in plan)
    written = Written(
        created=len(missing) + deployed.created,
        updated=changed - len(missing) + deployed.updated,
        unchanged=len(stored) - changed + deployed.unchanged,
        rows=rows + deployed.rows,
        pulls=frozenset(change.stored.id for change in plan if change.may_link),
    )
    return written + _follow_accounts(actors.changed, commits.changed, {old.id for old in touched})


def _plan(
    page: RepositoryPage, home: Home, touched: Sequence[Stored], news: Mapping[int, News]
) -> tuple[Actors, Commits, list[Changes]]:
    """Accounts and commits are stored, as everything else refers to them; the rest is only worked out."""
    _load_children([old for old in touched if old.row is not None])
    actors = store_actors(look_of_repository(page), frozenset(key for old in touched for key in old.actor_ids()))
    commits = store_commits(page, home, actors, frozenset(sha for old in touched for sha in old.shas()))
    return actors, commits, [changes(old, news.get(old.id), actors, commits) for old in touched]


def _follow_changes(plan: Sequence[Changes], moved: Mapping[int, Moved]) -> int:
    """What follows from several pull requests of a repository; `moved` is what else moved on, by repository."""
    touch(merge for change in plan for merge in change.merges)
    touch((instant for change in plan for instant in change.instants), Concern.ROLLUPS)
    touch_deployed([change.stored.id for change in plan if change.is_substantial and change.stored.row is not None])
    changed = {change.stored.id: change.repository_id for change in plan if change.may_link}
    links = link_reverts(set(changed.values()))
    hotfixes = any(change.is_hotfix for change in plan)
    rows = links + mark_carried(changed)
    for key in sorted({*changed.values(), *moved}):
        pulls = frozenset(each for each, home in changed.items() if home == key)
        rows += follow(key, moved.get(key, Moved())._replace(pulls=pulls, fixes=bool(links) or hotfixes))
    return rows


def _follow_accounts(actors: frozenset[int], commits: frozenset[str], done: Collection[int]) -> Written:
    """Derive again what follows from accounts and commits that turned out to be something else than was thought."""
    if not actors and not commits:
        return Written()
    affected = PullRequest.everything.filter(
        Q(author__in=actors)
        | Q(merged_by__in=actors)
        | Q(id__in=PRComment.objects.filter(author__in=actors).values("pull_request"))
        | Q(id__in=PRReview.objects.filter(author__in=actors).values("pull_request"))
        | Q(id__in=PRCommit.objects.filter(commit__sha__in=commits).values("pull_request"))
    )
    if actors:
        touch_pull_requests(affected.values_list("id", flat=True))
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
    rows = store_changes(plan, commits) + _follow_changes(plan, {})
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
    found = mine.select_for_update(no_key=True).values_list("id", "fetched_at", "gone_at").first()
    if found is None:
        bulk.insert(Repository, current_team_id(), (*REPOSITORY, "fetched_at"), [row], keep_existing=True)
        touch_all()  # nothing of it is known yet
        return _store_repository(page)
    key, fetched_at, gone_at = found
    if page.fetched_at > fetched_at:
        still_gone = gone_at if gone_at is not None and gone_at >= page.fetched_at else None
        bulk.update(Repository, (*REPOSITORY, "fetched_at", "gone_at"), [(key, *row, still_gone)])
        if still_gone != gone_at:
            touch_all()
    return Home(record.provider_id, key)


def _move_version_on(team_id: int) -> None:
    version = DataVersion.objects.filter(team_id=team_id)
    if not version.update(version=F("version") + 1, changed_at=now()):
        bulk.insert(DataVersion, team_id, ("version", "changed_at"), [(0, now())], keep_existing=True)
        _move_version_on(team_id)
