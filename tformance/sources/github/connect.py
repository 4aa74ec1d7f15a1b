"""Who a token is, and which repositories it can see."""

from collections.abc import Iterator
from datetime import datetime

from tformance.sources.contract import Choice, Session
from tformance.sources.github import queries
from tformance.sources.github.client import Client, Json


def identify(session: Session, api_url: str) -> str:
    """The login the token belongs to; raises Reconnect when GitHub refuses it."""
    with Client(session, api_url) as client:
        login: str = client.query(queries.VIEWER)["viewer"]["login"]
        return login


def choices(session: Session, api_url: str) -> Iterator[Choice]:
    """The latest pushed to first."""
    with Client(session, api_url) as client:
        for page in client.listing("/user/repos", per_page=100, sort="pushed"):
            yield from (_choice(repository) for repository in page)


def of_installation(session: Session, api_url: str) -> Iterator[Choice]:
    """What an App's installation may read; GitHub gives it in no useful order."""
    with Client(session, api_url) as client:
        for page in client.listing("/installation/repositories", "repositories", per_page=100):
            yield from (_choice(repository) for repository in page)


def _choice(repository: Json) -> Choice:
    pushed = repository["pushed_at"]
    return Choice(
        name=repository["full_name"],
        node_id=repository["node_id"],
        is_private=repository["private"],
        pushed_at=datetime.fromisoformat(pushed) if pushed else None,
    )
