"""Deleting a team, or all that was read for it: asked for at once, done in the background table by table.

What is asked for stands in `Team.removal`; nothing else is remembered, so any process may be killed at any instant.
"""

import time
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from typing import Any, Final

from django.apps import apps
from django.db import transaction
from django.db.models import F, Model, Q, QuerySet

from tformance.accounts import audit, invitations
from tformance.accounts.models import OldSlug, Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.erased import ErasedKey, ErasedWord
from tformance.facts.models.people import Actor, TeamMember
from tformance.facts.models.repository import DataVersion
from tformance.facts.touched import touch_all
from tformance.sync import connections
from tformance.sync.models import AppRegistration, WebhookEndpoint

BATCH: Final = 1000
TURN_SECONDS: Final = 20.0

READ: Final = ("facts", "sync", "measures")  # applications whose tables hold what was read, and what follows from it
# What stays where only the data go: who was erased stays erased, an App stays registered at GitHub.
KEPT: Final[dict[type[Model], Q]] = {
    ErasedKey: Q(),
    ErasedWord: Q(),
    Actor: Q(erased_as__isnull=False),
    TeamMember: Q(erased_as__isnull=False),
    DataVersion: Q(),
    AppRegistration: Q(),
    WebhookEndpoint: Q(),
}
# Tables in which nothing is a team's.
NOBODYS: Final = {
    "accounts_user": "a person may belong to several teams and deletes their account themselves",
    "accounts_tries": "digests, for minutes",
    "accounts_onetimekey": "the operator's",
    "sync_lane": "a credential's; goes with the last connection that uses it",
    "sync_spending": "goes with its lane",
}


def delete_team(team_id: int) -> None:
    """Nobody enters it any more from now on. Its log goes with it, so nothing is written down."""
    with transaction.atomic():
        disconnect(team_id, None)  # before the team's row, which workers may wait for
        Team.objects.filter(pk=team_id).update(removal=Team.Removal.TEAM)
        with tenant(team_id):
            for invitation in invitations.waiting(team_id):
                invitation.delete()


def delete_data(team_id: int, user: User) -> None:
    """Nothing is read any more, and what was read is deleted; the team, who signs in and its groups stay."""
    with transaction.atomic():
        disconnect(team_id, user)
        Team.objects.filter(pk=team_id, removal="").update(removal=Team.Removal.DATA)
        with tenant(team_id):
            audit.record(user, "data_deleted")


def disconnect(team_id: int, user: User | None, only: int | None = None) -> int:
    """Remove all connections, or this one, with their credentials; what they read stays. Returns how many there were."""
    with tenant(team_id):
        found = [each for each in connections.connected(team_id) if only in (None, each.id)]
        for each in found:
            connections.forget(team_id, each.id)
            if user is not None:
                audit.record(user, "connection_removed", f"{each.title}: {each.account}", f"connection {each.id}")
    return len(found)


def go_on(seconds: float = TURN_SECONDS) -> None:
    """Delete what is to be deleted, team by team, until the time is over."""
    ends_at = time.monotonic() + seconds
    for team_id in _asked():
        while time.monotonic() < ends_at and remove_some(team_id):
            pass


def finish() -> None:
    """Delete all that is to be deleted, to the end."""
    for team_id in _asked():
        while remove_some(team_id):
            pass


def _asked() -> list[int]:
    return list(Team.objects.exclude(removal="").order_by("pk").values_list("pk", flat=True))


def remove_some(team_id: int) -> bool:
    """Delete a batch of rows of the first table that has any; False once nothing is left to delete."""
    with tenant(team_id):
        team = Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()
        if team is None or not team.removal:
            return False
        for model in tables():
            if team.removal == Team.Removal.DATA and model._meta.app_label not in READ:
                continue
            if _delete_batch(model, team):
                return True
        _end(team)
        return False


@cache
def tables() -> tuple[type[Model], ...]:
    """Every table with rows of a team, what others point at last."""
    found = {model for model in apps.get_models() if path_to_team(model)}
    graph: dict[type[Model], set[type[Model]]] = {model: set() for model in found}
    for model in found:
        for target in _targets(model):
            if target in found and target is not model:
                graph[target].add(model)
    return tuple(TopologicalSorter(graph).static_order())


def path_to_team(model: type[Model]) -> str:
    """The look-up from a row to its team's key; '' where it has none."""
    if model in (Team, OldSlug) or not model._meta.managed:
        return ""
    if any(field.attname == "team_id" for field in model._meta.concrete_fields):
        return "team_id"
    return "endpoint__team_id" if WebhookEndpoint in _targets(model) else ""


def _targets(model: type[Model]) -> Iterator[type[Model]]:
    for field in model._meta.concrete_fields:
        if isinstance(field.related_model, type):
            yield field.related_model


def _delete_batch(model: type[Model], team: Team) -> int:
    rows: QuerySet[Any] = model._base_manager.filter(**{path_to_team(model): team.pk})
    if team.removal == Team.Removal.DATA and model in KEPT:
        if not KEPT[model]:
            return 0
        rows = rows.exclude(KEPT[model])
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    if keys:
        model._base_manager.filter(pk__in=keys).delete()
    return len(keys)


def _end(team: Team) -> None:
    if team.removal == Team.Removal.DATA:
        Team.objects.filter(pk=team.pk).update(removal="")
        touch_all()
        DataVersion.objects.update(version=F("version") + 1, changed_at=now())
        return
    OldSlug.objects.get_or_create(slug=team.slug)
    team.delete()
