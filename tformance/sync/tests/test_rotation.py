"""After a rotation the newest key alone opens everything that is stored encrypted."""

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from tformance.accounts.models import Team, User
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.secrets import KeyRing
from tformance.sync import rotation
from tformance.sync.models import (
    AppRegistration,
    Connection,
    Quarantined,
    Scope,
    WebhookDelivery,
    WebhookEndpoint,
)
from tformance.sync.tests.conftest import make_team

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SEALED = 7
EVERYTHING = {"hook", "body", "app", "token", "raw", "secret", "seed"}


@pytest.fixture
def stored(db: None, settings: Any) -> Team:
    """One of everything that is sealed, under the old key."""
    ring = settings.KEY_RING = KeyRing([OLD])
    team = make_team("acme")
    instant = now()
    endpoint = WebhookEndpoint.objects.create(
        team_id=team.pk, source="github", secret=ring.seal("hook"), created_at=instant
    )
    WebhookDelivery.objects.create(
        endpoint=endpoint, delivery_id="1", event="push", body=ring.seal("body"), received_at=instant
    )
    WebhookDelivery.objects.create(endpoint=endpoint, delivery_id="2", event="push", body=None, received_at=instant)
    AppRegistration.objects.create(
        source="github",
        api_url="https://api.github.com",
        app_id=1,
        credentials=ring.seal("app"),
        team_id=team.pk,
        created_at=instant,
    )
    with tenant(team.pk):
        connection = Connection.objects.create(
            team=team, source="github", account="ada", secret=ring.seal("token"), created_at=instant
        )
        scope = Scope.objects.create(team=team, connection=connection, name="acme/shop")
        Quarantined.objects.create(
            team=team,
            scope=scope,
            stream="pull_requests",
            item="1",
            reason="odd",
            raw=ring.seal("raw"),
            first_seen=instant,
            last_seen=instant,
        )
    user = User.objects.create_user("ada@acme.example")
    for kind, name in (("totp", "secret"), ("recovery_codes", "seed")):
        Authenticator.objects.create(user=user, type=kind, data={name: ring.seal(name).decode()})
    settings.KEY_RING = KeyRing([NEW, OLD])
    return team


def opened(ring: KeyRing, team: Team) -> set[str]:
    with tenant(team.pk):
        sealed = [Connection.objects.get().secret, Quarantined.objects.get().raw]
    sealed += [AppRegistration.objects.get().credentials, WebhookEndpoint.objects.get().secret]
    sealed.append(WebhookDelivery.objects.get(delivery_id="1").body)
    sealed += [each.data.get("secret", each.data.get("seed")).encode() for each in Authenticator.objects.all()]
    return {ring.open(each) for each in sealed}


def test_the_old_key_can_be_dropped_afterwards(stored: Team, settings: Any) -> None:
    said = StringIO()
    call_command("rotate_secrets", stdout=said, stderr=StringIO())
    assert f"Sealed again: {SEALED}." in said.getvalue()
    assert opened(KeyRing([NEW]), stored) == EVERYTHING


def test_what_is_done_is_not_done_again(stored: Team) -> None:
    assert rotation.rotate(lambda _: None).resealed == SEALED
    assert rotation.rotate(lambda _: None).resealed == 0


def test_more_than_a_batch_is_sealed_again(stored: Team, settings: Any) -> None:
    endpoint = WebhookEndpoint.objects.get()
    body = KeyRing([OLD]).seal("more")
    more = rotation.BATCH + 1
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=endpoint, delivery_id=f"more {number}", event="push", body=body, received_at=now())
        for number in range(more)
    )
    assert rotation.rotate(lambda _: None).resealed == SEALED + more
    newest = KeyRing([NEW])
    more_bodies = WebhookDelivery.objects.filter(delivery_id__startswith="more").values_list("body", flat=True)
    assert {newest.open(each) for each in more_bodies} == {"more"}


def test_what_no_key_opens_is_counted_and_left(stored: Team, settings: Any) -> None:
    settings.KEY_RING = KeyRing([NEW])
    with pytest.raises(CommandError, match=f"{SEALED} cannot be opened"):
        call_command("rotate_secrets", stdout=StringIO(), stderr=StringIO())
    assert opened(KeyRing([OLD]), stored) == EVERYTHING
