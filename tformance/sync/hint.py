"""Tells a worker where to look. A hint that is lost, late or doubled does no harm: the sweep finds due lanes anyway."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from psycopg import Error

log = logging.getLogger(__name__)

LOOK_AT_LANE = "tformance.sync.look_at_lane"
STALE_AFTER_SECONDS = 60  # the sweep has sent another one by then; a busy worker does not collect them


def look_at_lane(lane_id: int) -> None:
    """Send the message, or say in the log that there is nobody to send it to."""
    try:
        current_app.send_task(LOOK_AT_LANE, args=[lane_id], retry=False, expires=STALE_AFTER_SECONDS)
    except (OperationalError, Error) as error:
        log.warning("no message for lane %s, the sweep finds it: %s", lane_id, error)
