"""Connecting, choosing and letting go: the door through which faces manage what is read.

Providers are asked outside any transaction; their errors (`core.errors`) reach the caller with words for the user.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.coverage import drop_coverage, drop_project_coverage
from tformance.sources.contract import Source
from tformance.sources.github.access import Lack
from tformance.sources.github.connect import of_installation
from tformance.sources.jira.connect import address
from tformance.sources.registry import SOURCES
from tformance.sync import grants, lease, onboarding, plan, steps, turns
from tformance.sync.credentials import credential_for, given
from tformance.sync.models import Connection, Route, Scope, SyncRun, SyncStep
from tformance.sync.session import LentSession
from tformance.sync.settling import settle

GITHUB_API = "https://api.github.com"
Kind = Connection.Kind
NOT_KNOWN_YET: dict[str, Any] = {"app": None, "installation_id": None, "granted": {}, "expires_at": None}


@dataclass(frozen=True, slots=True)
class Offer:
    """A source that can be connected."""

    source: str
    title: str


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection of the team; `reason` says why it does not read, `repositories` are those it follows.

    `expires_at` is the end of its token where GitHub told it, `lacks` what it may not read, `app_id` our key of its App.
    """

    id: int
    source: str
    title: str
    api_url: str
    account: str
    state: str
    reason: str
    created_at: datetime
    repositories: tuple[str, ...]
    kind: str
    problem: str
    expires_at: datetime | None
    lacks: tuple[Lack, ...]
    app_id: int | None


@dataclass(frozen=True, slots=True)
class RepositoryChoice:
    """A repository, or a project, that a connection's credential can see; `title` as in `Choice`."""

    name: str
    is_private: bool
    pushed_at: datetime | None
    is_followed: bool
    reads_every_head: bool
    title: str = ""


def offered() -> tuple[Offer, ...]:
    return tuple(Offer(source.id, source.title) for source in SOURCES.values())


def connected(team_id: int) -> tuple[Connected, ...]:
    """The team's connections, oldest first."""
    with tenant(team_id):
        found = Connection.objects.order_by("id").prefetch_related("scopes")
        return tuple(shown(connection) for connection in found)


def connect_github(team_id: int, api_url: str, token: str) -> Connected:
    """Store a token once GitHub said whose it is; raises Reconnect when it refuses the token.

    The same account again only exchanges the token and goes on with what had stopped.
    """
    return _connect(team_id, SOURCES["github"], api_url.rstrip("/") or GITHUB_API, token.strip(), Kind.TOKEN)


def connect_jira(team_id: int, site: str, email: str, token: str) -> Connected:
    """Store a token once Jira said whose it is; raises as `connect_github` does.

    Only e-mail address and token together open a site. `site` may be its name, or any address on it.
    """
    return _connect(team_id, SOURCES["jira"], address(site), f"{email.strip()}:{token.strip()}", Kind.TOKEN)


def connect_git(team_id: int, path: Path) -> Connected:
    """Follow a clone on this machine."""
    place = str(path.resolve())
    made = _connect(team_id, SOURCES["git"], place, "", Kind.CLONE)
    follow(team_id, made.id, [place])
    return _one(team_id, made.id)


def choices(team_id: int, connection_id: int) -> tuple[RepositoryChoice, ...]:
    """What can be followed, asked from the provider now."""
    connection = _stored(team_id, connection_id)
    session = LentSession(credential_for(connection, "listing repositories"), {})
    with tenant(team_id):
        tracked = _followed(connection).filter(is_tracked=True)
        heads = dict(tracked.values_list("name", "reads_every_head"))
    ask = of_installation if connection.kind == Connection.Kind.APP else SOURCES[connection.source].choices
    return tuple(
        RepositoryChoice(
            name=each.name,
            is_private=each.is_private,
            pushed_at=each.pushed_at,
            is_followed=each.name in heads,
            reads_every_head=heads.get(each.name, True),
            title=each.title,
        )
        for each in ask(session, connection.api_url)
    )


def follow(team_id: int, connection_id: int, names: Iterable[str]) -> tuple[str, ...]:
    """Follow these repositories or projects too and read their history, newest month first; gives all that are followed.

    Whoever asks for the same at once waits, and finds it done.
    """
    with tenant(team_id):
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        is_back = [_follow(connection, name) for name in names]
        plan.plan_history(connection)
        if any(is_back):
            plan.plan_incremental(connection)
        plan.wake(connection)
    return _one(team_id, connection_id).repositories


def unfollow(team_id: int, connection_id: int, name: str) -> None:
    """Read no more of a repository; what was read stays, but nobody claims any more that it is all there is."""
    with tenant(team_id):
        scopes = Scope.objects.filter(connection=connection_id, name=name)
        let_go = list(scopes)
        scopes.update(is_tracked=False)
        _claim_no_more(let_go)
        onboarding.follow(team_id)


def read_every_head(team_id: int, connection_id: int, names: Iterable[str]) -> None:
    """Of these repositories the checks of every commit that was a head are read, of the connection's others the last's only."""
    with tenant(team_id):
        connection = Connection.objects.get(pk=connection_id)
        scopes = Scope.objects.filter(connection=connection, kind=Scope.Kind.REPOSITORY)
        wanted = Q(name__in=list(names))
        off = list(scopes.filter(~wanted, reads_every_head=True).values_list("pk", flat=True))
        on = list(scopes.filter(wanted, reads_every_head=False).values_list("pk", flat=True))
        scopes.filter(pk__in=off).update(reads_every_head=False)
        scopes.filter(pk__in=on).update(reads_every_head=True)
        if plan.stop_deep(connection, off):
            lease.revoke(connection.pk)
        plan.plan_history(connection)
        plan.ask_for_deep(connection, on)
        plan.wake(connection)


def pause(team_id: int, connection_id: int, reason: str) -> None:
    """Stop at once: the page that is being read now is read again after `resume`."""
    with tenant(team_id):
        if Connection.objects.filter(pk=connection_id).update(state=Connection.State.PAUSED, reason=reason):
            lease.revoke(connection_id)
            onboarding.follow(team_id)


def resume(team_id: int, connection_id: int) -> None:
    with tenant(team_id):
        connection = Connection.objects.get(pk=connection_id)
        go_on(connection)


def forget(team_id: int, connection_id: int) -> None:
    """Delete a connection and its credential; a worker on it stops at its next page. What was read stays."""
    with tenant(team_id):
        turns.leave(connection_id, team_id)
        _claim_no_more(list(Scope.objects.filter(connection=connection_id)))
        Connection.objects.filter(pk=connection_id).delete()
        onboarding.follow(team_id)


def sync_now(team_id: int) -> None:
    """Ask every connection that is not paused for what changed, and again for everything that could not be read before.

    One that had stopped is tried once more: whether it was repaired at the provider, only the provider knows.
    """
    with tenant(team_id):
        for connection in Connection.objects.exclude(state=Connection.State.PAUSED):
            go_on(connection)
            plan.plan_incremental(connection)


def compare_now(team_id: int) -> None:
    """Compare all that is stored with what the providers list, which otherwise happens once a week."""
    with tenant(team_id):
        for connection in Connection.objects.filter(state=Connection.State.ACTIVE):
            plan.plan_reconcile(connection)


def _connect(team_id: int, source: Source, api_url: str, secret: str, kind: Connection.Kind) -> Connected:
    sealed = settings.KEY_RING.seal(secret)
    account = source.identify(LentSession(given(sealed), {}), api_url)
    with tenant(team_id):
        connection, _ = Connection.objects.update_or_create(
            team_id=team_id,
            source=source.id,
            api_url=api_url,
            account=account,
            defaults={"secret": sealed, "kind": kind, **NOT_KNOWN_YET},
            create_defaults={"secret": sealed, "kind": kind, "created_at": now()},
        )
        lease.revoke(connection.pk)  # whoever reads with the old credential would find the new one refused
        go_on(connection)
        return shown(connection)


def stop(connection: Connection, problem: Connection.Problem, reason: str) -> None:
    """Read no more until somebody has repaired what `reason` says. Inside `tenant()`."""
    connection.state, connection.problem, connection.reason = Connection.State.RECONNECT, problem, reason
    connection.save(update_fields=["state", "problem", "reason"])
    lease.revoke(connection.pk)
    onboarding.follow(connection.team_id)


def go_on(connection: Connection) -> None:
    """Make the connection work again, with everything that had stopped. Inside `tenant()`."""
    connection.state, connection.problem, connection.reason = Connection.State.ACTIVE, "", ""
    connection.save(update_fields=["state", "problem", "reason"])
    stopped = SyncStep.objects.filter(run__connection=connection, state=SyncStep.State.FAILED)
    for step in stopped.select_related("run"):
        steps.reopen(step)
    waiting = SyncStep.objects.filter(run__connection=connection, state=SyncStep.State.PARTIAL)
    waiting.update(not_before=None)
    for run in SyncRun.objects.filter(connection=connection).exclude(state=SyncRun.State.COMPLETE):
        settle(run)
    plan.wake(connection)


def _follow(connection: Connection, name: str) -> bool:
    """Whether it was followed before and let go meanwhile."""
    same = _followed(connection).filter(name__iexact=name)
    if same.filter(is_tracked=False).update(is_tracked=True):
        return True
    if not same.exists():
        kind = SOURCES[connection.source].follows
        Scope.objects.create(team_id=connection.team_id, connection=connection, kind=kind, name=name)
    return False


def _followed(connection: Connection) -> "QuerySet[Scope]":
    """What people chose of it, now or once: repositories, or projects."""
    found: QuerySet[Scope] = Scope.objects.filter(connection=connection, kind=SOURCES[connection.source].follows)
    return found


def _claim_no_more(scopes: list[Scope]) -> None:
    """Messages are no longer handed on to these scopes; what no other connection follows is not complete any more."""
    let_go = [scope.pk for scope in scopes]
    Route.objects.filter(scope_id__in=let_go).delete()
    repositories = {scope.repository_id for scope in scopes if scope.repository_id is not None}
    others = Scope.objects.filter(is_tracked=True).exclude(pk__in=let_go)
    read_on = others.filter(repository__in=repositories).values_list("repository", flat=True)
    drop_coverage(repositories - set(read_on))
    projects = {scope.project_id for scope in scopes if scope.project_id is not None}
    drop_project_coverage(projects - set(others.filter(project__in=projects).values_list("project", flat=True)))


def _stored(team_id: int, connection_id: int) -> Connection:
    with tenant(team_id):
        stored: Connection = Connection.objects.get(pk=connection_id)
    return stored


def _one(team_id: int, connection_id: int) -> Connected:
    with tenant(team_id):
        return shown(Connection.objects.get(pk=connection_id))


def shown(connection: Connection) -> Connected:
    return Connected(
        id=connection.pk,
        source=connection.source,
        title=SOURCES[connection.source].title,
        api_url=connection.api_url,
        account=connection.account,
        state=connection.state,
        reason=connection.reason,
        created_at=connection.created_at,
        repositories=tuple(sorted(map(str, filter(_is_followed, connection.scopes.all())))),
        kind=connection.kind,
        problem=connection.problem,
        expires_at=connection.expires_at,
        lacks=grants.lacks(connection),
        app_id=connection.app_id,
    )


def _is_followed(scope: Scope) -> bool:
    return scope.is_tracked and scope.kind in (Scope.Kind.REPOSITORY, Scope.Kind.PROJECT)
