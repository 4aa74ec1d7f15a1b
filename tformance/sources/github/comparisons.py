"""Which commits one commit has that another has not: what a deployment brought."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tformance.core.errors import Skip
from tformance.sources.contract import Cursor, Item, Page, ScopeRef, Session, Skipped, Window
from tformance.sources.github import paths, repository
from tformance.sources.github.client import Client, Denied

MOST_COMMITS = 1000  # of one comparison; how many there are is told beyond it
HOME = "home"  # in the session's memory: the repository, and when it was asked for
HOME_FOR = timedelta(minutes=10)


def fetch_no_comparisons(session: Session, _scope: ScopeRef, _window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    """There is no list of comparisons: they are read by id, for what other facts refer to."""
    yield Page(items=(), fetched_at=session.clock(), cursor=None, expected=0)


def fetch_comparisons(session: Session, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    """`ids` are "BASE...HEAD". Commits that GitHub no longer has make the relation "unknown", which is an answer.

    Comparisons come one after the other, and the repository that they are of is not asked for anew each time. The page
    is as old as what is known of it.
    """
    items: list[Item] = []
    skipped: list[Skipped] = []
    with Client(session, scope.api_url) as client:
        found, fetched_at = _home(session, client, scope)
        for pair in dict.fromkeys(ids):
            try:
                items.append(_compared(client, found, pair))
            except Denied as error:
                skipped.append(Skipped(pair, str(error)))
    return Page(items=tuple(items), fetched_at=fetched_at, cursor=None, skipped=tuple(skipped))


def _home(session: Session, client: Client, scope: ScopeRef) -> tuple[Item, datetime]:
    known, instant = session.memory.get(HOME), session.clock()
    if known and datetime.fromisoformat(known["at"]) > instant - HOME_FOR:
        return known["repository"], datetime.fromisoformat(known["at"])
    found = repository.find(client, scope)
    session.memory[HOME] = {"repository": found, "at": instant.isoformat()}
    return found, instant


def _compared(client: Client, found: Item, pair: str) -> Item:
    item: Item = {"id": pair, "repository": found, "status": "unknown", "total": 0, "shas": []}
    path = paths.COMPARISON.format(repository=found["nameWithOwner"], pair=pair)
    try:
        for page in client.listing(path, per_page=100):
            item |= {"status": page["status"], "total": page["total_commits"]}
            item["shas"] += [commit["sha"] for commit in page["commits"]]
            if len(item["shas"]) >= MOST_COMMITS:
                break
    except Denied:
        raise
    except Skip:
        return item | {"status": "unknown", "total": 0, "shas": []}
    return item
