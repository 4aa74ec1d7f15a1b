"""Comparisons of a page. Commits never change, so what was said of two of them is only added to."""

from typing import NamedTuple

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.models.delivery import Comparison, ComparisonCommit
from tformance.facts.records import ComparisonRecord, RepositoryPage


class Compared(NamedTuple):
    """Ids of comparisons that say something new, and how many rows changed."""

    ids: frozenset[int]
    rows: int


def store_comparisons(page: RepositoryPage, repository_id: int) -> Compared:
    read = {(record.base_sha, record.head_sha): record for record in sorted(page.comparisons, key=_worth)}
    if not read:
        return Compared(frozenset(), 0)
    found = Comparison.objects.filter(repository_id=repository_id, head_sha__in=sorted({head for _, head in read}))
    columns = ("id", "base_sha", "head_sha", "relation", "total", "fetched_at")
    stored = {row[1:3]: row for row in found.order_by("id").values_list(*columns)}
    fresh = sorted(read.keys() - stored.keys())
    ids = {pair: row[0] for pair, row in stored.items()} | dict(
        zip(fresh, bulk.new_ids(Comparison, len(fresh)), strict=True)
    )
    rows = {pair: (ids[pair], *pair, record.relation, record.total, page.fetched_at) for pair, record in read.items()}
    later = [row for pair, row in rows.items() if pair in stored and _is_better(row, stored[pair])]
    changed = {row[0] for row in later if row[:-1] != stored[row[1:3]][:-1]}
    bulk.insert(
        Comparison, current_team_id(), (*columns, "repository_id"), [(*rows[pair], repository_id) for pair in fresh]
    )
    bulk.update(Comparison, columns[1:], later)
    added = _add_commits({ids[pair]: record for pair, record in read.items()})
    return Compared(
        frozenset({ids[pair] for pair in fresh} | changed | added.ids), len(fresh) + len(changed) + added.rows
    )


def _worth(record: ComparisonRecord) -> tuple[bool, int]:
    return record.relation != "unknown", len(record.shas)


def _is_better(row: bulk.Row, stored: bulk.Row) -> bool:
    """That a commit cannot be found any more takes nothing from what was known of it."""
    return (row[3] != "unknown", row[-1]) > (stored[3] != "unknown", stored[-1])


def _add_commits(read: dict[int, ComparisonRecord]) -> Compared:
    known = ComparisonCommit.objects.filter(comparison_id__in=sorted(read)).values_list("comparison_id", "sha")
    said = {(key, sha) for key, record in read.items() for sha in record.shas}
    fresh = sorted(said - set(known))
    bulk.insert(ComparisonCommit, current_team_id(), ("comparison_id", "sha"), fresh)
    return Compared(frozenset(key for key, _ in fresh), len(fresh))
