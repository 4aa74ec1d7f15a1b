"""The only place where the credentials of connections are opened, and where those that end are renewed.

A renewal happens under a lock on the connection's row: whoever comes second finds the new credential there. What is
new is stored before anybody uses it, so that a worker killed meanwhile leaves nothing that only it knew.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection as database

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import Reconnect
from tformance.sources.github import apps, oauth
from tformance.sync.models import AppRegistration, Connection
from tformance.sync.session import LentSession

log = logging.getLogger(__name__)

MARGIN = timedelta(minutes=5)  # no reading turn takes longer
Kind = Connection.Kind


@dataclass(frozen=True, slots=True)
class AppSecrets:
    """The private key and the client secret of a GitHub App."""

    pem: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Grant:
    """A credential that ends: the token to use until `expires_at` (None: for good), and what gives the next one."""

    token: str
    expires_at: datetime | None = None
    refresh: str = ""
    refresh_expires_at: datetime | None = None

    def is_fresh(self) -> bool:
        return self.expires_at is None or self.expires_at - now() > MARGIN


def credential_for(connection: Connection, purpose: str) -> Callable[[], str]:
    """Gives the credential in clear whenever it is asked, renewed where it is about to end; `purpose` is for the log.

    It may be asked in another thread, outside of any tenant. Raises Reconnect and SecretLost.
    """
    if connection.kind in (Kind.TOKEN, Kind.CLONE):
        return given(bytes(connection.secret))
    team_id, key, kept = connection.team_id, connection.pk, bytes(connection.secret)

    def token() -> str:
        nonlocal kept
        grant = _open_grant(kept)
        if not grant.is_fresh():
            with _own_database_connection():
                kept = _renewed(team_id, key, purpose)
            grant = _open_grant(kept)
        return grant.token

    return token


def given(sealed: bytes) -> Callable[[], str]:
    """A credential that is used as it was given; empty stays empty."""
    return lambda: settings.KEY_RING.open(sealed) if sealed else ""


def as_app(app: AppRegistration) -> LentSession:
    """A session of the App itself, rather than of one of its installations."""
    return LentSession(apps.signed(app.app_id, app_secrets(app).pem, now), {})


def app_secrets(app: AppRegistration) -> AppSecrets:
    return AppSecrets(**json.loads(settings.KEY_RING.open(bytes(app.credentials))))


def sealed_app(secrets: AppSecrets) -> bytes:
    return settings.KEY_RING.seal(json.dumps({"pem": secrets.pem, "client_secret": secrets.client_secret}))


def sealed_grant(grant: Grant) -> bytes:
    words = {
        "token": grant.token,
        "expires_at": _text(grant.expires_at),
        "refresh": grant.refresh,
        "refresh_expires_at": _text(grant.refresh_expires_at),
    }
    return settings.KEY_RING.seal(json.dumps(words))


def grant_of_user(tokens: oauth.Tokens) -> Grant:
    return Grant(tokens.access, tokens.expires_at, tokens.refresh, tokens.refresh_expires_at)


def _open_grant(sealed: bytes) -> Grant:
    words: dict[str, Any] = json.loads(settings.KEY_RING.open(sealed))
    return Grant(words["token"], _instant(words["expires_at"]), words["refresh"], _instant(words["refresh_expires_at"]))


def _renewed(team_id: int, connection_id: int, purpose: str) -> bytes:
    """The sealed credential after a renewal, by us or by whoever held the lock before us."""
    with tenant(team_id):
        locked = Connection.objects.select_for_update().filter(pk=connection_id).first()
        if locked is None:
            raise Reconnect("The connection was removed")
        held = _open_grant(bytes(locked.secret))
        if held.is_fresh():
            return bytes(locked.secret)
        renewed, granted = _ask_anew(locked, held)
        locked.secret, locked.granted = sealed_grant(renewed), granted
        locked.save(update_fields=["secret", "granted"])
        log.info("the credential of %s was renewed for %s", locked, purpose)
        return bytes(locked.secret)


def _ask_anew(connection: Connection, held: Grant) -> tuple[Grant, dict[str, str]]:
    if connection.kind == Kind.APP:
        assert connection.app is not None
        assert connection.installation_id is not None
        lent = apps.lend(as_app(connection.app), connection.api_url, connection.installation_id)
        return Grant(lent.token, lent.expires_at), lent.permissions
    tokens = oauth.refreshed(oauth_client(connection), held.refresh, now)
    return grant_of_user(tokens), connection.granted


def oauth_client(connection: Connection) -> oauth.OAuthClient:
    """Who asks for a person's consent: the connection's App, or the OAuth App of the environment."""
    if connection.app is not None:
        return client_of_app(connection.app)
    return environment_client(connection.api_url)


def environment_client(api_url: str) -> oauth.OAuthClient:
    """The OAuth App that the operator has registered."""
    return oauth.OAuthClient(settings.GITHUB_OAUTH_CLIENT_ID, settings.GITHUB_OAUTH_CLIENT_SECRET, api_url)


def client_of_app(app: AppRegistration) -> oauth.OAuthClient:
    return oauth.OAuthClient(app.client_id, app_secrets(app).client_secret, app.api_url)


@contextmanager
def _own_database_connection() -> Iterator[None]:
    """A thread that had no connection to the database has none afterwards either."""
    is_borrowed = database.connection is not None
    try:
        yield
    finally:
        if not is_borrowed:
            database.close()


def _text(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
