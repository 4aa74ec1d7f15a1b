"""Messages that never arrived: the provider remembers each attempt for three days and tries again when it is asked.

Only an App's messages are listed; what other hooks lose is found by asking for changes every so often.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from tformance.core.clock import now
from tformance.core.errors import Skip, SourceError
from tformance.core.secrets import SecretLost
from tformance.sources.github import apps
from tformance.sources.github.apps import HookDelivery
from tformance.sync.credentials import as_app
from tformance.sync.models import AppRegistration, WebhookEndpoint

log = logging.getLogger(__name__)

REMEMBERED: Final = timedelta(days=3)
OVERLAP: Final = timedelta(minutes=15)  # an attempt under way is listed when it is over
MOST_ATTEMPTS: Final = 5  # of one message; it is not the network then
MOST_AT_ONCE: Final = 200  # the rest comes in the next round


def ask_for_missed() -> None:
    """Every App's messages that did not arrive since the last look, or in three days, are sent again."""
    for app in AppRegistration.objects.filter(endpoint__isnull=False).select_related("endpoint"):
        try:
            _ask_for_missed(app)
        except (SourceError, SecretLost) as error:
            log.warning("the missed messages of %s are asked for later: %s", app, error)


def _ask_for_missed(app: AppRegistration) -> None:
    assert app.endpoint is not None
    started, session = now(), as_app(app)
    since = _since(app.endpoint, started)
    recent = takewhile(lambda one: one.delivered_at >= since, apps.hook_deliveries(session, app.api_url))
    missed = lost(recent)
    for attempt in missed[:MOST_AT_ONCE]:
        try:
            apps.redeliver(session, app.api_url, attempt.id)
        except Skip as error:
            log.warning("message %s cannot be sent again: %s", attempt.guid, error)
    reached = started if len(missed) <= MOST_AT_ONCE else missed[MOST_AT_ONCE].delivered_at
    WebhookEndpoint.objects.filter(pk=app.endpoint.pk).update(checked_until=reached)


def _since(endpoint: WebhookEndpoint, instant: datetime) -> datetime:
    oldest = max(instant - REMEMBERED, endpoint.created_at)
    return oldest if endpoint.checked_until is None else max(oldest, endpoint.checked_until - OVERLAP)


def lost(attempts: Iterable[HookDelivery]) -> list[HookDelivery]:
    """The latest attempt of each message that none brought through, the longest waiting first."""
    by_message: dict[str, list[HookDelivery]] = {}
    for attempt in attempts:
        by_message.setdefault(attempt.guid, []).append(attempt)
    latest = [
        max(tries, key=lambda one: one.delivered_at)
        for tries in by_message.values()
        if len(tries) < MOST_ATTEMPTS and not any(200 <= one.status_code < 300 for one in tries)
    ]
    return sorted(latest, key=lambda one: one.delivered_at)
