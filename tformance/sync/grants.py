"""What a connection may read of what is needed: asked before anything is followed, kept, and said in words."""

from collections.abc import Iterable

from tformance.accounts.tenancy import tenant
from tformance.sources.github import access
from tformance.sources.github.access import Lack
from tformance.sync.credentials import credential_for
from tformance.sync.models import Connection
from tformance.sync.session import LentSession

SCOPE, NONE = "scope", "none"


def lacks(connection: Connection) -> tuple[Lack, ...]:
    """What it may not read, as far as that was asked: nothing known is nothing said."""
    granted: dict[str, str] = connection.granted
    if not granted:
        return ()
    if connection.kind == Connection.Kind.APP:
        return access.lacks_of_app(granted)
    scopes = tuple(key for key, level in granted.items() if level == SCOPE)
    if scopes:
        return access.lacks_of_scopes(scopes)
    return access.lacks_of_keys(key for key, level in granted.items() if level == NONE)


def examine(team_id: int, connection_id: int, repositories: Iterable[str]) -> tuple[Lack, ...]:
    """Ask GitHub what the connection's token may read and until when; a fine-grained one is tried on one repository of each owner.

    Asks outside any transaction. Raises Reconnect when the token is refused.
    """
    with tenant(team_id):
        connection = Connection.objects.get(pk=connection_id)
    if connection.source != "github" or connection.kind == Connection.Kind.APP:
        return lacks(connection)
    session = LentSession(credential_for(connection, "checking permissions"), {})
    standing = access.standing(session, connection.api_url)
    if standing.scopes is not None:
        connection.granted = dict.fromkeys(standing.scopes or ("no scope",), SCOPE)
    else:
        connection.granted = _tried(session, connection.api_url, repositories)
    connection.expires_at = standing.expires_at
    with tenant(team_id):
        connection.save(update_fields=["granted", "expires_at"])
    return lacks(connection)


def _tried(session: LentSession, api_url: str, repositories: Iterable[str]) -> dict[str, str]:
    """One repository tells for all of its owner: a fine-grained token has the same permissions in all it may see."""
    one_each: dict[str, str] = {}
    for name in repositories:
        one_each.setdefault(name.partition("/")[0], name)
    missing = {lack.permission for name in one_each.values() for lack in access.lacks_in(session, api_url, name)}
    return {key: NONE if key in missing else "read" for key in access.TRIED} if one_each else {}
