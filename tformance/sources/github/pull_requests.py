"""Whole pull requests by their ids: one road for history, incremental, webhook and single reads.

An item is the answer to `DETAILS` with the answer to `HEAVY` joined in and every connection read to its end.
"""

from dataclasses import dataclass, field

from tformance.core.errors import Skip, TooLarge
from tformance.sources.contract import Item, Session, Skipped
from tformance.sources.github import queries
from tformance.sources.github.client import Client
from tformance.sources.github.overflow import complete_pull_request
from tformance.sources.github.paging import Pace, ask

GONE = "GitHub does not know this pull request any more, or the token may not read it"

_DOCUMENTS = {"details": queries.DETAILS, "heavy": queries.HEAVY}


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


class Reader:
    """Reads pull requests with all their children; the sizes that work are kept in the session's memory."""

    def __init__(self, client: Client, session: Session) -> None:
        self._client = client
        self._session = session

    def all(self, ids: tuple[str, ...]) -> Reading:
        reading = Reading()
        while rest := ids[len(reading) :]:
            reading.extend(self._some(rest))
        return reading

    def some(self, ids: tuple[str, ...]) -> Reading:
        """The first of `ids`, as many as GitHub answers for at once and at least one."""
        reading = Reading()
        reading.extend(self._some(ids))
        return reading

    def _some(self, ids: tuple[str, ...]) -> list[Item | Skipped]:
        if not ids:
            return []
        details = self._batch("details", ids)
        known = tuple(key for key, answer in details.items() if isinstance(answer, dict))
        heavy: dict[str, Item | Skipped] = {}
        while rest := known[len(heavy) :]:
            heavy |= self._batch("heavy", rest)
        return [self._whole(answer, heavy.get(key)) for key, answer in details.items()]

    def _batch(self, kind: str, ids: tuple[str, ...]) -> dict[str, Item | Skipped]:
        """What GitHub says about the first of `ids`; one that it cannot answer for is skipped."""
        try:
            nodes = ask(
                Pace(self._session.memory, kind, queries.START[kind]),
                len(ids),
                lambda size: self._client.query(_DOCUMENTS[kind], ids=ids[:size])["nodes"],
            )
        except TooLarge as error:
            return {ids[0]: self._unreadable(ids[0], error)}
        return {key: node or Skipped(key, GONE) for key, node in zip(ids, nodes, strict=False)}

    def _whole(self, details: Item | Skipped, heavy: Item | Skipped | None) -> Item | Skipped:
        if isinstance(details, Skipped):
            return details
        assert heavy is not None
        if isinstance(heavy, Skipped):
            return heavy
        item = details | heavy
        try:
            complete_pull_request(self._client, self._session, item)
        except TooLarge as error:
            return self._unreadable(item["id"], error)
        except Skip as error:
            return Skipped(item["id"], str(error))
        return item

    def _unreadable(self, key: str, error: TooLarge) -> Skipped:
        """Only an item of which GitHub fails while it answers a trivial question is to blame itself."""
        self._client.query(queries.BUDGET)
        return Skipped(key, str(error))
