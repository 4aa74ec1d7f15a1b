"""What Celery runs: it only says where to look, the work itself is rows."""

from threading import Thread

from celery import shared_task
from celery.signals import worker_init

from tformance.sync import drive, hint, lease, load, run


@shared_task(name=hint.LOOK_AT_LANE)
def look_at_lane(lane_id: int) -> None:
    run.look_at_lane(lane_id)


@shared_task(name="tformance.sync.sweep", expires=30)
def sweep() -> None:
    """Offer every lane with due work again: hints get lost, workers die, hours come."""
    for lane_id in lease.offered_lanes():
        hint.look_at_lane(lane_id)


@shared_task(name="tformance.sync.derive_stale", expires=300)
def derive_stale() -> None:
    """After an upgrade that changes a definition, stored values follow it in the background."""
    load.derive_stale(seconds=60)


@worker_init.connect
def watch(**_: object) -> None:
    """A worker goes on reading even while its broker is away."""
    Thread(target=drive.keep_watch, name="watch", daemon=True).start()
