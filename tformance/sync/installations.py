"""GitHub Apps: making one, connecting where it is installed, and what GitHub tells about an installation later.

An installation's id comes through a browser and is worth nothing by itself: a connection is made only after the
signed-in person's own token showed that they have a say in it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import Reconnect
from tformance.sources.github import apps, manifest, oauth
from tformance.sources.github.access import COPILOT, HELPFUL, NEEDED, Permission
from tformance.sources.github.apps import Installation
from tformance.sync import connections, credentials, lease
from tformance.sync.connections import Connected
from tformance.sync.credentials import AppSecrets, Grant, sealed_grant
from tformance.sync.models import AppRegistration, Connection, WebhookEndpoint
from tformance.sync.session import LentSession

Problem = Connection.Problem
STOPPED = {
    Problem.SUSPENDED: "The GitHub App is suspended on this account. Unsuspend it in the account's settings at GitHub.",
    Problem.UNINSTALLED: "The GitHub App was removed from this account. Install it again to go on where it stopped.",
}


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App that this team has made; `sends_news` is False where GitHub cannot reach this server."""

    id: int
    slug: str
    owner: str
    api_url: str
    sends_news: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Form:
    """What a browser posts to GitHub to make an App."""

    action: str
    site: str
    manifest: dict[str, Any]


def asked_for(*, with_copilot: bool) -> tuple[Permission, ...]:
    """Every permission the App asks for, all of them to read only."""
    return (*NEEDED, *HELPFUL, *(COPILOT if with_copilot else ()))


def form(
    name: str,
    api_url: str,
    organization: str,
    state: str,
    addresses: Mapping[str, str],
    *,
    is_reachable: bool,
    copilot: bool,
) -> Form:
    """`addresses` of this server are home, made, installed, signed_in and hook."""
    places = manifest.Addresses(**addresses)
    document = manifest.document(name, places, is_reachable=is_reachable, with_copilot=copilot)
    return Form(manifest.form_url(api_url, organization, state), oauth.web_url(api_url), document)


def made(team_id: int, api_url: str, code: str, endpoint: str) -> App:
    """Keep the App that GitHub made for `code`, sealed before anything else is done; `endpoint` "" sends no news."""
    found = manifest.converted(api_url, code)
    with transaction.atomic():
        hook = _endpoint(team_id, endpoint, found.webhook_secret) if endpoint else None
        app = AppRegistration.objects.create(
            source="github",
            api_url=api_url,
            app_id=found.app_id,
            slug=found.slug,
            owner=found.owner,
            client_id=found.client_id,
            credentials=credentials.sealed_app(AppSecrets(found.pem, found.client_secret)),
            team_id=team_id,
            endpoint=hook,
            created_at=now(),
        )
    return _shown(app)


def registered(team_id: int) -> tuple[App, ...]:
    """The team's Apps, oldest first."""
    return tuple(_shown(app) for app in AppRegistration.objects.filter(team_id=team_id).order_by("id"))


def install_url(team_id: int, app_id: int, state: str) -> str:
    app = _own(team_id, app_id)
    return manifest.install_url(app.api_url, app.slug, state)


def sign_in_url(team_id: int, app_id: int, *, state: str, challenge: str, redirect_uri: str) -> str:
    """Where a person says at GitHub who they are, to the App itself."""
    client = credentials.client_of_app(_own(team_id, app_id))
    return oauth.consent_url(client, state=state, challenge=challenge, redirect_uri=redirect_uri)


def connect(
    team_id: int, app_id: int, installation_id: int | None, code: str, verifier: str, redirect_uri: str
) -> tuple[Connected, ...]:
    """Connect this installation, or all that the person who signed in has a say in; raises Reconnect when none is theirs."""
    app = _own(team_id, app_id)
    tokens = oauth.exchanged(credentials.client_of_app(app), code, verifier, redirect_uri, now)
    theirs = list(apps.installations_of_user(LentSession(lambda: tokens.access, {}), app.api_url))
    wanted = [each for each in theirs if installation_id in (None, each.id)]
    if not wanted:
        raise Reconnect("The account you signed in with at GitHub has no say in this installation of the App")
    return tuple(_connect(team_id, app, each) for each in wanted)


def changed(app_id: int, installation_id: int, change: str) -> None:
    """What a message says: created, deleted, suspended, unsuspended, permissions or repositories.

    `app_id` is our own key of the App. GitHub may be asked: call it outside any transaction.
    """
    app = AppRegistration.objects.get(pk=app_id)
    match change:
        case "suspended":
            _stop(app, installation_id, Problem.SUSPENDED)
        case "deleted":
            _stop(app, installation_id, Problem.UNINSTALLED)
        case "created" | "unsuspended" | "permissions" | "repositories":
            _go_on(app, apps.installation(credentials.as_app(app), app.api_url, installation_id))


def _stop(app: AppRegistration, installation_id: int, problem: Problem) -> None:
    with tenant(app.team_id):
        for connection in Connection.objects.filter(app=app, installation_id=installation_id):
            connections.stop(connection, problem, STOPPED[problem])


def _go_on(app: AppRegistration, installation: Installation) -> None:
    """The same account's connection goes on, also when the App was installed anew under another number."""
    if installation.is_suspended:
        _stop(app, installation.id, Problem.SUSPENDED)
        return
    with tenant(app.team_id):
        same = Connection.objects.filter(app=app, account__iexact=installation.account)
        for connection in same.exclude(state=Connection.State.PAUSED):
            _renew(connection, installation)


def _connect(team_id: int, app: AppRegistration, installation: Installation) -> Connected:
    if installation.is_suspended:
        raise Reconnect(STOPPED[Problem.SUSPENDED], Problem.SUSPENDED)
    lent = apps.lend(credentials.as_app(app), app.api_url, installation.id)
    with tenant(team_id):
        sealed = sealed_grant(Grant(lent.token, lent.expires_at))
        connection, _ = Connection.objects.get_or_create(
            team_id=team_id,
            source=app.source,
            api_url=app.api_url,
            account=installation.account,
            defaults={"secret": sealed, "created_at": now()},
        )
        connection.kind, connection.app, connection.secret = Connection.Kind.APP, app, sealed
        connection.expires_at = None
        connection.save(update_fields=["kind", "app", "secret", "expires_at"])
        _renew(connection, installation)
        return connections.shown(connection)


def _renew(connection: Connection, installation: Installation) -> None:
    """A token that was lent under another number of the installation is worth nothing any more."""
    if connection.installation_id != installation.id:
        lease.revoke(connection.pk)
        if connection.installation_id is not None:
            connection.secret = sealed_grant(Grant("", now()))
    connection.installation_id, connection.granted = installation.id, installation.permissions
    connection.save(update_fields=["installation_id", "granted", "secret"])
    connections.go_on(connection)


def _endpoint(team_id: int, endpoint: str, secret: str) -> WebhookEndpoint:
    return WebhookEndpoint.objects.create(
        id=uuid.UUID(endpoint),
        team_id=team_id,
        source="github",
        secret=settings.KEY_RING.seal(secret),
        created_at=now(),
    )


def _own(team_id: int, app_id: int) -> AppRegistration:
    """An App of another team does not exist here; raises AppRegistration.DoesNotExist."""
    return AppRegistration.objects.get(pk=app_id, team_id=team_id)


def _shown(app: AppRegistration) -> App:
    return App(app.pk, app.slug, app.owner, app.api_url, app.endpoint_id is not None, app.created_at)
