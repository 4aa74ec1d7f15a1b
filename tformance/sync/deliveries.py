"""Kept messages that nobody works on yet."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from tformance.core.clock import now
from tformance.sync.models import WebhookDelivery


def waiting() -> QuerySet[WebhookDelivery]:
    is_free = Q(not_before=None) | Q(not_before__lte=now())
    found: QuerySet[WebhookDelivery] = WebhookDelivery.objects.filter(is_free, state=WebhookDelivery.State.RECEIVED)
    return found


def is_anything_waiting(before: int | None = None, overdue: timedelta = timedelta(0)) -> bool:
    """Whether a message is in nobody's hands: one that is older than the given one, or that came so long ago."""
    found = waiting()
    if before is not None:
        found = found.filter(pk__lt=before)
    if overdue:
        found = found.filter(received_at__lte=now() - overdue)
    return found.exists()
