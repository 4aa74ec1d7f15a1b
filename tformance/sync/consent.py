"""Connecting by a person's consent, through the OAuth App that the operator has registered at GitHub.

GitHub has no consent that only reads private code: its scope `repo` may write as well. That is why the pages offer
this last, and only where the operator has set it up.
"""

from typing import Final

from django.conf import settings

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sources.github import access, oauth
from tformance.sync import connections, grants
from tformance.sync.connections import Connected
from tformance.sync.credentials import environment_client, grant_of_user, sealed_grant
from tformance.sync.models import Connection
from tformance.sync.session import LentSession

SCOPES: Final = ("repo", "read:org")


def is_offered() -> bool:
    return bool(settings.GITHUB_OAUTH_CLIENT_ID and settings.GITHUB_OAUTH_CLIENT_SECRET)


def url(*, state: str, challenge: str, redirect_uri: str) -> str:
    """Where the browser goes to be asked."""
    client = environment_client(settings.GITHUB_OAUTH_API_URL)
    return oauth.consent_url(
        client, state=state, challenge=challenge, redirect_uri=redirect_uri, scopes=" ".join(SCOPES)
    )


def connect(team_id: int, code: str, verifier: str, redirect_uri: str) -> Connected:
    """Keep what the person who came back with `code` has allowed; raises Reconnect when GitHub does not honour it.

    The same account again only exchanges what is kept and goes on with what had stopped.
    """
    api_url = settings.GITHUB_OAUTH_API_URL
    tokens = oauth.exchanged(environment_client(api_url), code, verifier, redirect_uri, now)
    account = access.standing(LentSession(lambda: tokens.access, {}), api_url).account
    kept = {
        "secret": sealed_grant(grant_of_user(tokens)),
        "kind": Connection.Kind.OAUTH,
        "app": None,
        "installation_id": None,
        "granted": dict.fromkeys(tokens.scopes, grants.SCOPE),
        "expires_at": None if tokens.refresh else tokens.expires_at,
    }
    with tenant(team_id):
        connection, _ = Connection.objects.update_or_create(
            team_id=team_id,
            source="github",
            api_url=api_url,
            account=account,
            defaults=kept,
            create_defaults=kept | {"created_at": now()},
        )
        connections.go_on(connection)
        return connections.shown(connection)
