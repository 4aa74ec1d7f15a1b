"""What is kept for a while only is dropped when its time is over."""

from datetime import timedelta

from django.db.models import Max

from tformance.accounts import retention
from tformance.accounts.teams import present
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sync import inbox, load, turns
from tformance.sync.models import Quarantined, SyncRun, SyncStep

KEPT = timedelta(days=30)
BATCH = 5000


def drop_old() -> None:
    """Bodies of messages and of items that could not be read, spending, rounds and looks of long ago, and what each
    team does not want to keep any longer.

    That a message or an item was stays, and of every stream the newest round.
    """
    inbox.drop_bodies()
    turns.forget_spending(KEPT)
    for team_id in present().order_by("id").values_list("id", flat=True):
        with tenant(team_id):
            Quarantined.objects.filter(last_seen__lt=now() - KEPT, raw__isnull=False).update(raw=None)
            _drop_rounds()
            retention.drop_looks()
        while load.retire_some(team_id):
            pass


def drop_sent(team_id: int) -> None:
    """What providers sent to the team and is kept sealed, but for messages that are not taken up yet. Inside `tenant()`."""
    Quarantined.objects.filter(raw__isnull=False).update(raw=None)
    inbox.drop_bodies(team_id)


def _drop_rounds() -> None:
    """Complete rounds, but of every stream and window of a scope the last complete step: it says how far it was read."""
    over = SyncRun.objects.filter(state=SyncRun.State.COMPLETE, finished_at__lt=now() - KEPT)
    done = SyncStep.objects.filter(state=SyncStep.State.COMPLETE)
    newest = done.values("scope", "stream", "window").annotate(last=Max("pk")).order_by()
    old = SyncStep.objects.filter(run__in=over).exclude(pk__in=newest.values("last"))
    while some := list(old.values_list("pk", flat=True)[:BATCH]):
        SyncStep.objects.filter(pk__in=some).delete()
    over.filter(steps=None).delete()
