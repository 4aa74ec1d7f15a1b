"""How the reading of sources goes, in words and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from tformance.faces.kit import notation
from tformance.faces.kit.wording import Phrase
from tformance.faces.web import freshness
from tformance.faces.web.door import Place
from tformance.sync.connections import GITHUB_API, Connected
from tformance.sync.health import HIDDEN, ConnectionHealth, RepositoryHealth

WARNED, WARNED_AGAIN = timedelta(days=30), timedelta(days=7)
STATE_WORDS = {
    "complete": ("complete", "good-t"),
    "running": ("being read", ""),
    "partial": ("gaps, tried again", "warn-t"),
    "failed": ("stopped", "bad-t"),
    HIDDEN: ("no longer shown", "warn-t"),
}
RESTING = {"paused": ("paused", ""), "reconnect": ("stopped", "bad-t")}
PULL_REQUESTS = "Pull requests"
SOON = timedelta(minutes=1)


@dataclass(frozen=True)
class RepositoryShown:
    name: str
    words: str
    tone: str
    covered: str
    detail: str


@dataclass(frozen=True)
class ConnectionShown:
    """A connection as its card shows it; while it is read, `phase` says how far that is and `pace` how it comes on.

    `share` is None as long as not every stream has told how much it expects. `access` tells a token from an App.
    """

    health: ConnectionHealth
    tone: str
    icon: str
    access: str
    news: str
    is_reading: bool
    phase: str
    counted: str
    share: float | None
    pace: str
    wait: str
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
        access=_access(connection, known),
        news=notation.ago(connection.fresh_at, place.now) if connection.fresh_at else "not yet",
        is_reading=freshness.is_reading(connection) and any(map(_lacks_history, connection.repositories)),
        phase=_phase(connection),
        counted=_counted(connection),
        share=connection.progress.share if connection.progress.left is not None else None,
        pace=_pace(connection),
        wait=_wait(connection, place),
        words=_words(connection),
        repositories=tuple(_repository(repository, connection, place) for repository in connection.repositories),
        known=known,
        ending=_ending(known, place),
    )


def _access(connection: ConnectionHealth, known: Connected) -> str:
    """With its server, where that is not github.com."""
    words = freshness.access(connection.kind, connection.account)
    server = urlsplit(known.api_url).netloc
    return f"{words}, {server}" if server and known.api_url != GITHUB_API else words


def _ending(known: Connected, place: Place) -> str:
    """Words from 30 days before a token's end on, plainer ones in the last week."""
    if known.state == "reconnect" or known.expires_at is None or known.expires_at - place.now > WARNED:
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
    if words := unsettled(connections):
        return words
    hidden = [repository for repository in repositories if repository.state == HIDDEN]
    whole = sum(map(freshness.is_whole, repositories))
    total = notation.counted(len(repositories), "repository", "repositories")
    if whole == len(repositories):
        read = f" {'are' if whole > 1 else 'is'} read to the end."
        return [Phrase("Yes: "), Phrase(f"all {total}" if whole > 1 else f"the {total}", "m"), Phrase(read)]
    if whole + len(hidden) == len(repositories):
        return [Phrase("Mostly: "), Phrase(f"{len(hidden)} of {total}", "m w"), Phrase(" can no longer be seen.")]
    return [Phrase("Mostly: "), Phrase(f"{len(repositories) - whole} of {total}", "m w"), Phrase(" with gaps.")]


def unsettled(connections: Sequence[ConnectionHealth]) -> list[Phrase]:
    """What is to be said before any judgement: that reading has stopped, or is not at its end; nothing otherwise."""
    if broken := [connection for connection in connections if connection.state == "reconnect"]:
        name = f"{broken[0].title}, {freshness.access(broken[0].kind, broken[0].account)},"
        why = Phrase(freshness.why_stopped(broken[0].problem), "m w")
        return [Phrase(f"Only up to where it stopped: {name} is not read any more, "), why, Phrase(".")]
    repositories = [repository for connection in connections for repository in connection.repositories]
    whole = sum(map(freshness.is_whole, repositories))
    total = notation.counted(len(repositories), "repository", "repositories")
    if any(connection.state == "paused" for connection in connections) and whole < len(repositories):
        return [Phrase("Reading is paused: "), Phrase(f"{whole} of {total}", "m w"), Phrase(" read to the end.")]
    if not freshness.unfinished(connections) or not any(map(_lacks_history, repositories)):
        return []
    if whole == 0 and all(repository.covered_to or repository.state == HIDDEN for repository in repositories):
        return [Phrase("For "), Phrase("the last 30 days", "m"), Phrase(" yes; the history before them is being read.")]
    return [Phrase("Not all of them yet: "), Phrase(f"{whole} of {total}", "m"), Phrase(" read to the end.")]


def _lacks_history(repository: RepositoryHealth) -> bool:
    return repository.state == "running" and repository.lacks_history


def activity(pushed_at: datetime | None, now: datetime) -> str:
    return f"last push {notation.ago(pushed_at, now)}" if pushed_at else "never pushed to"


def _counted(connection: ConnectionHealth) -> str:
    progress = connection.progress
    if progress.expected is None or progress.left is None:
        return "items so far"
    return f"of {notation.number(progress.expected)} items"


def _phase(connection: ConnectionHealth) -> str:
    """The newest month comes first, for all; then the history."""
    shown = [repository for repository in connection.repositories if repository.state != HIDDEN]
    recent = sum(repository.covered_to is not None for repository in shown)
    if recent < len(shown):
        return f"First the last 30 days: {recent} of {len(shown)} done. The history follows."
    if any(repository.covered_from for repository in shown):
        return "The last 30 days are ready. The history before them is being read."
    return "All pull requests are read. What belongs to them is still coming."


def _wait(connection: ConnectionHealth, place: Place) -> str:
    """Until when nothing is read, and why; empty while the work goes on."""
    until = connection.waits_until
    if connection.state != "active" or until is None:
        return ""
    reason = connection.reason.rstrip(".")
    if until - place.now < SOON:
        return f"Waits for a moment: {reason}."
    return f"Waits until {until.astimezone(place.zone):%H:%M}: {reason}."


def _words(connection: ConnectionHealth) -> str:
    """What sync says about it; while it reads or waits, the lines above say the same."""
    if connection.state == "active" and connection.words.startswith(("Reading:", "Waiting until")):
        is_caught_up = all(map(freshness.is_whole, connection.repositories))
        return "What changed since is being read." if is_caught_up and not connection.waits_until else ""
    return connection.words


def _pace(connection: ConnectionHealth) -> str:
    progress = connection.progress
    parts = []
    if progress.per_second and connection.waits_until is None:
        parts.append(f"{notation.number(round(progress.per_second * 60))} a minute")
    if progress.left is not None:
        is_soon = progress.left < timedelta(minutes=1)
        parts.append("less than a minute left" if is_soon else f"about {notation.duration(progress.left)} left")
    if connection.wanted:
        parts.append(f"{notation.counted(connection.wanted, 'single item')} in between")
    return " · ".join(parts)


def _repository(repository: RepositoryHealth, connection: ConnectionHealth, place: Place) -> RepositoryShown:
    words, tone = _state(repository, connection)
    skipped = f"{notation.counted(repository.skipped, 'item')} could not be read" if repository.skipped else ""
    error = "" if repository.state == HIDDEN else repository.error
    detail = " · ".join(filter(None, (error, skipped, _missing(repository, place))))
    return RepositoryShown(repository.name, words, tone, _covered(repository, place), detail)


def _state(repository: RepositoryHealth, connection: ConnectionHealth) -> tuple[str, str]:
    """A repository is only being read while its connection works, and one after the other."""
    if repository.state == "complete" and repository.is_archived:
        return "complete, archived", "good-t"
    if repository.state != "running":
        return STATE_WORDS[repository.state]
    if connection.state != "active":
        return RESTING[connection.state]
    if freshness.is_whole(repository):
        return "being brought up to date", ""
    return STATE_WORDS["running"] if repository.is_in_hand else ("in line", "")


def _missing(repository: RepositoryHealth, place: Place) -> str:
    """What is not there yet, in words; empty where nothing is missing, or where the error says it."""
    if repository.state == HIDDEN:
        return "It was deleted, or the token may no longer read it. What was read stays."
    if repository.state == "complete" and repository.is_archived:
        return "It is archived: nothing new comes."
    if repository.state != "running":
        return ""
    if not repository.lacks_history:
        return "Missing: the latest changes"
    return f"Missing: {', '.join(_unread(repository, place))}"


def _unread(repository: RepositoryHealth, place: Place) -> list[str]:
    if repository.covered_to is None:
        return ["everything"]
    if repository.covered_from:
        today = place.now.astimezone(place.zone).date()
        return [f"the time before {_day(repository.covered_from, place, today)}"]
    return [title[0].lower() + title[1:] for title in repository.unread if title != PULL_REQUESTS]


def _covered(repository: RepositoryHealth, place: Place) -> str:
    if repository.covered_to is None:
        return "nothing yet"
    today = place.now.astimezone(place.zone).date()
    start = _day(repository.covered_from, place, today) if repository.covered_from else "from the beginning"
    return f"{start} to {_day(repository.covered_to, place, today)}"


def _day(when: datetime, place: Place, today: date) -> str:
    return notation.day(when.astimezone(place.zone).date(), today)
