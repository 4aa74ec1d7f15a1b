"""Kept messages that nobody works on yet."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from tformance.core.clock import now
from tformance.sync.models import WebhookDelivery


def waiting() -> QuerySet[WebhookDelivery]:
    is_free = Q(not_before=None) | Q(not_before__lte=now())
    found: QuerySet[WebhookDelivery] = WebhookDelivery.objects.filter(is_free, state=WebhookDelivery.State.RECEIVED)
    return found


def is_anything_waiting(overdue: timedelta = timedelta(0)) -> bool:
    """Whether a message is in nobody's hands, although it came so long ago."""
    return waiting().filter(received_at__lte=now() - overdue).exists()
