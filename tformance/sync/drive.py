"""Reading without messages: to the end for the command line, and when no message comes through in a worker."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections
from django.db.models import Min, Q, Value
from django.db.models.functions import Coalesce

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sync import deliveries, inbox, lease, run
from tformance.sync.lane import Turn
from tformance.sync.models import Connection, SyncStep, Wanted
from tformance.sync.steps import QUICK_RETRIES

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
WATCH_SECONDS = 20.0
OVERDUE = timedelta(seconds=30)
TURN_SECONDS = 5.0  # short, so that progress can be told


def run_until_done(team_id: int, tick: Callable[[], None]) -> None:
    """Work until no step of a working connection is pending or running and nothing is wanted, whoever does it.

    Short retries and rate limits are waited for; what failed more often is left to later. `tick` is called
    between turns and twice a second while waiting.
    """
    while (next_at := _next_at(team_id)) is not None:
        tick()
        turns = [run.look_at_lane(lane_id, TURN_SECONDS) for lane_id in _lanes(team_id)] if next_at <= now() else []
        if not any(turns):
            time.sleep(PAUSE_SECONDS)
    tick()


def keep_watch() -> None:
    """For ever: take up what has been due for half a minute, which happens when the broker is off."""
    while True:
        time.sleep(WATCH_SECONDS)
        close_old_connections()
        try:
            take_overdue()
        except DatabaseError as error:
            log.warning("the database does not answer: %s", error)


def take_overdue() -> None:
    """Work on every lane and every message that nobody took although it has been due for half a minute."""
    for lane_id in lease.offered_lanes(OVERDUE):
        run.look_at_lane(lane_id)
    if deliveries.is_anything_waiting(overdue=OVERDUE):
        inbox.drain()


def _lanes(team_id: int) -> list[int]:
    lanes = Turn.objects.filter(team_id=team_id).order_by("lane").values_list("lane", flat=True)
    return list(lanes.distinct())


def _next_at(team_id: int) -> datetime | None:
    """When the next unfinished step may run, or a wanted item is due; None when there is none."""
    with tenant(team_id):
        works = Q(scope__connection__state=Connection.State.ACTIVE, scope__is_tracked=True)
        unfinished = SyncStep.objects.filter(works, state__in=(SyncStep.State.PENDING, SyncStep.State.RUNNING))
        wanted = Wanted.objects.filter(works, failures__lte=len(QUICK_RETRIES))
        step_at: datetime | None = unfinished.aggregate(at=Min(Coalesce("not_before", Value(now()))))["at"]
        item_at: datetime | None = wanted.aggregate(at=Min("due_at"))["at"]
    return min(filter(None, (step_at, item_at)), default=None)
