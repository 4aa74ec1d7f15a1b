"""A provider's message at the door: checked against its signature, kept once, and nothing else while it waits.

What it means is found out afterwards by `sync.inbox`, so that the provider is answered at once whatever the message is.
"""

import json
import re
import uuid
import zlib
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from django.conf import settings
from django.db import IntegrityError
from django.db.models import OuterRef, Subquery

from tformance.core.clock import now
from tformance.sources.contract import Envelope
from tformance.sources.registry import SOURCES
from tformance.sync import deliveries, hint
from tformance.sync.models import WebhookDelivery, WebhookEndpoint

NO_JSON = "The message is not JSON."
QUICK = 1  # the least compression: a message has to be answered soon
ACTION = re.compile(r"[a-z_]{1,60}")

State = WebhookDelivery.State


class Outcome(Enum):
    """What became of a message."""

    STORED = "stored"
    REPEATED = "repeated"
    REFUSED = "refused"  # not signed with the endpoint's secret
    INCOMPLETE = "incomplete"  # its headers do not say what it is
    NOWHERE = "nowhere"  # there is no such endpoint


class Known(NamedTuple):
    """An endpoint's sealed secret, and the state of the message that came under the same id before."""

    secret: bytes
    state: str | None


def receive(source: str, endpoint_id: uuid.UUID, headers: Mapping[str, str], body: bytes) -> Outcome:
    """Keep a message that is genuine and new, and say that there is one."""
    webhook = SOURCES[source].webhook if source in SOURCES else None
    if webhook is None:
        return Outcome.NOWHERE
    envelope = webhook.envelope(headers)
    endpoint = _endpoint(source, endpoint_id, envelope.delivery_id)
    if endpoint is None:
        return Outcome.NOWHERE
    if not webhook.is_genuine(settings.KEY_RING.open(endpoint.secret), headers, body):
        return Outcome.REFUSED
    if not _is_complete(envelope):
        return Outcome.INCOMPLETE
    if endpoint.state is not None:
        return _again(endpoint_id, envelope, body)
    return _store(endpoint_id, envelope, body)


def _endpoint(source: str, endpoint_id: uuid.UUID, delivery_id: str) -> Known | None:
    same = WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), delivery_id=delivery_id)
    found = WebhookEndpoint.objects.filter(pk=endpoint_id, source=source)
    row = found.annotate(known=Subquery(same.values("state")[:1])).values_list("secret", "known").first()
    return Known(bytes(row[0]), row[1]) if row else None


def _is_complete(envelope: Envelope) -> bool:
    return 0 < len(envelope.delivery_id) <= 100 and 0 < len(envelope.event) <= 60


def _store(endpoint_id: uuid.UUID, envelope: Envelope, body: bytes) -> Outcome:
    action = _action(body)
    delivery = WebhookDelivery(
        endpoint_id=endpoint_id,
        delivery_id=envelope.delivery_id,
        event=envelope.event,
        action=action or "",
        body=_sealed(body),
        received_at=now(),
    )
    if action is None:
        delivery.state, delivery.note, delivery.settled_at = State.UNKNOWN, NO_JSON, delivery.received_at
    try:
        delivery.save(force_insert=True)
    except IntegrityError:  # the same message came twice at once
        return Outcome.REPEATED
    if action is not None:
        _announce(delivery.pk)
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


def _announce(delivery_pk: int) -> None:
    """One hint for a burst: whoever takes an earlier message goes on until none is left, and finds this one too."""
    if not deliveries.is_anything_waiting(before=delivery_pk):
        hint.drain_inbox()
