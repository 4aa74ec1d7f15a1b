"""Tells a worker where to look. A hint that is lost, late or doubled does no harm: the sweep finds due lanes anyway."""

import logging
import math

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from psycopg import Error

log = logging.getLogger(__name__)

LOOK_AT_LANE = "tformance.sync.look_at_lane"
DRAIN_INBOX = "tformance.sync.drain_inbox"
FOLLOW_RULES = "tformance.sync.follow_rules"
STALE_AFTER_SECONDS = 60  # the sweep has sent another one by then; a busy worker does not collect them


def look_at_lane(lane_id: int, seconds: float = 0) -> None:
    """Send a message that is heard after so many seconds, or say in the log that there is nobody to send it to.

    What is due later than the sweep looks needs none.
    """
    if seconds <= STALE_AFTER_SECONDS:
        _send(LOOK_AT_LANE, [lane_id], seconds)


def drain_inbox(seconds: float = 0) -> None:
    """Say that messages of providers wait, or will after so many seconds."""
    _send(DRAIN_INBOX, [], seconds)


def follow_rules() -> None:
    """Say that a team changed its rules."""
    _send(FOLLOW_RULES, [], 0)


def _send(task: str, arguments: list[int], seconds: float) -> None:
    times = {"expires": seconds + STALE_AFTER_SECONDS} | ({settings.HINT_LATER: math.ceil(seconds)} if seconds else {})
    try:
        current_app.send_task(task, args=arguments, retry=False, **times)
    except (OperationalError, Error) as error:
        log.warning("no message for %s %s, the sweep finds it: %s", task, arguments, error)
