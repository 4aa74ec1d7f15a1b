"""What is kept for a while only is dropped when its time is over."""

from datetime import timedelta

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sync import inbox, turns
from tformance.sync.models import Quarantined

KEPT = timedelta(days=30)


def drop_old() -> None:
    """Bodies of messages and of items that could not be read, and what was spent long ago; that it was stays."""
    inbox.drop_bodies()
    turns.forget_spending(KEPT)
    for team_id in Team.objects.order_by("id").values_list("id", flat=True):
        with tenant(team_id):
            Quarantined.objects.filter(last_seen__lt=now() - KEPT, raw__isnull=False).update(raw=None)
