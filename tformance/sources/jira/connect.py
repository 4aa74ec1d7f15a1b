"""Who a token belongs to, and which projects its owner can see."""

from collections.abc import Iterator
from datetime import datetime

from tformance.sources.contract import Choice, Session
from tformance.sources.jira.client import API, Client, Json

PROJECTS = 50


def address(site: str) -> str:
    """Where a site is, however people call it: `acme`, `acme.atlassian.net`, or any address on it."""
    words = site.strip().rstrip("/")
    scheme, mark, rest = words.partition("://")
    host = (rest if mark else words).partition("/")[0]
    known = host if "." in host or ":" in host else f"{host}.atlassian.net"
    return f"{scheme if mark else 'https'}://{known.lower()}"


def identify(session: Session, api_url: str) -> str:
    """The account the token belongs to; raises Reconnect when Jira refuses it."""
    with Client(session, api_url) as client:
        return str(client.me.get("emailAddress") or client.me["displayName"])


def choices(session: Session, api_url: str) -> Iterator[Choice]:
    with Client(session, api_url) as client:
        for project in client.listing(f"{API}/project/search", PROJECTS, expand="insight"):
            yield _choice(project)


def _choice(project: Json) -> Choice:
    latest = (project.get("insight") or {}).get("lastIssueUpdateTime")
    return Choice(
        name=project["key"],
        node_id=str(project["id"]),
        is_private=bool(project.get("isPrivate")),
        pushed_at=datetime.fromisoformat(latest) if latest else None,
        title=project["name"],
    )
