"""Whether anything of a repository is new, with one question that costs one point."""

from collections.abc import Mapping
from datetime import datetime

from tformance.sources.contract import ScopeRef, Session
from tformance.sources.github import queries, repository
from tformance.sources.github.client import Client, Denied, Json
from tformance.sources.github.streams import deployment_changed_at, release_changed_at
from tformance.sources.github.walk import newest_stamp


def pulse(session: Session, scope: ScopeRef, watermarks: Mapping[str, datetime]) -> frozenset[str]:
    """Streams of those with a watermark that have something newer; raises Skip when the repository is gone.

    A watermark is the change time of something that was read, so only what is newer than it is news. What GitHub
    shows late, with a time before the watermark, is found by the next reading, which begins some minutes earlier.
    """
    if scope.kind != "repository":
        return frozenset()
    with Client(session, scope.api_url) as client:
        try:
            found = client.query(queries.PULSE, repository=repository.node_id(client, scope))["node"]
        except Denied:
            return frozenset(watermarks)  # one part hides the others; each stream finds out by itself what it may read
    if not found:
        raise repository.unknown(scope)
    latest = moved_at(found)
    news = {stream for stream, known in watermarks.items() if _is_after(latest.get(stream), known)}
    if "repository" in watermarks and found["nameWithOwner"] != scope.name:
        news.add("repository")
    return frozenset(news)


def moved_at(found: Json) -> dict[str, datetime | None]:
    """The latest change that each stream would find. A deployment's state moves on without order."""
    pulls = [newest_stamp(row["updatedAt"]) for row in found["pullRequests"]["nodes"] if row]
    deployments = [deployment_changed_at(row) for row in found["deployments"]["nodes"] if row]
    releases = [release_changed_at(row) for row in found["releases"]["nodes"] if row]
    return {
        "repository": newest_stamp(found["updatedAt"], found["archivedAt"]),
        "pull_requests": max(pulls, default=None),
        "deployments": max(deployments, default=None),
        "releases": max(releases, default=None),
    }


def _is_after(moved_at: datetime | None, known: datetime) -> bool:
    return moved_at is not None and moved_at > known
