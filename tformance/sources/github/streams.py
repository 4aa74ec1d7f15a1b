"""What can be read of a repository: itself, its pull requests, its deployments."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from tformance.core.errors import Skip
from tformance.sources.contract import Cursor, Item, Page, ScopeRef, Session, Stream, Window
from tformance.sources.github import queries, translate
from tformance.sources.github.client import Client, Json
from tformance.sources.github.overflow import complete_deployment
from tformance.sources.github.paging import Pace, ask
from tformance.sources.github.pull_requests import Reader
from tformance.sources.github.walk import Walk

# Deployments are listed by creation; their states move on afterwards, so recent ones are read again.
DEPLOYMENTS_MOVE_FOR = timedelta(days=14)


def fetch_repository(session: Session, scope: ScopeRef, _window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    fetched_at = session.clock()
    with Client(session, scope.api_url) as client:
        found = _repository(client, scope)
    yield Page(
        items=({"id": found["id"], "repository": found},), fetched_at=fetched_at, cursor=None, seen=1, expected=1
    )


def fetch_pull_requests(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Those that changed in the window, the latest change first. A page may be empty while the walk goes on."""
    with Client(session, scope.api_url) as client:
        walk = _walk(client, scope, cursor)
        reader = Reader(client, session)
        while not walk.done:
            if not walk.pending:
                listed = walk.advance(_list(client, session, "skeleton", walk, scope), "updatedAt", window)
                walk.pending = [row["id"] for row in listed]
            fetched_at = session.clock()
            reading = reader.some(tuple(walk.pending))
            walk.pending = walk.pending[len(reading) :]
            yield walk.page(reading.items, fetched_at, tuple(reading.skipped))


def fetch_pull_requests_by_id(session: Session, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    fetched_at = session.clock()
    with Client(session, scope.api_url) as client:
        reading = Reader(client, session).all(tuple(dict.fromkeys(ids)))
    return Page(items=tuple(reading.items), fetched_at=fetched_at, cursor=None, skipped=tuple(reading.skipped))


def fetch_deployments(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Those created in the window or shortly before it, the latest first."""
    if window.since:
        window = replace(window, since=window.since - DEPLOYMENTS_MOVE_FOR)
    with Client(session, scope.api_url) as client:
        walk = _walk(client, scope, cursor)
        while not walk.done:
            fetched_at = session.clock()
            listed = walk.advance(_list(client, session, "deployments", walk, scope), "createdAt", window)
            for item in listed:
                complete_deployment(client, session, item)
            yield walk.page(listed, fetched_at)


def _walk(client: Client, scope: ScopeRef, cursor: Cursor | None) -> Walk:
    return Walk(**cursor) if cursor else Walk(scope.node_id or _repository(client, scope)["id"])


def _repository(client: Client, scope: ScopeRef) -> Item:
    """By its node id where that is known: a name may have moved on to another repository."""
    if scope.node_id:
        found = client.query(queries.REPOSITORY_BY_ID, id=scope.node_id)["node"]
    else:
        owner, _, name = scope.name.partition("/")
        found = client.query(queries.REPOSITORY_BY_NAME, owner=owner, name=name)["repository"]
    if not found:
        raise _unknown(scope)
    repository: Item = found
    return repository


_LISTS = {"skeleton": (queries.SKELETON, "pullRequests"), "deployments": (queries.DEPLOYMENTS, "deployments")}


def _list(client: Client, session: Session, kind: str, walk: Walk, scope: ScopeRef) -> Json:
    document, field = _LISTS[kind]
    most = queries.START[kind]
    node = ask(
        Pace(session.memory, kind, most),
        most,
        lambda size: client.query(document, repository=walk.repository, first=size, after=walk.after)["node"],
    )
    if not node:
        raise _unknown(scope)
    connection: Json = node[field]
    return connection


def _unknown(scope: ScopeRef) -> Skip:
    return Skip(f"GitHub does not know {scope.name}, or the token may not read it", item=scope.name)


REPOSITORY = Stream(id="repository", title="Repository", fetch=fetch_repository, translate=translate.repository_page)
PULL_REQUESTS = Stream(
    id="pull_requests",
    title="Pull requests",
    fetch=fetch_pull_requests,
    translate=translate.pull_requests_page,
    fetch_ids=fetch_pull_requests_by_id,
    backfill="recent_first",
)
DEPLOYMENTS = Stream(
    id="deployments", title="Deployments", fetch=fetch_deployments, translate=translate.deployments_page
)
