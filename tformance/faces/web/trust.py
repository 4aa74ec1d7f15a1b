"""Whether the numbers can be trusted, in words: what is read, what is left out, what looks like a hole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tformance.faces.kit import notation
from tformance.faces.kit.wording import Phrase
from tformance.faces.web import freshness, progress
from tformance.faces.web.door import Place
from tformance.faces.web.progress import STATE_WORDS
from tformance.measures.doubts import Doubts
from tformance.sync.connections import Connected
from tformance.sync.data_health import Budget, ScopeHealth, StreamHealth, Suspicion
from tformance.sync.health import ConnectionHealth, RepositoryHealth

HEADS = "head_checks"
TITLES = {
    "repository": "Repositories",
    "organization": "Organisations",
    "project": "Jira projects",
    "site": "Jira sites",
}
UNITS = {"graphql": "points", "core": "requests"}
MAY_BE = {
    "checks": "can the token read Checks?",
    "reviews": "is nobody asked there, or are reviews not read?",
    "commits": "can the token read Contents?",
    "deployments": "does it deploy in another way, or can the token not read Deployments?",
}


@dataclass(frozen=True)
class Cell:
    """How far one kind of data of one scope was read; `more` says why not, or until when."""

    words: str
    more: str
    tone: str


@dataclass(frozen=True)
class Line:
    """`looked` is when the scope was last asked for news, `waiting` how many items are to be read again."""

    name: str
    looked: str
    cells: tuple[Cell, ...]
    waiting: int


@dataclass(frozen=True)
class Table:
    """Scopes that are read in the same kinds of data."""

    title: str
    about: str
    headers: tuple[str, ...]
    lines: tuple[Line, ...]


def sentence(
    connections: Sequence[ConnectionHealth], known: Sequence[Connected], zeros: Sequence[Suspicion]
) -> list[Phrase]:
    """The worst that is known comes first; only when nothing is wrong the answer is yes."""
    repositories = [repository for connection in connections for repository in connection.repositories]
    if not repositories:
        return [Phrase("There is nothing to trust yet: no repository is followed.")]
    if words := progress.unsettled(connections):
        return words
    total = notation.counted(len(repositories), "repository", "repositories")
    whole = sum(freshness.is_whole(repository) and not repository.error for repository in repositories)
    return (
        [*_gaps(repositories, whole, total), *_but(known, zeros)]
        if _is_flawed(repositories, known, zeros)
        else [
            Phrase("Yes: "),
            Phrase(f"all {total}" if whole > 1 else f"the {total}", "m"),
            Phrase(f" {'are' if whole > 1 else 'is'} read to the end, and nothing looks like a hole."),
        ]
    )


def _is_flawed(
    repositories: Sequence[RepositoryHealth], known: Sequence[Connected], zeros: Sequence[Suspicion]
) -> bool:
    has_gaps = any(not freshness.is_whole(each) or each.error or each.skipped for each in repositories)
    return bool(has_gaps or zeros or any(lack.is_needed for each in known for lack in each.lacks))


def _gaps(repositories: Sequence[RepositoryHealth], whole: int, total: str) -> list[Phrase]:
    if whole < len(repositories):
        return [Phrase("Mostly: "), Phrase(f"{len(repositories) - whole} of {total}", "m w"), Phrase(" with gaps.")]
    skipped = sum(repository.skipped for repository in repositories)
    if not skipped:
        return [
            Phrase(f"Mostly: {'all' if whole > 1 else 'the'} {total} {'are' if whole > 1 else 'is'} read to the end.")
        ]
    left = notation.counted(skipped, "item")
    return [
        Phrase(f"Mostly: {total} {'are' if whole > 1 else 'is'} read to the end, but "),
        Phrase(left, "m w"),
        Phrase(" could not be read."),
    ]


def _but(known: Sequence[Connected], zeros: Sequence[Suspicion]) -> Iterator[Phrase]:
    """One further finding is enough for a sentence; the rest stands below it."""
    missing = [lack for each in known for lack in each.lacks if lack.is_needed]
    if missing:
        yield Phrase(" It may not read everything: ")
        yield Phrase(missing[0].words, "m w")
        yield Phrase(".")
    elif zeros:
        yield Phrase(f" {zeros[0].repository} shows ")
        yield Phrase(f"no {zeros[0].lacks}", "m w")
        others = len(zeros) - 1
        yield Phrase(
            f" in 90 days, and {notation.counted(others, 'more zero looks', 'more zeros look')} odd."
            if others
            else " in 90 days."
        )


def suspicion(found: Suspicion) -> str:
    merged = notation.counted(found.merged, "merged pull request")
    return f"{found.repository} has {merged} and no {found.lacks} in 90 days; others of the team have some: {MAY_BE[found.lacks]}"


def budget(found: Budget, place: Place) -> list[str]:
    """What the credential may still ask, and what it asked."""
    words = []
    if found.blocked_until and found.blocked_until > place.now:
        words.append(f"The provider asks for patience until {_time(found.blocked_until, place)}")
    for left in found.left:
        of = f" of {notation.number(left.limit)}" if left.limit else ""
        reset = f", full again at {_time(left.reset_at, place)}" if left.reset_at > place.now else ", full again by now"
        words.append(f"{notation.number(left.remaining)}{of} {UNITS.get(left.kind, left.kind)} left{reset}")
    spent = notation.counted(found.requests, "request")
    words.append(f"{spent} and {notation.counted(found.points, 'point')} in the last 24 hours")
    return words


def tables(scopes: Sequence[ScopeHealth], place: Place) -> list[Table]:
    """One for each set of kinds of data: repositories and organisations are read in different ones."""
    kinds: dict[tuple[str, ...], list[ScopeHealth]] = {}
    for scope in scopes:
        kinds.setdefault(tuple(stream.title for stream in scope.streams), []).append(scope)
    return [
        Table(
            title=TITLES[found[0].kind],
            about=f"{len(found)} followed. Each kind of data: since when it is complete, and when it was last read.",
            headers=headers,
            lines=tuple(_line(scope, place) for scope in found),
        )
        for headers, found in kinds.items()
    ]


def _line(scope: ScopeHealth, place: Place) -> Line:
    looked = notation.ago(scope.looked_at, place.now) if scope.looked_at else "not yet"
    return Line(scope.name, looked, tuple(_cell(scope, stream, place) for stream in scope.streams), scope.wanted)


def _cell(scope: ScopeHealth, stream: StreamHealth, place: Place) -> Cell:
    if stream.gap:
        return Cell("cannot be read", stream.gap, "warn-t")
    if stream.state != "complete":
        words, tone = STATE_WORDS[stream.state]
        return Cell(words, _counted(stream), tone)
    read_at = stream.completed_at or stream.covered_to
    if read_at is None and stream.stream == HEADS and not scope.reads_every_head:
        return Cell("last commit only", "The checks of earlier commits are not asked for here", "")
    if read_at is None:
        return Cell("not read yet", "", "")
    return Cell(_since(scope, stream, place), notation.ago(read_at, place.now), "")


def _since(scope: ScopeHealth, stream: StreamHealth, place: Place) -> str:
    if stream.covered_from is None:
        return "from the beginning" if stream.covered_to else "complete"
    return f"since {_day(stream.covered_from, place)}"


def _counted(stream: StreamHealth) -> str:
    if not stream.expected:
        return f"{notation.number(stream.seen)} so far" if stream.seen else ""
    return f"{notation.number(stream.seen)} of {notation.number(stream.expected)}"


def oddities(found: Doubts) -> list[tuple[str, str, str]]:
    """What is stored but doubtful: a count, what it is, and what is done about it."""
    pulls, deliveries = notation.number(found.pulls), notation.number(found.deliveries)
    return [
        (
            notation.number(found.incomplete),
            f"of {pulls} pull requests lack a part",
            "Their missing parts are read again until they are whole; numbers that need them leave them out.",
        ),
        (
            notation.number(found.impossible),
            f"of {pulls} pull requests have times in an impossible order",
            f"{notation.counted(found.moved, 'stamp')} moved into order, such as a review before the opening.",
        ),
        (
            notation.number(found.unlinked),
            f"of {deliveries} deployments bring no pull request that is known",
            "They brought direct pushes only, or could not be compared with the one before.",
        ),
    ]


def _time(when: datetime, place: Place) -> str:
    return f"{when.astimezone(place.zone):%H:%M}"


def _day(when: datetime, place: Place) -> str:
    return notation.day(when.astimezone(place.zone).date(), place.now.astimezone(place.zone).date())
