"""Writes down how far a repository was read; the part of the writer that sync calls when a reading is complete."""

from collections.abc import Iterable
from datetime import datetime

from tformance.accounts.tenancy import current_team_id
from tformance.facts.models.coverage import Coverage


def write_coverage(repository_id: int, stream: str, covered_from: datetime | None, covered_to: datetime) -> None:
    """Replace what was known; `covered_from` None means from the beginning. Inside `tenant()`."""
    Coverage.objects.update_or_create(
        team_id=current_team_id(),
        repository_id=repository_id,
        stream=stream,
        defaults={"covered_from": covered_from, "covered_to": covered_to},
    )


def drop_coverage(repositories: Iterable[int]) -> None:
    """Nothing is claimed of these repositories any more, because nobody reads them on. Inside `tenant()`."""
    Coverage.objects.filter(repository__in=list(repositories)).delete()
