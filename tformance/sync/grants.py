"""What a connection may read of what is needed: asked before anything is followed, kept, and said in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from tformance.accounts.tenancy import tenant
from tformance.sources.github import access, oauth
from tformance.sources.github.access import Lack
from tformance.sync.credentials import credential_for
from tformance.sync.models import Connection
from tformance.sync.session import LentSession

SCOPE, NONE = "scope", "none"
MOST_TRIED = 5  # repositories of one owner, where none of them can be seen


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


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found out: `hidden` maps repositories that cannot be seen at all to the reason.

    `settings_url` is where GitHub lets the permissions be changed, as far as one address tells.
    """

    lacks: tuple[Lack, ...]
    hidden: dict[str, str]
    settings_url: str

    @property
    def is_enough(self) -> bool:
        return not self.hidden and not any(lack.is_needed for lack in self.lacks)


def examine(team_id: int, connection_id: int, repositories: Iterable[str]) -> Examined:
    """Ask GitHub what the connection may read and until when; one repository of each owner tells for all of its owner.

    Asks outside any transaction. Raises Reconnect when the credential is refused.
    """
    with tenant(team_id):
        connection = Connection.objects.get(pk=connection_id)
    if connection.source != "github":
        return Examined((), {}, "")
    session = LentSession(credential_for(connection, "checking permissions"), {})
    seen, hidden = _seen(session, connection.api_url, repositories)
    if connection.kind != Connection.Kind.APP:
        _ask_token(connection, session, seen)
    return Examined(lacks(connection), hidden, _settings_url(connection))


def unseen(team_id: int, connection_id: int, repositories: Iterable[str]) -> dict[str, str]:
    """Of these repositories those that cannot be seen, each with the reason; one request for each."""
    with tenant(team_id):
        connection = Connection.objects.get(pk=connection_id)
    session = LentSession(credential_for(connection, "checking names"), {})
    found = {name: access.why_hidden(session, connection.api_url, name) for name in repositories}
    return {name: why for name, why in found.items() if why}


def _ask_token(connection: Connection, session: LentSession, seen: Iterable[str]) -> None:
    """A classic token tells its scopes; a fine-grained one has to be tried."""
    standing = access.standing(session, connection.api_url)
    if standing.scopes is not None:
        connection.granted = dict.fromkeys(standing.scopes or ("no scope",), SCOPE)
    else:
        connection.granted = _tried(session, connection.api_url, seen)
    if connection.kind == Connection.Kind.TOKEN:  # what a consent lasts was told when it was given
        connection.expires_at = standing.expires_at
    with tenant(connection.team_id):
        connection.save(update_fields=["granted", "expires_at"])


def _seen(session: LentSession, api_url: str, repositories: Iterable[str]) -> tuple[list[str], dict[str, str]]:
    """One repository of each owner that can be seen, and those tried before it that cannot."""
    seen: dict[str, str] = {}
    hidden: dict[str, str] = {}
    for name in repositories:
        owner = name.partition("/")[0]
        if owner in seen or sum(other.startswith(f"{owner}/") for other in hidden) >= MOST_TRIED:
            continue
        if why := access.why_hidden(session, api_url, name):
            hidden[name] = why
        else:
            seen[owner] = name
    return list(seen.values()), hidden


def _tried(session: LentSession, api_url: str, repositories: Iterable[str]) -> dict[str, str]:
    """A fine-grained token has the same permissions in all it may see of one owner."""
    names = list(repositories)
    missing = {lack.permission for name in names for lack in access.lacks_in(session, api_url, name)}
    return {key: NONE if key in missing else "read" for key in access.TRIED} if names else {}


def _settings_url(connection: Connection) -> str:
    if connection.kind != Connection.Kind.TOKEN:
        return ""
    is_classic = SCOPE in connection.granted.values()
    return f"{oauth.web_url(connection.api_url)}/settings/{'tokens' if is_classic else 'personal-access-tokens'}"
