"""How fresh and how whole the data is, in one line per connection."""

from collections.abc import Sequence
from dataclasses import dataclass

from tformance.faces.kit import notation
from tformance.faces.web.door import Place
from tformance.sync import health
from tformance.sync.health import ConnectionHealth, RepositoryHealth, Stopped

KINDS = {"token": "token of", "app": "App at", "oauth": "consent of", "clone": ""}
WHY_STOPPED = {
    "expired": "the token has expired",
    "revoked": "the access was withdrawn",
    "suspended": "the installation is suspended",
    "uninstalled": "the App was uninstalled",
}


@dataclass(frozen=True)
class Item:
    """A shape, a word and a colour together say the state."""

    name: str
    words: str
    tone: str
    icon: str


def access(kind: str, account: str) -> str:
    """'token of ada': an App and a token of the same account are told apart."""
    return f"{KINDS[kind]} {account}".strip()


def why_stopped(problem: str) -> str:
    return WHY_STOPPED.get(problem, "it refuses our key")


def troubles(place: Place) -> list[Item]:
    """Connections that read nothing, for a banner above numbers that do not grow any more."""
    return [_trouble(each) for each in health.stopped(place.team.pk)]


def _trouble(stopped: Stopped) -> Item:
    name = f"{stopped.title}, {access(stopped.kind, stopped.account)},"
    if stopped.state == "paused":
        return Item(name, "is paused: numbers stay as they were then.", "", "minus")
    words = f"is not read any more: {why_stopped(stopped.problem)}. Numbers stay as they were then."
    return Item(name, words, "bad", "circle-alert")


def strip(place: Place) -> list[Item]:
    return [item(connection, place) for connection in health.connections(place.team.pk)]


def item(connection: ConnectionHealth, place: Place) -> Item:
    tone, icon = tone_of(connection)
    name = f"{connection.title}, {access(connection.kind, connection.account)}"
    return Item(name, _words(connection, place), tone, icon)


def tone_of(connection: ConnectionHealth) -> tuple[str, str]:
    """Good only when every repository was read to its end."""
    if connection.state == "reconnect":
        return "bad", "x"
    if connection.state == "paused" or not connection.repositories:
        return "neu", "minus"
    if all(map(is_whole, connection.repositories)):
        return "good", "check"
    return "acc" if is_reading(connection) else "warn", "refresh-cw"


def is_whole(repository: RepositoryHealth) -> bool:
    """Read to its end at least once, and nothing else than the latest changes is missing."""
    return repository.state == "complete" or (repository.state == "running" and not repository.lacks_history)


def is_reading(connection: ConnectionHealth) -> bool:
    """A connection that cannot work reads nothing, however much of its work is open."""
    working = connection.state == "active"
    return working and any(repository.state == "running" for repository in connection.repositories)


def _words(connection: ConnectionHealth, place: Place) -> str:
    if connection.state == "reconnect":
        return f"is not read any more: {why_stopped(connection.problem)}"
    if connection.state == "paused":
        return f"is paused{_since(connection, place)}"
    if is_reading(connection) and not all(map(is_whole, connection.repositories)):
        return f"is being read{_progress(connection)}"
    if connection.fresh_at is None:
        return "not read yet"
    return f"{notation.ago(connection.fresh_at, place.now)}{_since(connection, place)}"


def _progress(connection: ConnectionHealth) -> str:
    share = connection.progress.share
    return f", {notation.percent(share)} of what we know of" if share is not None else ""


def _since(connection: ConnectionHealth, place: Place) -> str:
    """Complete from the latest of the repositories' beginnings; a repository read from its first day sets no limit."""
    if not all(map(is_whole, connection.repositories)):
        return ", with gaps"
    starts = [repository.covered_from for repository in connection.repositories if repository.covered_from]
    if not starts:
        return ", complete from the beginning"
    latest = max(starts).astimezone(place.zone).date()
    return f", complete since {notation.day(latest, place.now.astimezone(place.zone).date())}"


def unfinished(connections: Sequence[ConnectionHealth]) -> bool:
    return any(is_reading(connection) for connection in connections)
