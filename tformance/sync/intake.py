"""A provider's message at the door: checked against its signature, kept once, and nothing else while it waits.

What it means is found out afterwards by `sync.inbox`, so that the provider is answered at once whatever the message is.
"""

import json
import re
import time
import uuid
import zlib
from collections.abc import Mapping
from enum import Enum

from django.conf import settings
from django.db import IntegrityError, connection

from tformance.core.clock import now
from tformance.sources.contract import Envelope
from tformance.sources.registry import SOURCES
from tformance.sync import hint
from tformance.sync.models import WebhookDelivery, WebhookEndpoint

NO_JSON = "The message is not JSON."
QUICK = 1  # the least compression: a message has to be answered soon
ACTION = re.compile(r"[a-z_]{1,60}")

REMEMBERED_SECONDS = 10.0
QUIET_SECONDS = 1.0  # in which what else comes needs no hint of its own

# Written out, as building them anew for each message costs more than all the rest.
KEEP = """
INSERT INTO sync_webhookdelivery
  (endpoint_id, delivery_id, event, action, body, received_at, state, settled_at, note, attempts)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0)
ON CONFLICT (endpoint_id, delivery_id) DO NOTHING RETURNING id"""
State = WebhookDelivery.State
_secrets: dict[tuple[str, uuid.UUID], tuple[str, float]] = {}  # with the instant (monotonic) until which they hold
_quiet = {"until": 0.0}  # monotonic


class Outcome(Enum):
    """What became of a message."""

    STORED = "stored"
    REPEATED = "repeated"
    REFUSED = "refused"  # not signed with the endpoint's secret
    INCOMPLETE = "incomplete"  # its headers do not say what it is
    NOWHERE = "nowhere"  # there is no such endpoint


def receive(source: str, endpoint_id: uuid.UUID, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Keep a message that is genuine and new, and say that there is one."""
    webhook = SOURCES[source].webhook if source in SOURCES else None
    if webhook is None:
        return Outcome.NOWHERE
    envelope = webhook.envelope(headers)
    secret = _secret(source, endpoint_id)
    if secret is None:
        return Outcome.NOWHERE
    if not webhook.is_genuine(secret, headers, body):
        return Outcome.REFUSED
    if not _is_complete(envelope):
        return Outcome.INCOMPLETE
    return _store(endpoint_id, envelope, body)


def _secret(source: str, endpoint_id: uuid.UUID) -> str | None:
    """What the endpoint's messages are signed with, looked up anew every few seconds; None where there is none."""
    known, until = _secrets.get((source, endpoint_id), ("", 0.0))
    if time.monotonic() < until:
        return known
    sealed = WebhookEndpoint.objects.filter(pk=endpoint_id, source=source).values_list("secret", flat=True).first()
    if sealed is None:
        return None
    secret = settings.KEY_RING.open(bytes(sealed))
    _secrets[source, endpoint_id] = (secret, time.monotonic() + REMEMBERED_SECONDS)
    return secret


def _is_complete(envelope: Envelope) -> bool:
    return 0 < len(envelope.delivery_id) <= 100 and 0 < len(envelope.event) <= 60


def _store(endpoint_id: uuid.UUID, envelope: Envelope, body: bytes) -> Outcome:
    action, instant = _action(body), now()
    state, note, settled_at = (State.UNKNOWN, NO_JSON, instant) if action is None else (State.RECEIVED, "", None)
    told = (endpoint_id, envelope.delivery_id, envelope.event, action or "", _sealed(body), instant)
    try:
        with connection.cursor() as cursor:
            cursor.execute(KEEP, (*told, state.value, settled_at, note))
            row = cursor.fetchone()
    except IntegrityError:  # the endpoint was removed a moment ago
        return Outcome.NOWHERE
    if row is None:
        return _again(endpoint_id, envelope, body)
    if action is not None:
        _announce()
    return Outcome.STORED


def _again(endpoint_id: uuid.UUID, envelope: Envelope, body: bytes) -> Outcome:
    """A message that failed is tried anew when it is sent again."""
    same = WebhookDelivery.objects.filter(endpoint=endpoint_id, delivery_id=envelope.delivery_id, state=State.FAILED)
    if same.update(state=State.RECEIVED, attempts=0, not_before=None, settled_at=None, note="", body=_sealed(body)):
        hint.drain_inbox()
    return Outcome.REPEATED


def _action(body: bytes) -> str | None:
    """What happened, "" where the message does not say it; None where it is not a JSON object."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    action = payload.get("action")
    return action if isinstance(action, str) and ACTION.fullmatch(action) else ""


def _sealed(body: bytes) -> bytes:
    return settings.KEY_RING.seal_bytes(zlib.compress(body, QUICK))


def _announce() -> None:
    """A hint now and one a second later, which finds what else has come by then: a burst takes two hints."""
    if time.monotonic() < _quiet["until"]:
        return
    _quiet["until"] = time.monotonic() + QUIET_SECONDS
    hint.drain_inbox()
    hint.drain_inbox(QUIET_SECONDS)
