"""How the reading of sources goes, in words and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tformance.faces.kit import notation
from tformance.faces.kit.wording import Phrase
from tformance.faces.web import freshness
from tformance.faces.web.door import Place
from tformance.sync.connections import Connected
from tformance.sync.health import ConnectionHealth, RepositoryHealth

WARNED, WARNED_AGAIN = timedelta(days=30), timedelta(days=7)
STATE_WORDS = {
    "complete": ("complete", "good-t"),
    "running": ("being read", ""),
    "partial": ("gaps, tried again", "warn-t"),
    "failed": ("stopped", "bad-t"),
}


@dataclass(frozen=True)
class RepositoryShown:
    name: str
    words: str
    tone: str
    covered: str
    detail: str


@dataclass(frozen=True)
class ConnectionShown:
    """A connection as its card shows it; `pace` says rate and time left while it is read.

    `share` is None as long as not every stream has told how much it expects.
    """

    health: ConnectionHealth
    tone: str
    icon: str
    news: str
    is_reading: bool
    counted: str
    share: float | None
    pace: str
    words: str
    repositories: tuple[RepositoryShown, ...]
    known: Connected
    ending: str


def shown(connection: ConnectionHealth, known: Connected, place: Place) -> ConnectionShown:
    tone, icon = freshness.tone_of(connection)
    return ConnectionShown(
        health=connection,
        tone=tone,
        icon=icon,
        news=notation.ago(connection.fresh_at, place.now) if connection.fresh_at else "not yet",
        is_reading=freshness.is_reading(connection),
        counted=_counted(connection),
        share=connection.progress.share if connection.progress.left is not None else None,
        pace=_pace(connection),
        words=_words(connection),
        repositories=tuple(_repository(repository, place) for repository in connection.repositories),
        known=known,
        ending=_ending(known, place),
    )


def _ending(known: Connected, place: Place) -> str:
    """Words from 30 days before a token's end on, plainer ones in the last week."""
    if known.expires_at is None or known.expires_at - place.now > WARNED:
        return ""
    day = _day(known.expires_at, place, place.now.astimezone(place.zone).date())
    if known.expires_at <= place.now:
        return f"The token ended on {day}. Give a new one of the same account: what was read stays."
    if known.expires_at - place.now <= WARNED_AGAIN:
        return f"The token ends on {day}, in less than a week. Give a new one now, or numbers stop there."
    return f"The token ends on {day}. A new one of the same account goes on where it stopped."


def sentence(connections: Sequence[ConnectionHealth]) -> list[Phrase]:
    """Can the numbers be trusted? From the states of all repositories."""
    repositories = [repository for connection in connections for repository in connection.repositories]
    if not repositories:
        return [Phrase("No repository is followed yet.")]
    if broken := [connection for connection in connections if connection.state == "reconnect"]:
        return [Phrase(f"{broken[0].title} "), Phrase("refuses our key", "m w"), Phrase("; numbers stop there.")]
    whole = sum(repository.state == "complete" for repository in repositories)
    total = notation.counted(len(repositories), "repository", "repositories")
    if whole == len(repositories):
        return [
            Phrase("Yes: "),
            Phrase(f"all {total}" if whole > 1 else f"the {total}", "m"),
            Phrase(" read to the end."),
        ]
    if freshness.unfinished(connections):
        return [Phrase("Not all of them yet: "), Phrase(f"{whole} of {total}", "m"), Phrase(" read to the end.")]
    return [Phrase("Mostly: "), Phrase(f"{len(repositories) - whole} of {total}", "m w"), Phrase(" with gaps.")]


def activity(pushed_at: datetime | None, now: datetime) -> str:
    return f"last push {notation.ago(pushed_at, now)}" if pushed_at else "never pushed to"


def _counted(connection: ConnectionHealth) -> str:
    progress = connection.progress
    if progress.expected is None or progress.left is None:
        return "items so far"
    return f"of {notation.number(progress.expected)} items"


def _words(connection: ConnectionHealth) -> str:
    """What sync says about it; while it reads, the figures above say the same."""
    return "" if connection.words.startswith("Reading:") else connection.words


def _pace(connection: ConnectionHealth) -> str:
    progress = connection.progress
    parts = []
    if progress.per_second:
        parts.append(f"{notation.number(round(progress.per_second * 60))} a minute")
    if progress.left is not None:
        parts.append(f"about {notation.duration(progress.left)} left")
    unread = [repository.name for repository in connection.repositories if repository.covered_to is None]
    if unread:
        parts.append(f"next {unread[0]}")
    return " · ".join(parts)


def _repository(repository: RepositoryHealth, place: Place) -> RepositoryShown:
    words, tone = STATE_WORDS[repository.state]
    skipped = f"{notation.counted(repository.skipped, 'item')} could not be read" if repository.skipped else ""
    detail = " · ".join(filter(None, (repository.error, skipped)))
    return RepositoryShown(repository.name, words, tone, _covered(repository, place), detail)


def _covered(repository: RepositoryHealth, place: Place) -> str:
    if repository.covered_to is None:
        return "nothing yet"
    today = place.now.astimezone(place.zone).date()
    start = _day(repository.covered_from, place, today) if repository.covered_from else "the beginning"
    return f"{start} to {_day(repository.covered_to, place, today)}"


def _day(when: datetime, place: Place, today: date) -> str:
    return notation.day(when.astimezone(place.zone).date(), today)
