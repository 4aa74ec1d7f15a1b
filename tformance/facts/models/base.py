"""What every synced row has in common."""

from typing import Any, ClassVar

from django.db import models

from tformance.accounts.models import TenantManager, TenantModel, TenantQuerySet


class PresentManager(TenantManager):
    """Leaves out what is gone at the provider."""

    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(gone_at__isnull=True)


class Fact(TenantModel):
    """A row that a provider told us of; `gone_at` says since when the provider no longer has it."""

    gone_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = PresentManager()
    everything: ClassVar[Any] = TenantManager()

    class Meta:
        abstract = True
