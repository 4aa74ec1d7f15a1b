"""`./run login`: an address that signs the operator in once."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from tformance.accounts.models import OneTimeKey
from tformance.core import clock
from tformance.project import product

LIFETIME = timedelta(minutes=10)


class Command(BaseCommand):
    help = "Print an address that signs you in once, within ten minutes."

    def handle(self, *arguments: Any, **options: Any) -> None:
        key = secrets.token_urlsafe(32)
        OneTimeKey.objects.create(digest=hashlib.sha256(key.encode()).hexdigest(), expires_at=clock.now() + LIFETIME)
        # The key stands behind the #, so that it reaches no server's log.
        self.stdout.write(f"{product.url() or 'http://127.0.0.1:8000/'}welcome/#key={key}")
