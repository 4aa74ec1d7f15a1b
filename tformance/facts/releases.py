"""Releases of a page. The newest look holds."""

from typing import Final

from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.actors import Actors
from tformance.facts.models.delivery import Release
from tformance.facts.records import RepositoryPage

FIELDS: Final = (
    "provider_id",
    "node_id",
    "tag",
    "name",
    "sha",
    "is_draft",
    "is_prerelease",
    "created_at",
    "published_at",
)
COLUMNS: Final = (*FIELDS, "author_id", "gone_at", "fetched_at")


def store_releases(page: RepositoryPage, repository_id: int, actors: Actors) -> int:
    """Returns how many rows changed."""
    read = {record.provider_id: record for record in page.releases}
    if not read:
        return 0
    rows = {
        key: (*(getattr(record, name) for name in FIELDS), actors.id_or_none(record.author), None, page.fetched_at)
        for key, record in sorted(read.items())
    }
    known = Release.everything.filter(repository_id=repository_id, provider_id__in=sorted(read))
    stored = {row[1]: row for row in known.order_by("id").values_list("id", *COLUMNS)}
    fresh = [(repository_id, *row) for key, row in rows.items() if key not in stored]
    later = [_later(stored[key], row) for key, row in rows.items() if key in stored and row[-1] > stored[key][-1]]
    bulk.insert(Release, current_team_id(), ("repository_id", *COLUMNS), fresh)
    bulk.update(Release, COLUMNS, later)
    changed: list[bulk.Row] = [row for row in later if row[:-1] != stored[row[1]][:-1]]
    return len(fresh) + len(changed)


def _later(stored: bulk.Row, row: bulk.Row) -> bulk.Row:
    """It is back if it was read after it was found gone."""
    *values, fetched_at = row
    gone_at = stored[-2]
    still_gone = gone_at if gone_at is not None and gone_at >= fetched_at else None
    return (stored[0], *values[:-1], still_gone, fetched_at)
