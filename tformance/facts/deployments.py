"""Deployments of a page. The newest look holds; states they went through are only ever added."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.actors import Actors
from tformance.facts.merging import Version
from tformance.facts.models.delivery import Deployment, DeploymentStatus
from tformance.facts.records import DeploymentRecord, RepositoryPage

COLUMNS: Final = (
    "provider_id",
    "provider_updated_at",
    "fetched_at",
    "gone_at",
    "repository_id",
    "node_id",
    "environment",
    "task",
    "sha",
    "ref",
    "state",
    "creator_id",
    "deployed_at",
    "statuses_total",
)
STATUS_COLUMNS: Final = ("deployment_id", "node_id", "state", "created_at")


def store_deployments(page: RepositoryPage, repository_id: int, actors: Actors) -> "Counts":
    newest = {record.provider_id: record for record in sorted(page.deployments, key=_changed_at)}
    if not newest:
        return Counts(0, 0, 0, 0, frozenset())
    stored = _stored(newest)
    fresh = sorted(newest.keys() - stored.keys())
    ids = {key: row[0] for key, row in stored.items()}
    ids |= zip(fresh, bulk.new_ids(Deployment, len(fresh)), strict=True)
    rows = {key: (ids[key], *_row(newest[key], page.fetched_at, repository_id, actors)) for key in sorted(newest)}
    late = [
        _still_gone(row, stored[key])
        for key, row in rows.items()
        if key in stored and _version(row) > _version(stored[key])
    ]
    differing = [row[0] for row in late if _substance(row) != _substance(stored[row[1]])]
    changed = len(differing)
    bulk.insert(Deployment, current_team_id(), ("id", *COLUMNS), [rows[key] for key in fresh])
    bulk.update(Deployment, COLUMNS, late)
    reached = _store_statuses(page.deployments, ids)
    moved = ids.values() if reached else (*(ids[key] for key in fresh), *differing)
    total = len(fresh) + changed + reached
    return Counts(len(fresh), changed, len(rows) - len(fresh) - changed, total, frozenset(moved))


class Counts(NamedTuple):
    """Deployments by what became of them, how many rows changed, states included, and ids of those that moved on."""

    created: int
    updated: int
    unchanged: int
    rows: int
    moved: frozenset[int]


def _changed_at(record: DeploymentRecord) -> datetime:
    return record.updated_at


def _stored(keys: Iterable[int]) -> dict[int, bulk.Row]:
    rows = (
        Deployment.everything.filter(provider_id__in=sorted(keys))
        .order_by("provider_id")
        .select_for_update(no_key=True)
        .values_list("id", *COLUMNS)
    )
    return {row[1]: row for row in rows}


def _version(row: bulk.Row) -> Version:
    return Version(row[2], row[3])


def _substance(row: bulk.Row) -> bulk.Row:
    """A row without when it was looked at."""
    return (*row[:3], *row[4:])


def _still_gone(row: bulk.Row, stored: bulk.Row) -> bulk.Row:
    """It is back if it was read after it was found gone."""
    gone_at = stored[4]
    return row if gone_at is None or gone_at < row[3] else (*row[:4], gone_at, *row[5:])


def _row(record: DeploymentRecord, fetched_at: datetime, repository_id: int, actors: Actors) -> bulk.Row:
    what = (record.node_id, record.environment, record.task, record.sha, record.ref, record.state)
    who = actors.id_or_none(record.creator)
    identity = (record.provider_id, record.updated_at, fetched_at, None, repository_id)
    return (*identity, *what, who, record.created_at, record.statuses.total)


def _store_statuses(records: Iterable[DeploymentRecord], ids: dict[int, int]) -> int:
    """A state that was reached stays reached, so what is known is the union of all readings."""
    rows = {
        status.node_id: (ids[record.provider_id], status.node_id, status.state, status.created_at)
        for record in records
        for status in record.statuses.items
    }
    ordered = [rows[key] for key in sorted(rows)]
    return bulk.insert(DeploymentStatus, current_team_id(), STATUS_COLUMNS, ordered, keep_existing=True)
