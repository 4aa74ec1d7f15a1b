"""Reads connections to their end where the first page did not hold all of it; changes the item it is given."""

from tformance.core.errors import Skip
from tformance.sources.contract import Item, Session
from tformance.sources.github import organization_queries, queries
from tformance.sources.github.client import Client, Json
from tformance.sources.github.paging import Pace, ask

_OF_PULL_REQUEST = (
    "labels",
    "reviews",
    "reviewThreads",
    "comments",
    "commits",
    "timelineItems",
    "files",
    "closingIssuesReferences",
)
_FIELD = {
    "replies": "comments",
    "head commits": "commits",
    "pushes": "timelineItems",
    "members": "membersWithRole",
    "members of a team": "members",
}
_DOCUMENTS = queries.OVERFLOW | organization_queries.OVERFLOW


def complete_pull_request(client: Client, session: Session, item: Item) -> None:
    """TooLarge when GitHub cannot cope with the smallest question, Skip when the pull request changes below us."""
    rest = Rest(client, session)
    for kind in _OF_PULL_REQUEST:
        rest.complete(kind, item["id"], item[kind])
    for thread in item["reviewThreads"]["nodes"]:
        rest.complete("replies", thread["id"], thread["comments"])
    rest.complete("contexts", item["id"], contexts_of_head(item))


def complete_deployment(client: Client, session: Session, item: Item) -> None:
    Rest(client, session).complete("statuses", item["id"], item["statuses"])


def contexts_of_head(item: Item) -> Json | None:
    """The connection to the checks of the last commit; None without commits or checks."""
    for node in item["head"]["nodes"]:
        if node["commit"]["statusCheckRollup"]:
            contexts: Json = node["commit"]["statusCheckRollup"]["contexts"]
            return contexts
    return None


class Rest:
    """What comes behind the first page of a connection."""

    def __init__(self, client: Client, session: Session) -> None:
        self._client = client
        self._session = session

    def complete(self, kind: str, node_id: str, connection: Json | None) -> None:
        """Join further pages in. GitHub ends some lists before their `totalCount`; then the set stays incomplete."""
        while connection and connection["pageInfo"]["hasNextPage"]:
            rows = "edges" if "edges" in connection else "nodes"
            more = self._next(kind, node_id, connection["pageInfo"]["endCursor"], rows)
            connection[rows] += more[rows]
            connection["pageInfo"], connection["totalCount"] = more["pageInfo"], more["totalCount"]

    def _next(self, kind: str, node_id: str, after: str, rows: str) -> Json:
        node = ask(
            Pace(self._session.memory, kind, queries.PAGE),
            queries.PAGE,
            lambda size: self._client.query(_DOCUMENTS[kind], id=node_id, first=size, after=after)["node"],
        )
        more = node and _connection(kind, node)
        if not more or not more[rows]:
            raise Skip("It changed while it was being read", item=node_id)
        found: Json = more
        return found


def _connection(kind: str, node: Json) -> Json | None:
    if kind == "contexts":
        return contexts_of_head(node)
    if kind == "contexts of a head":
        rollup = node["statusCheckRollup"]
        return rollup["contexts"] if rollup else None
    found: Json | None = node[_FIELD.get(kind, kind)]
    return found
