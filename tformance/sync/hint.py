"""Tells a worker where to look. A hint that is lost, late or doubled does no harm: the sweep finds due lanes anyway."""

from celery import current_app

LOOK_AT_LANE = "tformance.sync.look_at_lane"


def look_at_lane(lane_id: int) -> None:
    current_app.send_task(LOOK_AT_LANE, args=[lane_id], retry=False)
