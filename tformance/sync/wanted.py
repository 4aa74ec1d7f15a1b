"""Items to be read whole by their ids, before anything else is read: they changed, or something refers to them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, F, Value, When
from django.db.models.functions import Least

from tformance.core.clock import now
from tformance.sync import turns
from tformance.sync.models import Scope, Wanted

BATCH = 500
URGENT = ("merged", "asked")
PATIENT = "contents"  # which costs a request each, by the thousand where much is deployed
HEAD_CHECKS = "head_checks"


def checks_of(pull: str, sha: str) -> str:
    """The item that is one commit's checks: a commit that is, or was, the pull request's head."""
    return f"{pull}@{sha}"


def settle_checks(scope: Scope, read: Iterable[str], began_at: datetime) -> None:
    """These checks came with their pull requests, by a reading that began then. Inside `tenant()`."""
    waiting = Wanted.objects.filter(scope=scope, stream=HEAD_CHECKS, marked_at__lte=began_at)
    settled = set(waiting.values_list("item", flat=True)).intersection(read)
    if settled:
        waiting.filter(item__in=settled).delete()


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
    same.update(marked_at=instant, due_at=Least("due_at", due_at), why=_more_urgent(why))
    turns.call(scope.connection_id, due_at)


def _more_urgent(why: str) -> str | Case:
    """What is urgent stays so until it is read."""
    return why if why in URGENT else Case(When(why__in=URGENT, then=F("why")), default=Value(why))
