"""The repository a scope means, and its lists: whole pages of them, as large as GitHub copes with."""

from tformance.core.errors import Skip
from tformance.sources.contract import Cursor, Item, ScopeRef, Session
from tformance.sources.github import queries
from tformance.sources.github.client import Client, Json
from tformance.sources.github.paging import Pace, ask
from tformance.sources.github.walk import Walk

_LISTS = {
    "skeleton": (queries.SKELETON, "pullRequests"),
    "inventory": (queries.INVENTORY, "pullRequests"),
    "deployment inventory": (queries.DEPLOYMENT_INVENTORY, "deployments"),
    "release inventory": (queries.RELEASE_INVENTORY, "releases"),
    "deployments": (queries.DEPLOYMENTS, "deployments"),
    "releases": (queries.RELEASES, "releases"),
}


def find(client: Client, scope: ScopeRef) -> Item:
    """By its node id where that is known: a name may have moved on to another repository. Skip when it is not there."""
    if scope.node_id:
        found = client.query(queries.REPOSITORY_BY_ID, id=scope.node_id)["node"]
    else:
        owner, _, name = scope.name.partition("/")
        found = client.query(queries.REPOSITORY_BY_NAME, owner=owner, name=name)["repository"]
    if not found:
        raise unknown(scope)
    if found["isDisabled"]:
        raise Skip(f"GitHub has disabled {scope.name}; its owner can ask GitHub why", item=scope.name)
    repository: Item = found
    return repository


def unknown(scope: ScopeRef) -> Skip:
    if scope.node_id:
        reason = f"{scope.name} was deleted, or the token may no longer read it"
    else:
        reason = f"GitHub does not know {scope.name}, or the token may not read it"
    return Skip(reason, item=scope.name)


def node_id(client: Client, scope: ScopeRef) -> str:
    known: str = scope.node_id or find(client, scope)["id"]
    return known


def walk(client: Client, scope: ScopeRef, cursor: Cursor | None) -> Walk:
    return Walk(**cursor) if cursor else Walk(node_id(client, scope))


def listed(client: Client, session: Session, kind: str, scope: ScopeRef, repository: str, after: str | None) -> Json:
    """The next page of a list; Skip when the repository is gone."""
    document, field = _LISTS[kind]
    most = queries.START[kind]
    node = ask(
        Pace(session.memory, kind, most),
        most,
        lambda size: client.query(document, repository=repository, first=size, after=after)["node"],
    )
    if not node:
        raise unknown(scope)
    connection: Json = node[field]
    return connection
