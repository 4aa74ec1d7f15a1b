"""Checks of the commits that were a pull request's head before its last one.

GitHub does not tell which commits of a pull request were its head for a while: those that were force-pushed away were,
and of the others those that have a check.
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from tformance.core.errors import TooLarge
from tformance.sources.contract import Item, Session, Skipped
from tformance.sources.github import queries
from tformance.sources.github.client import Answer, Client, Json
from tformance.sources.github.overflow import Rest
from tformance.sources.github.paging import Pace, ask
from tformance.sources.github.reading import Reader

COMMIT: Final = "@"  # between a pull request's id and a sha
GONE: Final = "GitHub does not know this commit any more"


def head_ids(item: Item) -> list[str]:
    """Node ids of the commits that may have been the head before, each once."""
    commits = [node["commit"] for node in item["commits"]["nodes"] if node]
    pushes = [node for node in item["timelineItems"]["nodes"] if node and _is_push(node)]
    commits += [push["beforeCommit"] for push in pushes if push["beforeCommit"]]
    shas = {commit["id"]: commit["oid"] for commit in commits}
    return [key for key, sha in shas.items() if sha != item["headRefOid"]]


def _is_push(node: Json) -> bool:
    return bool(node["__typename"] == "HeadRefForcePushedEvent")


class Heads:
    """What GitHub said about commits; a commit is asked for once, also where pull requests share it."""

    def __init__(self, client: Client, session: Session) -> None:
        self._client = client
        self._session = session
        self._known: dict[str, Json | None] = {}
        self._is_denied = False

    def missing(self, items: Iterable[Item]) -> list[str]:
        """Commits that nothing is known of yet, as many as may be asked for at once."""
        ids = dict.fromkeys(key for item in items for key in head_ids(item) if key not in self._known)
        return list(ids)[: self._pace().size]

    def learn(self, ids: list[str], answer: Answer) -> None:
        self._known |= dict(zip(ids, answer.data["heads"], strict=False))
        self._is_denied = self._is_denied or any(path[0] == "heads" for path in answer.denied)

    def were_too_many(self, asked: int) -> None:
        """So many beside another question were too much for GitHub; without them it could answer."""
        self._pace().worked(max(1, asked // 2), asked)

    def gather(self, items: Iterable[Item]) -> None:
        """Ask for all at once. Where even one is too much nothing more is asked: `complete` finds whose it is."""
        try:
            while missing := self.missing(items):
                self._ask(missing)
        except TooLarge:
            return

    def complete(self, item: Item) -> None:
        """Set `earlier` to the earlier heads that have checks, with all of them, None where the token may not read any.

        TooLarge or Skip as in `Rest`.
        """
        while missing := self.missing([item]):
            self._ask(missing)
        if self._is_denied:
            item["earlier"] = None
            return
        found = [self._known[key] for key in head_ids(item)]
        item["earlier"] = [commit for commit in found if commit and commit["statusCheckRollup"]]
        rest = Rest(self._client, self._session)
        for commit in item["earlier"]:
            rest.complete("contexts of a head", commit["id"], commit["statusCheckRollup"]["contexts"])

    def _ask(self, ids: list[str]) -> None:
        answer = ask(self._pace(), len(ids), lambda size: self._client.readable(queries.HEADS, heads=ids[:size]))
        self.learn(ids, answer)

    def _pace(self) -> Pace:
        return Pace(self._session.memory, "heads", queries.START["heads"])


class HeadReader(Reader):
    """Reads of pull requests nothing but the checks of their earlier heads; with PULL@SHA as id those of one commit."""

    def outcomes(self, ids: tuple[str, ...]) -> list[Item | Skipped]:
        if COMMIT in ids[0]:
            return [self._of_commit(*ids[0].split(COMMIT))]
        ids = tuple(takewhile(lambda key: COMMIT not in key, ids))
        heads = Heads(self.client, self.session)
        listed = self.batch("head commits", ids, lambda some: self.client.readable(queries.HEAD_COMMITS, ids=some))
        outcomes = [self.completed(outcome, self._commits) for outcome in listed.values()]
        heads.gather([outcome for outcome in outcomes if isinstance(outcome, dict)])
        return [self.completed(outcome, heads.complete) for outcome in outcomes]

    def _of_commit(self, pull: str, sha: str) -> Item | Skipped:
        """Of one commit that was the head, wherever it is now. A token that may not read checks learns of none."""
        key = f"{pull}{COMMIT}{sha}"
        answer = self.client.readable(queries.CHECKS_OF_COMMIT, pull=pull, sha=sha)
        item = answer.data["node"]
        commit = item and item["repository"]["commit"]
        if not commit:
            return Skipped(key, GONE, is_gone=True)
        item |= {"id": key, "earlier": None if answer.denied else [commit]}
        return self.completed(item, self._contexts)

    def _contexts(self, item: Item) -> None:
        for commit in item["earlier"] or ():
            contexts = commit["statusCheckRollup"] and commit["statusCheckRollup"]["contexts"]
            Rest(self.client, self.session).complete("contexts of a head", commit["id"], contexts)

    def _commits(self, item: Item) -> None:
        rest = Rest(self.client, self.session)
        rest.complete("head commits", item["id"], item["commits"])
        rest.complete("pushes", item["id"], item["timelineItems"])
