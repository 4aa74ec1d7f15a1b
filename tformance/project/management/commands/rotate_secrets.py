"""`./run rotate_secrets`: everything stored encrypted is sealed with the first key of MASTER_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tformance.sync import rotation


class Command(BaseCommand):
    help = (
        "Seal everything that is stored encrypted with the first key of MASTER_KEYS. Put the new key first and keep "
        "the old one behind it, restart the product, run this, then drop the old key and restart once more. It may "
        "be stopped and run again."
    )

    def handle(self, *arguments: Any, **options: Any) -> None:
        done = rotation.rotate(self.stderr.write)
        self.stdout.write(f"Sealed again: {done.resealed}. Older keys are no longer needed for them.")
        if done.lost:
            raise CommandError(
                f"{done.lost} cannot be opened with any key of MASTER_KEYS: keep the old keys, add the one that is missing."
            )
