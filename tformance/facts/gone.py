"""What the provider no longer has. Nothing is deleted: a row says since when, and is back when it is read again."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Literal

from django.db.models import QuerySet

from tformance.facts.models.delivery import Deployment, Release
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository

Kind = Literal["pull_request", "deployment", "release"]
_MODELS: Final = {"pull_request": PullRequest, "deployment": Deployment, "release": Release}


def mark_rows(kind: Kind, repository_id: int, node_ids: Collection[str], at: datetime) -> list[int]:
    """Ids of those that are gone from now on; what was read after `at` is not."""
    rows: QuerySet[PullRequest] = _MODELS[kind].everything.filter(repository_id=repository_id, fetched_at__lt=at)
    leaving = rows.filter(node_id__in=sorted(node_ids), gone_at__isnull=True)
    ids = list(leaving.order_by("id").select_for_update(no_key=True).values_list("id", flat=True))
    _MODELS[kind].everything.filter(id__in=ids).update(gone_at=at)
    return ids


def mark_repository(repository_id: int, at: datetime) -> int:
    """The repository itself; what was done in it was done and goes on counting."""
    row = Repository.everything.filter(id=repository_id, gone_at__isnull=True, fetched_at__lt=at)
    return int(row.update(gone_at=at))
