"""Connecting, choosing and letting go: the door through which faces manage what is read.

Providers are asked outside any transaction; their errors (`core.errors`) reach the caller with words for the user.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.sources.contract import Source
from tformance.sources.registry import SOURCES
from tformance.sync import lease, plan, steps
from tformance.sync.credentials import credential_for, given
from tformance.sync.models import Connection, Lane, Scope, SyncRun, SyncStep
from tformance.sync.session import LentSession

GITHUB_API = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Offer:
    """A source that can be connected."""

    source: str
    title: str


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection of the team; `reason` says why it does not read, `repositories` are those it follows."""

    id: int
    source: str
    title: str
    api_url: str
    account: str
    state: str
    reason: str
    created_at: datetime
    repositories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepositoryChoice:
    """A repository that a connection's credential can see."""

    name: str
    is_private: bool
    pushed_at: datetime | None
    is_followed: bool


def offered() -> tuple[Offer, ...]:
    return tuple(Offer(source.id, source.title) for source in SOURCES.values())


def connected(team_id: int) -> tuple[Connected, ...]:
    """The team's connections, oldest first."""
    with tenant(team_id):
        found = Connection.objects.order_by("id").prefetch_related("scopes")
        return tuple(_shown(connection) for connection in found)


def connect_github(team_id: int, api_url: str, token: str) -> Connected:
    """Store a token once GitHub said whose it is; raises Reconnect when it refuses the token.

    The same account again only exchanges the token and goes on with what had stopped.
    """
    return _connect(team_id, SOURCES["github"], api_url.rstrip("/") or GITHUB_API, token.strip())


def connect_git(team_id: int, path: Path) -> Connected:
    """Follow a clone on this machine."""
    place = str(path.resolve())
    made = _connect(team_id, SOURCES["git"], place, "")
    follow(team_id, made.id, [place])
    return _one(team_id, made.id)


def choices(team_id: int, connection_id: int) -> tuple[RepositoryChoice, ...]:
    """What can be followed, asked from the provider now."""
    connection = _stored(team_id, connection_id)
    session = LentSession(credential_for(connection, "listing repositories"), {})
    followed = set(_one(team_id, connection_id).repositories)
    seen = SOURCES[connection.source].choices(session, connection.api_url)
    return tuple(
        RepositoryChoice(choice.name, choice.is_private, choice.pushed_at, choice.name in followed) for choice in seen
    )


def follow(team_id: int, connection_id: int, names: Iterable[str]) -> tuple[str, ...]:
    """Follow these repositories too and read their history, newest month first; gives all that are followed."""
    with tenant(team_id):
        connection = Connection.objects.get(pk=connection_id)
        for name in names:
            _follow(connection, name)
        plan.plan_history(connection)
        plan.wake(connection)
    return _one(team_id, connection_id).repositories


def unfollow(team_id: int, connection_id: int, name: str) -> None:
    """Read no more of a repository; what was read stays."""
    with tenant(team_id):
        Scope.objects.filter(connection=connection_id, name=name).update(is_tracked=False)


def pause(team_id: int, connection_id: int, reason: str) -> None:
    """Stop at once: the page that is being read now is read again after `resume`."""
    with tenant(team_id):
        if Connection.objects.filter(pk=connection_id).update(state=Connection.State.PAUSED, reason=reason):
            lease.revoke(connection_id)


def resume(team_id: int, connection_id: int) -> None:
    with tenant(team_id):
        connection = Connection.objects.get(pk=connection_id)
        _go_on(connection)


def forget(team_id: int, connection_id: int) -> None:
    """Delete a connection and its credential; a worker on it stops at its next page. What was read stays."""
    with tenant(team_id):
        Lane.objects.filter(connection_id=connection_id, team_id=team_id).delete()
        Connection.objects.filter(pk=connection_id).delete()


def sync_now(team_id: int) -> None:
    """Ask every working connection for what changed, and again for everything that could not be read before."""
    with tenant(team_id):
        for connection in Connection.objects.filter(state=Connection.State.ACTIVE):
            _go_on(connection)
            plan.plan_incremental(connection)


def _connect(team_id: int, source: Source, api_url: str, secret: str) -> Connected:
    sealed = settings.KEY_RING.seal(secret)
    account = source.identify(LentSession(given(sealed), {}), api_url)
    with tenant(team_id):
        connection, _ = Connection.objects.update_or_create(
            team_id=team_id,
            source=source.id,
            api_url=api_url,
            account=account,
            defaults={"secret": sealed},
            create_defaults={"secret": sealed, "created_at": now()},
        )
        _go_on(connection)
        return _shown(connection)


def _go_on(connection: Connection) -> None:
    """Make the connection work again, with everything that had stopped."""
    connection.state, connection.reason = Connection.State.ACTIVE, ""
    connection.save(update_fields=["state", "reason"])
    stopped = SyncStep.objects.filter(run__connection=connection, state=SyncStep.State.FAILED)
    for step in stopped.select_related("run"):
        steps.reopen(step)
    waiting = SyncStep.objects.filter(run__connection=connection, state=SyncStep.State.PARTIAL)
    waiting.update(not_before=None)
    for run in SyncRun.objects.filter(connection=connection).exclude(state=SyncRun.State.COMPLETE):
        steps.settle(run)
    plan.wake(connection)


def _follow(connection: Connection, name: str) -> None:
    same = Scope.objects.filter(connection=connection, name__iexact=name)
    if not same.update(is_tracked=True):
        Scope.objects.create(team_id=connection.team_id, connection=connection, name=name)


def _stored(team_id: int, connection_id: int) -> Connection:
    with tenant(team_id):
        stored: Connection = Connection.objects.get(pk=connection_id)
    return stored


def _one(team_id: int, connection_id: int) -> Connected:
    with tenant(team_id):
        return _shown(Connection.objects.get(pk=connection_id))


def _shown(connection: Connection) -> Connected:
    return Connected(
        id=connection.pk,
        source=connection.source,
        title=SOURCES[connection.source].title,
        api_url=connection.api_url,
        account=connection.account,
        state=connection.state,
        reason=connection.reason,
        created_at=connection.created_at,
        repositories=tuple(sorted(scope.name for scope in connection.scopes.all() if scope.is_tracked)),
    )
