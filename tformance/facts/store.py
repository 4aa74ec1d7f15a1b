"""Writes the changes of many pull requests at once: the same few statements however many there are."""

from collections.abc import Sequence

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.children import CHECKS, LINKS, REPLIES, TABLES, THREADS, Table
from tformance.facts.commits import Commits
from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.state import COLUMNS, Changes, StoredRow


def store_changes(plan: Sequence[Changes], commits: Commits) -> int:
    """Returns how many rows changed in substance."""
    _share_checks(plan)
    created = [(change.stored.id, *change.row) for change in plan if change.stored.row is None and change.row]
    updated = [(change.stored.id, *change.row) for change in plan if change.stored.row is not None and change.row]
    bulk.insert(PullRequest, current_team_id(), ("id", *COLUMNS), created)
    bulk.update(PullRequest, COLUMNS, updated)
    gone = sum(
        bulk.delete(table.model, [row_id for change in plan for row_id in change.delete[table]])
        for table in reversed(TABLES)
    )
    threads = _thread_ids(plan)
    written = sum(_store(table, plan, commits, threads) for table in TABLES)
    return sum(change.row_differs for change in plan) + gone + written


def _store(table: Table, plan: Sequence[Changes], commits: Commits, threads: dict[str, int]) -> int:
    """Insert and update the children of one table, with ids in place of the keys that rows name others by."""

    def by_ids(row: bulk.Row) -> bulk.Row:
        if table is LINKS:
            return (commits.id(row[0]), *row[1:])
        return (*row[:-1], threads[row[-1]]) if table is REPLIES else row

    columns = ("pull_request_id", *table.columns)
    fresh = [(change.stored.id, *by_ids(row)) for change in plan for row in change.insert[table]]
    changed = [(old.id, change.stored.id, *by_ids(old.row)) for change in plan for old in change.update[table]]
    bulk.update(table.model, columns, changed)
    if table is THREADS:
        bulk.insert(table.model, current_team_id(), ("id", *columns), [(threads[row[1]], *row) for row in fresh])
    else:
        bulk.insert(table.model, current_team_id(), columns, fresh)
    return len(fresh) + len(changed)


def _thread_ids(plan: Sequence[Changes]) -> dict[str, int]:
    """Ids of review threads by node id, of new ones too."""
    known = {old.row[0]: old.id for change in plan for old in change.stored.children.get(THREADS, ())}
    fresh = [row[0] for change in plan for row in change.insert[THREADS]]
    return known | dict(zip(fresh, bulk.new_ids(THREADS.model, len(fresh)), strict=True))


def _share_checks(plan: Sequence[Changes]) -> None:
    """A check of a commit that heads several pull requests belongs to the one with the lowest provider id."""
    claims = [(change.stored.provider_id, row[0]) for change in plan for row in change.insert[CHECKS]]
    if not claims:
        return
    leaving = {row_id for change in plan for row_id in change.delete[CHECKS]}
    stored = PRCheckRun.objects.filter(node_id__in=sorted({node for _, node in claims}))
    owned = stored.values_list("node_id", "pull_request__provider_id", "id")
    owners = {node: (key, row_id) for node, key, row_id in owned if row_id not in leaving}
    lowest: dict[str, int] = {}
    for key, node in [*claims, *((key, node) for node, (key, _) in owners.items())]:
        lowest[node] = min(key, lowest.get(node, key))
    for change in plan:
        mine = [row for row in change.insert[CHECKS] if lowest[row[0]] == change.stored.provider_id]
        change.update[CHECKS] += [StoredRow(owners[row[0]][1], row) for row in mine if row[0] in owners]
        change.insert[CHECKS] = [row for row in mine if row[0] not in owners]
