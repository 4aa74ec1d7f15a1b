"""Sealing again with the newest key whatever an older one sealed, so that the older one can be dropped.

Every batch is a transaction that locks its rows, so the product may run meanwhile; what is done already is recognised
by its seal, so that stopping and starting again loses nothing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import models, transaction

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.secrets import SecretLost
from tformance.facts.models.erased import ErasedKey
from tformance.sync.models import AppRegistration, Connection, Quarantined, WebhookDelivery, WebhookEndpoint

BATCH = 200

Column = tuple[type[models.Model], str]
OF_TEAMS: tuple[Column, ...] = ((Connection, "secret"), (Quarantined, "raw"), (ErasedKey, "secret"))
OF_NOBODY: tuple[Column, ...] = (
    (AppRegistration, "credentials"),
    (WebhookEndpoint, "secret"),
    (WebhookDelivery, "body"),
)
# Second factors, by kind: where in their data the sealed text is.
IN_DATA = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


@dataclass
class Rotated:
    """How many were sealed again, and how many no key opens (they are left as they are)."""

    resealed: int = 0
    lost: int = 0


def rotate(say: Callable[[str], None]) -> Rotated:
    """Everything, team by team; `say` is told what was done of each kind."""
    total = Rotated()
    for model, column in OF_NOBODY:
        _all(model, column, nullcontext, total)
        say(f"{model.__name__}: {total.resealed} sealed again so far")
    _second_factors(total)
    say(f"second factors: {total.resealed} sealed again so far")
    for team_id in Team.objects.order_by("id").values_list("id", flat=True):
        for model, column in OF_TEAMS:
            _all(model, column, lambda: tenant(team_id), total)  # noqa: B023 called before the next round
        say(f"team {team_id}: {total.resealed} sealed again so far")
    return total


def _second_factors(total: Rotated) -> None:
    """They are few, and each is sealed as a text inside its data."""
    for key in Authenticator.objects.filter(type__in=IN_DATA).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=key).first()
            if row is not None:
                _one_in_data(row, IN_DATA[row.type], total)


def _one_in_data(row: Authenticator, name: str, total: Rotated) -> None:
    try:
        resealed = settings.KEY_RING.resealed(row.data[name].encode())
    except SecretLost:
        total.lost += 1
        return
    if resealed is not None:
        row.data[name] = resealed.decode()
        row.save(update_fields=["data"])
        total.resealed += 1


def _all(
    model: type[models.Model], column: str, inside: Callable[[], AbstractContextManager[None]], total: Rotated
) -> None:
    after: object = None
    while True:
        with inside(), transaction.atomic():
            rows = _next(model, column, after)
            for row in rows:
                _one(row, column, total)
        if len(rows) < BATCH:
            return
        after = rows[-1].pk


def _next(model: type[models.Model], column: str, after: object) -> list[models.Model]:
    found = model.objects.exclude(**{column: None}).order_by("pk").select_for_update()  # type: ignore[attr-defined]
    return list((found.filter(pk__gt=after) if after is not None else found)[:BATCH])


def _one(row: models.Model, column: str, total: Rotated) -> None:
    """A clone has no credential; its empty text was sealed like any other."""
    try:
        resealed = settings.KEY_RING.resealed(getattr(row, column))
    except SecretLost:
        total.lost += 1
        return
    if resealed is not None:
        setattr(row, column, resealed)
        row.save(update_fields=[column])
        total.resealed += 1
