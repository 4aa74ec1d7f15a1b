"""Items to be read whole by their ids, before anything else is read: they changed, or something refers to them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models.functions import Least

from tformance.core.clock import now
from tformance.sync import turns
from tformance.sync.models import Scope, Wanted

BATCH = 500


def want(scope: Scope, stream: str, items: Iterable[str], why: str, due_at: datetime) -> None:
    """Ask for items not before `due_at`, or sooner where they are wanted sooner already. Inside `tenant()`.

    `why` is one of webhook, merged, late, reconcile, contents, asked. A reading that has begun does not settle it.
    """
    wanted = sorted(set(items))
    if not wanted:
        return
    instant = now()
    rows = [
        Wanted(team_id=scope.team_id, scope=scope, stream=stream, item=item, why=why, marked_at=instant, due_at=due_at)
        for item in wanted
    ]
    Wanted.objects.bulk_create(rows, BATCH, ignore_conflicts=True)
    same = Wanted.objects.filter(scope=scope, stream=stream, item__in=wanted)
    list(same.order_by("item").select_for_update().values_list("pk"))  # in one order, whoever else wants them
    same.update(marked_at=instant, due_at=Least("due_at", due_at), why=why)
    turns.call(scope.connection_id, due_at)
