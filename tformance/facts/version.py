"""The team's data has moved on: followers and caches know by its version what they have seen."""

from django.db.models import F

from tformance.core.clock import now
from tformance.facts import bulk
from tformance.facts.models.repository import DataVersion


def move_version_on(team_id: int) -> None:
    """Inside `tenant()`, in the transaction that changed something."""
    version = DataVersion.objects.filter(team_id=team_id)
    if not version.update(version=F("version") + 1, changed_at=now()):
        bulk.insert(DataVersion, team_id, ("version", "changed_at"), [(0, now())], keep_existing=True)
        move_version_on(team_id)
