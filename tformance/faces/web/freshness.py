"""How fresh and how whole the data is, in one line per connection."""

from collections.abc import Sequence
from dataclasses import dataclass

from tformance.faces.kit import notation
from tformance.faces.web.door import Place
from tformance.sync import health
from tformance.sync.health import ConnectionHealth


@dataclass(frozen=True)
class Item:
    """A shape, a word and a colour together say the state."""

    name: str
    words: str
    tone: str
    icon: str


def strip(place: Place) -> list[Item]:
    return [item(connection, place) for connection in health.connections(place.team.pk)]


def item(connection: ConnectionHealth, place: Place) -> Item:
    tone, icon = tone_of(connection)
    return Item(connection.title, _words(connection, place), tone, icon)


def tone_of(connection: ConnectionHealth) -> tuple[str, str]:
    """Good only when every repository was read to its end."""
    if connection.state == "reconnect":
        return "bad", "x"
    if connection.state == "paused" or not connection.repositories:
        return "neu", "minus"
    if all(repository.state == "complete" for repository in connection.repositories):
        return "good", "check"
    return "acc" if is_reading(connection) else "warn", "refresh-cw"


def is_reading(connection: ConnectionHealth) -> bool:
    """A connection that cannot work reads nothing, however much of its work is open."""
    working = connection.state == "active"
    return working and any(repository.state == "running" for repository in connection.repositories)


def _words(connection: ConnectionHealth, place: Place) -> str:
    if connection.state == "reconnect":
        return "refused our key; numbers stop there until it is renewed"
    if connection.state == "paused":
        return f"is paused{_since(connection, place)}"
    if is_reading(connection):
        return f"is being read{_progress(connection)}"
    if connection.fresh_at is None:
        return "not read yet"
    return f"{notation.ago(connection.fresh_at, place.now)}{_since(connection, place)}"


def _progress(connection: ConnectionHealth) -> str:
    share = connection.progress.share
    return f", {notation.percent(share)} of what we know of" if share is not None else ""


def _since(connection: ConnectionHealth, place: Place) -> str:
    """Complete from the latest of the repositories' beginnings; a repository read from its first day sets no limit."""
    if not all(repository.state == "complete" for repository in connection.repositories):
        return ", with gaps"
    starts = [repository.covered_from for repository in connection.repositories if repository.covered_from]
    if not starts:
        return ", complete from the beginning"
    latest = max(starts).astimezone(place.zone).date()
    return f", complete since {notation.day(latest, place.now.astimezone(place.zone).date())}"


def unfinished(connections: Sequence[ConnectionHealth]) -> bool:
    return any(is_reading(connection) for connection in connections)
