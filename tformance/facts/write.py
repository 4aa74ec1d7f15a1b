"""The one writer of what providers say and people decide: whole pages in, rows with everything derived out, in any order the same rows."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Final

from django.db.models import Q

from tformance.accounts.models import Team
from tformance.accounts.tenancy import current_team_id
from tformance.core.clock import now
from tformance.facts import bulk, erasing, gone, jira_links, retiring, sweeping
from tformance.facts.actors import Actors, look_of_organization, look_of_repository, store_actors
from tformance.facts.carried import mark_carried
from tformance.facts.children import TABLES
from tformance.facts.cleaning import cleaned
from tformance.facts.commits import Commits, Home, store_commits
from tformance.facts.comparisons import store_comparisons
from tformance.facts.counted import touch_deployed, touch_pull_requests
from tformance.facts.decisions import Decision, store_decision
from tformance.facts.deliveries import Moved, follow, follow_stale, misplaced
from tformance.facts.deployments import store_deployments
from tformance.facts.derive.pull_request import DERIVED_VERSION
from tformance.facts.derive.rules import Rules
from tformance.facts.models.pull_request import PRCommit, PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.models.review import PRComment, PRReview
from tformance.facts.organizations import store_organization
from tformance.facts.records import OrganizationPage, PullRequestRecord, RepositoryPage, RepositoryRecord, Source
from tformance.facts.releases import store_releases
from tformance.facts.reverts import link_reverts
from tformance.facts.rules import NewRules, hold_rules, store_rules
from tformance.facts.rules_round import SIZE, Followed, advance, begin, differing, take
from tformance.facts.sets import News
from tformance.facts.state import COLUMNS, Changes, Stored, StoredRow, changes, has_substance
from tformance.facts.store import store_changes
from tformance.facts.surveys import Answer, store_answer
from tformance.facts.touched import Concern, touch, touch_all
from tformance.facts.version import move_version_on

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
    rules = hold_rules()
    written = sum((_write(part, rules) for part in _parts(cleaned(page))), Written())
    if not written.rows:
        return written
    move_version_on(team_id)
    return written + Written(rows=jira_links.follow_pulls(written.pulls))


def write_organization(page: OrganizationPage, *, team_id: int) -> int:
    """As `write_page`, of an organisation; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("a page is written inside the tenant it belongs to")
    Team.objects.select_for_update(no_key=True).get(id=team_id)  # nobody is erased meanwhile
    rules = hold_rules()
    page = erasing.without_erased(cleaned(page), page.organization.source)
    actors = store_actors(look_of_organization(page), frozenset())
    rows = (
        actors.rows + store_organization(page, actors) + _follow_accounts(actors.changed, frozenset(), (), rules).rows
    )
    if rows:
        move_version_on(team_id)
    return rows


def write_answer(answer: Answer, *, team_id: int) -> int:
    """As `write_page`, of what somebody answered in a survey; returns how many rows changed."""
    if team_id != current_team_id():
        raise ValueError("an answer is written inside the tenant it belongs to")
    rows = store_answer(answer)
    if rows:
        touch(PullRequest.everything.filter(id=answer.pull_request).values_list("merged_at", flat=True), Concern.WEEKS)
        move_version_on(team_id)
    return rows


def write_decision(decision: Decision, *, team_id: int) -> int:
    """As `write_page`, of what somebody decided about accounts and people; raises Outdated."""
    if team_id != current_team_id():
        raise ValueError("a decision is written inside the tenant it belongs to")
    rules = hold_rules()
    decided = store_decision(decision)
    if decided.rows:
        _follow_accounts(decided.judged, frozenset(), (), rules)
        move_version_on(team_id)
    return decided.rows


def write_erased(member_id: int, words: Iterable[str], *, team_id: int) -> int:
    """As `write_decision`: the member is nobody any more; gives the number of the pseudonym, raises Outdated."""
    if team_id != current_team_id():
        raise ValueError("a decision is written inside the tenant it belongs to")
    number = erasing.erase(member_id, words)
    move_version_on(team_id)
    return number


def sweep_some() -> bool:
    """Search some of what is stored for words of who was erased; False once there is nothing to search."""
    rules, swept = hold_rules(), sweeping.sweep_some()
    if swept is None:
        return False
    found = PullRequest.everything.filter(id__in=swept.pulls).order_by("source").values_list("source", "id")
    for batch in _batches(found):
        _derive_again(*batch, rules)
    if swept.rows:
        move_version_on(current_team_id())
    return True


def retire_some() -> int:
    """Delete some of what the team does not keep so long; 0 once there is nothing."""
    rows = retiring.drop_some()
    if rows:
        move_version_on(current_team_id())
    return rows


def mark_gone(kind: gone.Kind, repository_id: int, node_ids: Collection[str], at: datetime) -> int:
    """The provider was asked at `at` and no longer had these; returns how many rows that is news for."""
    rule = hold_rules().environments
    ids = gone.mark_rows(kind, repository_id, node_ids, at)
    if not ids:
        return 0
    if kind == "pull_request":
        touch_pull_requests(ids)
        link_reverts({repository_id})
        follow(repository_id, Moved(pulls=frozenset(ids), fixes=True), rule)
    if kind == "deployment":
        follow(repository_id, Moved(deployments=frozenset(ids)), rule)
    move_version_on(current_team_id())
    return len(ids)


def mark_repository_gone(repository_id: int, at: datetime) -> int:
    """Of the repository alone: what was done in it goes on counting."""
    rows = gone.mark_repository(repository_id, at)
    if rows:
        touch_all()
        move_version_on(current_team_id())
    return rows


def derive_stale(limit: int = BATCH) -> int:
    """Derive at most `limit` pull requests again whose columns follow an older definition; returns how many.

    Once there are none, the deployments of one repository.
    """
    rules = hold_rules()
    stale = PullRequest.everything.exclude(derived_version=DERIVED_VERSION).order_by("source", "id")
    found = list(stale.values_list("source", "id")[:limit])
    if sum((_derive_again(*batch, rules) for batch in _batches(found)), Written()).rows:
        move_version_on(current_team_id())
    return len(found) or _derive_stale_deployments(rules)


def _derive_stale_deployments(rules: Rules) -> int:
    derived = follow_stale(rules.environments)
    if derived:
        move_version_on(current_team_id())
    return derived


def write_rules(new: NewRules, *, team_id: int) -> None:
    """As `write_page`, of how the team's facts are to be read; raises Outdated. All that is stored follows bit by bit."""
    if team_id != current_team_id():
        raise ValueError("rules are written inside the tenant they belong to")
    store_rules(new)
    begin(team_id)


def follow_rules(limit: int = SIZE) -> Followed | None:
    """Hold at most `limit` more pull requests against the team's rules, and the deployments of a repository after its last; None where nothing waits for it, or somebody is at it."""
    rules = hold_rules()
    mine = take(current_team_id())
    if mine is None:
        return None
    batch = differing(mine, rules.hotfix, limit)
    rows = sum((_derive_again(*part, rules) for part in _batches(batch.differing)), Written()).rows
    moved = frozenset[int]() if batch.has_more else misplaced(mine.repository, rules.environments)
    if moved:
        rows += follow(mine.repository, Moved(deployments=moved), rules.environments)
    if rows:
        move_version_on(current_team_id())
    return advance(mine, batch, has_moved=bool(moved))


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


def _write(page: RepositoryPage, rules: Rules) -> Written:
    home = _store_repository(page)
    page = retiring.without_old(erasing.without_erased(page, page.repository.source))
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
    actors, commits, plan = _plan(page, home, touched, news, rules)
    rows = store_changes(plan, commits) + actors.rows + commits.rows + store_releases(page, home.id, actors)
    deployed = store_deployments(page, home.id, actors)
    compared = store_comparisons(page, home.id)
    rows += compared.rows + _follow_changes(plan, {home.id: Moved(deployed.moved, compared.ids)}, rules)
    changed = sum(change.is_substantial for change in plan)
    written = Written(
        created=len(missing) + deployed.created,
        updated=changed - len(missing) + deployed.updated,
        unchanged=len(stored) - changed + deployed.unchanged,
        rows=rows + deployed.rows,
        pulls=frozenset(change.stored.id for change in plan if change.may_link),
    )
    return written + _follow_accounts(actors.changed, commits.changed, {old.id for old in touched}, rules)


def _plan(
    page: RepositoryPage, home: Home, touched: Sequence[Stored], news: Mapping[int, News], rules: Rules
) -> tuple[Actors, Commits, list[Changes]]:
    """Accounts and commits are stored, as everything else refers to them; the rest is only worked out."""
    _load_children([old for old in touched if old.row is not None])
    actors = store_actors(look_of_repository(page), frozenset(key for old in touched for key in old.actor_ids()))
    commits = store_commits(page, home, actors, frozenset(sha for old in touched for sha in old.shas()))
    return actors, commits, [changes(old, news.get(old.id), actors, commits, rules) for old in touched]


def _follow_changes(plan: Sequence[Changes], moved: Mapping[int, Moved], rules: Rules) -> int:
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
        news = moved.get(key, Moved())._replace(pulls=pulls, fixes=bool(links) or hotfixes)
        rows += follow(key, news, rules.environments)
    return rows


def _follow_accounts(actors: frozenset[int], commits: frozenset[str], done: Collection[int], rules: Rules) -> Written:
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
    return sum((_derive_again(*batch, rules) for batch in _batches(found)), Written())


def _batches(found: Iterable[tuple[Source, int]]) -> Iterator[tuple[Source, list[int]]]:
    """Ids of pull requests in handy numbers, each batch of one source."""
    for source, group in groupby(found, key=itemgetter(0)):
        ids = [key for _, key in group]
        yield from ((source, ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def _derive_again(source: Source, ids: Sequence[int], rules: Rules) -> Written:
    nothing = RepositoryPage(RepositoryRecord(source, 0, "", "", None, False, False), fetched_at=now())
    _, commits, plan = _plan(nothing, Home(0, 0), _locked(Q(id__in=ids)), {}, rules)
    rows = store_changes(plan, commits) + _follow_changes(plan, {}, rules)
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
