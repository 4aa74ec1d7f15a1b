"""Reads connections to their end where the first page did not hold all of it; changes the item it is given."""

from tformance.core.errors import Skip
from tformance.sources.contract import Item, Session
from tformance.sources.github import queries
from tformance.sources.github.client import Client, Json
from tformance.sources.github.paging import Pace, ask

_OF_PULL_REQUEST = ("reviews", "reviewThreads", "comments", "commits", "timelineItems", "files")
_FIELD = {"replies": "comments"}


def complete_pull_request(client: Client, session: Session, item: Item) -> None:
    """TooLarge when GitHub cannot cope with the smallest question, Skip when the pull request changes below us."""
    reader = _Reader(client, session)
    for kind in _OF_PULL_REQUEST:
        reader.complete(kind, item["id"], item[kind])
    for thread in item["reviewThreads"]["nodes"]:
        reader.complete("replies", thread["id"], thread["comments"])
    reader.complete("contexts", item["id"], contexts_of_head(item))


def complete_deployment(client: Client, session: Session, item: Item) -> None:
    _Reader(client, session).complete("statuses", item["id"], item["statuses"])


def contexts_of_head(item: Item) -> Json | None:
    """The connection to the checks of the last commit; None without commits or checks."""
    for node in item["head"]["nodes"]:
        if node["commit"]["statusCheckRollup"]:
            contexts: Json = node["commit"]["statusCheckRollup"]["contexts"]
            return contexts
    return None


class _Reader:
    def __init__(self, client: Client, session: Session) -> None:
        self._client = client
        self._session = session

    def complete(self, kind: str, node_id: str, connection: Json | None) -> None:
        while connection and connection["pageInfo"]["hasNextPage"]:
            more = self._next(kind, node_id, connection["pageInfo"]["endCursor"])
            connection["nodes"] += more["nodes"]
            connection["pageInfo"], connection["totalCount"] = more["pageInfo"], more["totalCount"]

    def _next(self, kind: str, node_id: str, after: str) -> Json:
        node = ask(
            Pace(self._session.memory, kind, queries.PAGE),
            queries.PAGE,
            lambda size: self._client.query(queries.OVERFLOW[kind], id=node_id, first=size, after=after)["node"],
        )
        more = node and (contexts_of_head(node) if kind == "contexts" else node[_FIELD.get(kind, kind)])
        if not more or not more["nodes"]:
            raise Skip("It changed while it was being read", item=node_id)
        found: Json = more
        return found
