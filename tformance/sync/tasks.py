"""What Celery runs: it only says where to look, the work itself is rows."""

from threading import Thread
from typing import Any

from celery import shared_task
from celery.signals import worker_init

from tformance.sync import deliveries, drive, hint, inbox, lease, load, onboarding, redelivery, run, single, tidy


@shared_task(name=hint.LOOK_AT_LANE)
def look_at_lane(lane_id: int) -> None:
    run.look_at_lane(lane_id)


@shared_task(name="tformance.sync.sweep", expires=30)
def sweep() -> None:
    """Offer every lane with due work and every waiting message again: hints get lost, workers die, hours come."""
    for lane_id in lease.offered_lanes():
        hint.look_at_lane(lane_id)
    if deliveries.is_anything_waiting():
        hint.drain_inbox()


@shared_task(name=hint.DRAIN_INBOX)
def drain_inbox() -> None:
    """What messages ask for is read at once: the hint that says so would wait behind those of more messages."""
    inbox.drain()
    run.look_at_first_lane()


@shared_task(name="tformance.sync.ask_for_missed", expires=300)
def ask_for_missed() -> None:
    redelivery.ask_for_missed()


@shared_task(name="tformance.sync.derive_stale", expires=300)
def derive_stale() -> None:
    """After an upgrade that changes a definition, stored values follow it in the background."""
    load.derive_stale(seconds=60)


@shared_task(name=hint.FOLLOW_RULES, expires=30)
def follow_rules() -> None:
    load.follow_rules(seconds=25)


@shared_task(name="tformance.sync.drop_old", expires=3600)
def drop_old() -> None:
    tidy.drop_old()


@shared_task(name="tformance.sync.follow_set_ups", expires=60)
def follow_set_ups() -> None:
    """A safety net: set-ups move with the work, this finds what was missed."""
    onboarding.follow_all()


@shared_task(name="tformance.sync.fetch_pr_complete")
def fetch_pr_complete_data_task(pr_id: int, team_id: int | None = None) -> dict[str, Any]:
    return single.fetch_complete(pr_id, team_id)


@worker_init.connect
def watch(**_: object) -> None:
    """A worker goes on reading even while its broker is away."""
    Thread(target=drive.keep_watch, name="watch", daemon=True).start()
