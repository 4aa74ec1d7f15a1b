"""Messages as a provider posts them, and a team that follows what they are about."""

import hashlib
import hmac
import itertools
import json
from datetime import timedelta
from typing import Any

from django.conf import settings

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as facts
from tformance.facts.models.repository import Repository
from tformance.facts.records import RepositoryPage
from tformance.sources.github import payload as told
from tformance.sync import intake
from tformance.sync.intake import Outcome
from tformance.sync.models import Connection, Route, Scope, WebhookDelivery, WebhookEndpoint

SECRET = "a secret"
ids = itertools.count()


def make_endpoint(team: Team) -> WebhookEndpoint:
    sealed = settings.KEY_RING.seal(SECRET)
    return WebhookEndpoint.objects.create(team_id=team.pk, source="github", secret=sealed, created_at=now())


def follow(team: Team, endpoint: WebhookEndpoint | None, repository: dict[str, Any]) -> Scope:
    """As if the team had connected and read this repository."""
    record = told.repository(repository)
    facts.write(team, RepositoryPage(record, now() - timedelta(days=9)))
    with tenant(team.pk):
        connection, _ = Connection.objects.get_or_create(
            team=team, source="github", api_url="", account="ada", defaults={"secret": b"", "created_at": now()}
        )
        scope = Scope.objects.create(
            team=team,
            connection=connection,
            name=record.full_name,
            repository=Repository.objects.get(provider_id=record.provider_id),
            watermarks={name: now().isoformat() for name in ("repository", "pull_requests", "deployments", "releases")},
        )
    route(scope, endpoint, record.provider_id)
    return scope


def route(scope: Scope, endpoint: WebhookEndpoint | None, subject: int) -> None:
    Route.objects.create(
        api_url="",
        kind=scope.kind,
        subject=subject,
        endpoint=endpoint,
        team_id=scope.team_id,
        connection_id=scope.connection_id,
        scope_id=scope.pk,
    )


def deliver(endpoint: WebhookEndpoint, event: str, payload: dict[str, Any]) -> WebhookDelivery:
    """Through the door; returns what is kept."""
    body = json.dumps(payload).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    name = f"delivery-{next(ids)}"
    headers = {"X-Hub-Signature-256": signature, "X-GitHub-Delivery": name, "X-GitHub-Event": event}
    assert intake.receive("github", endpoint.pk, headers, body) == Outcome.STORED
    return WebhookDelivery.objects.get(delivery_id=name)
