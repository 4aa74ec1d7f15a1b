"""Writes down how far a repository was read; the part of the writer that sync calls when a reading is complete."""

from collections.abc import Iterable
from datetime import datetime

from tformance.accounts.retention import kept_since
from tformance.accounts.tenancy import current_team_id
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.planning import JiraProject
from tformance.facts.touched import touch_all, touch_between


def write_coverage(repository_id: int, stream: str, covered_from: datetime | None, covered_to: datetime) -> None:
    """Add what was read to what was known; `covered_from` None means from the beginning. Inside `tenant()`.

    Several connections may read a repository: a short reading takes nothing from a long one. After a hole only the
    later part counts.
    """
    since = kept_since()
    if since and (covered_from is None or covered_from < since):
        covered_from = since  # what happened before is not kept
    mine = Coverage.objects.filter(repository_id=repository_id, stream=stream)
    known = mine.values_list("covered_from", "covered_to").first()
    if known and (covered_from is None or covered_from <= known[1]):
        starts = (known[0], covered_from)
        covered_from, covered_to = None if None in starts else min(filter(None, starts)), max(known[1], covered_to)
    is_only_later = known is not None and known[0] == covered_from
    touch_between(known[1] if known and is_only_later else None, covered_to)
    Coverage.objects.update_or_create(
        team_id=current_team_id(),
        repository_id=repository_id,
        stream=stream,
        defaults={"covered_from": covered_from, "covered_to": covered_to},
    )


def drop_coverage(repositories: Iterable[int]) -> None:
    """Nothing is claimed of these repositories any more, because nobody reads them on. Inside `tenant()`."""
    if Coverage.objects.filter(repository__in=list(repositories)).delete()[0]:
        touch_all()


def write_project_coverage(project_id: int, covered_from: datetime | None, covered_to: datetime) -> None:
    """How far issues of a project were read; without a start from the beginning. Inside `tenant()`."""
    JiraProject.everything.filter(pk=project_id).update(covered_from=covered_from, covered_to=covered_to)


def drop_project_coverage(projects: Iterable[int]) -> None:
    """Nothing is claimed of these projects any more, because nobody reads them on. Inside `tenant()`."""
    JiraProject.everything.filter(pk__in=list(projects)).update(covered_from=None, covered_to=None)
