"""Things by their ids, as many as GitHub answers for at once; each is read or skipped with a reason."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from tformance.core.errors import Skip, TooLarge
from tformance.sources.contract import Item, Session, Skipped
from tformance.sources.github import queries
from tformance.sources.github.client import Answer, Client
from tformance.sources.github.paging import Pace, ask

GONE = "GitHub does not know this pull request any more"


@dataclass
class Reading:
    """What became of the ids asked for: each is in one of the two."""

    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.items) + len(self.skipped)

    def extend(self, outcomes: list[Item | Skipped]) -> None:
        self.items += [outcome for outcome in outcomes if isinstance(outcome, dict)]
        self.skipped += [outcome for outcome in outcomes if isinstance(outcome, Skipped)]


class Reader(ABC):
    """Reads things of one kind; the sizes that work are kept in the session's memory."""

    def __init__(self, client: Client, session: Session) -> None:
        self.client = client
        self.session = session

    def all(self, ids: tuple[str, ...]) -> Reading:
        reading = Reading()
        while rest := ids[len(reading) :]:
            reading.extend(self.outcomes(rest))
        return reading

    def some(self, ids: tuple[str, ...]) -> Reading:
        """The first of `ids`, as many as GitHub answers for at once and at least one."""
        reading = Reading()
        if ids:
            reading.extend(self.outcomes(ids))
        return reading

    @abstractmethod
    def outcomes(self, ids: tuple[str, ...]) -> list[Item | Skipped]:
        """What became of the first of `ids`, which are not empty."""

    def batch(
        self, kind: str, ids: tuple[str, ...], question: Callable[[tuple[str, ...]], Answer]
    ) -> dict[str, Item | Skipped]:
        """What GitHub says about the first of `ids`; one that it cannot answer for is skipped."""
        try:
            answer = ask(
                Pace(self.session.memory, kind, queries.START[kind]), len(ids), lambda size: question(ids[:size])
            )
        except TooLarge as error:
            return {ids[0]: self.unreadable(ids[0], error)}
        return {key: _outcome(answer, place, key) for place, key in enumerate(ids[: len(answer.data["nodes"])])}

    def completed(self, outcome: Item | Skipped, complete: Callable[[Item], None]) -> Item | Skipped:
        """The item after `complete`, which changes it, or why that cannot be done."""
        if isinstance(outcome, Skipped):
            return outcome
        try:
            complete(outcome)
        except TooLarge as error:
            return self.unreadable(outcome["id"], error)
        except Skip as error:
            return Skipped(outcome["id"], str(error))
        return outcome

    def unreadable(self, key: str, error: TooLarge) -> Skipped:
        """Only an item of which GitHub fails while it answers a trivial question is to blame itself."""
        self.client.query(queries.BUDGET)
        return Skipped(key, str(error))


def _outcome(answer: Answer, place: int, key: str) -> Item | Skipped:
    """The item, with the names of its fields that the token may not read in `denied`."""
    node: Item | None = answer.data["nodes"][place]
    denied = [path[2:] for path in answer.denied if path[:2] == ("nodes", place)]
    if node is None:
        return Skipped(key, answer.reason) if denied else Skipped(key, GONE, is_gone=True)
    return node | {"denied": sorted({str(path[0]) for path in denied if len(path) == 1 or path[0] == "head"})}
