"""Whole pull requests by their ids: one road for history, incremental, webhook and single reads.

An item is the answer to `DETAILS` with the answer to `HEAVY` joined in and every connection read to its end;
`earlier` are the earlier heads with their checks, None where they are not wanted.
"""

from tformance.sources.contract import Item, Session, Skipped
from tformance.sources.github import queries
from tformance.sources.github.client import Answer, Client
from tformance.sources.github.heads import Heads
from tformance.sources.github.overflow import complete_pull_request
from tformance.sources.github.reading import Reader


class PullRequestReader(Reader):
    """Reads pull requests with all their children; `wants_heads` with the checks of every head they ever had."""

    def __init__(self, client: Client, session: Session, *, wants_heads: bool) -> None:
        super().__init__(client, session)
        self._wants_heads = wants_heads

    def outcomes(self, ids: tuple[str, ...]) -> list[Item | Skipped]:
        heads = Heads(self.client, self.session)
        details = self.batch("details", ids, lambda some: self.client.readable(queries.DETAILS, ids=some))
        known = {key: item for key, item in details.items() if isinstance(item, dict)}
        heavy: dict[str, Item | Skipped] = {}
        while rest := tuple(known)[len(heavy) :]:
            heavy |= self._heavy(rest, known, heads)
        outcomes = [self._joined(outcome, heavy.get(key)) for key, outcome in details.items()]
        outcomes = [self.completed(outcome, self._children) for outcome in outcomes]
        if self._wants_heads:
            heads.gather([outcome for outcome in outcomes if isinstance(outcome, dict)])
            outcomes = [self.completed(outcome, heads.complete) for outcome in outcomes]
        return outcomes

    def _heavy(self, ids: tuple[str, ...], known: dict[str, Item], heads: Heads) -> dict[str, Item | Skipped]:
        """Files and checks; earlier heads come along at the first try and are left for later when it is too much."""
        commits: list[list[str]] = []

        def question(some: tuple[str, ...]) -> Answer:
            first_try = self._wants_heads and not commits
            commits.append(heads.missing([known[key] for key in some]) if first_try else [])
            answer = self.client.readable(queries.HEAVY, ids=some, heads=commits[-1])
            heads.learn(commits[-1], answer)
            return answer

        heavy = self.batch("heavy", ids, question)
        if len(commits) > 1 and commits[0]:
            heads.were_too_many(len(commits[0]))
        return heavy

    def _joined(self, details: Item | Skipped, heavy: Item | Skipped | None) -> Item | Skipped:
        if isinstance(details, Skipped):
            return details
        assert heavy is not None
        if isinstance(heavy, Skipped):
            return heavy
        return details | heavy | {"earlier": None, "denied": details["denied"] + heavy["denied"]}

    def _children(self, item: Item) -> None:
        complete_pull_request(self.client, self.session, item)
