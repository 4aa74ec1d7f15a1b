"""What can be read of a clone: itself, and its pull requests with all its commits. The scope's address is its folder."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import islice

from tformance.core.errors import Reconnect
from tformance.sources.contract import Choice, Cursor, Item, Page, ScopeRef, Session, Stream, Window
from tformance.sources.git import translate
from tformance.sources.git.changes import Change
from tformance.sources.git.clone import Clone, open_clone
from tformance.sources.git.command import GitFailed
from tformance.sources.git.history import read_commits
from tformance.sources.git.landings import Landing, read_landings, within
from tformance.sources.git.sizes import read_sizes

_PAGE = 100  # landings


def identify(_session: Session, path: str) -> str:
    """The repository's name; raises Reconnect when the folder is no clone."""
    return open_clone(path).name


def choices(_session: Session, path: str) -> Iterator[Choice]:
    """A clone holds one repository: itself."""
    open_clone(path)
    yield Choice(name=path, node_id="", is_private=True, pushed_at=None)


def fetch_repository(session: Session, scope: ScopeRef, _window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    fetched_at = session.clock()
    item = {"id": scope.api_url, "repository": _repository(open_clone(scope.api_url))}
    yield Page(items=(item,), fetched_at=fetched_at, cursor=None, seen=1, expected=1)


def fetch_pull_requests(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """What landed in the window, the latest first: pull requests, and commits that came without one."""
    try:
        yield from _pages(session, _clone(scope, cursor), window, cursor["done"] if cursor else 0)
    except GitFailed as failure:
        raise Reconnect(f"The clone in {scope.api_url} cannot be read: {failure}.") from failure


def _clone(scope: ScopeRef, cursor: Cursor | None) -> Clone:
    """The clone as it was when the reading began, even if its branch moved on meanwhile."""
    clone = open_clone(scope.api_url)
    return replace(clone, head=cursor["head"]) if cursor else clone


def _pages(session: Session, clone: Clone, window: Window, done: int) -> Iterator[Page]:
    landings = read_landings(clone)
    watermark = datetime.fromtimestamp(landings[0].landed_at, UTC)
    chosen = list(within(landings, _widened(clone, window, session.memory.get("head"))))
    wanted = [bytes.fromhex(sha) for landing in chosen[done:] for sha in landing.shas]
    changes = read_sizes(clone, wanted)
    while True:
        fetched_at = session.clock()
        some = chosen[done : done + _PAGE]
        items = tuple(_items(clone, some, changes))
        done += len(some)
        is_last = done >= len(chosen)
        if is_last and window.until is None:
            session.memory["head"] = clone.head
        cursor = None if is_last else {"head": clone.head, "done": done}
        yield Page(items, fetched_at, cursor, watermark, seen=done, expected=len(chosen))
        if is_last:
            return


def _widened(clone: Clone, window: Window, head_before: str | None) -> Window:
    """The whole history when it no longer contains what was read before: it was rewritten, or another branch is out."""
    if window.since and head_before and window.until is None:
        try:
            clone.git.text("merge-base", "--is-ancestor", head_before, clone.head)
        except GitFailed:
            return Window()
    return window


def _items(clone: Clone, landings: Sequence[Landing], changes: Iterator[Change | None]) -> Iterator[Item]:
    """One item a landing; the changes are those of the landings' commits in their order."""
    shas = [sha for landing in landings for sha in landing.shas]
    commits = {commit.sha: asdict(commit) for commit in read_commits(clone, shas)} if shas else {}
    repository = _repository(clone)
    for landing in landings:
        own, *others = islice(changes, len(landing.shas))
        yield {
            "id": landing.sha,
            "repository": repository,
            "landed_at": landing.landed_at,
            "pull": asdict(landing.pull) if landing.pull else None,
            "commit": commits[landing.sha] | _size(own),
            "brought": [commits[sha] | _size(change) for sha, change in zip(landing.brought, others, strict=True)],
            "files": _files(own) if landing.pull else None,
        }


def _size(change: Change | None) -> Item:
    if change is None:
        return {"size": None}
    return {"size": [change.additions, change.deletions, len(change.files)]}


def _files(change: Change | None) -> list[Item] | None:
    if change is None:
        return None
    return [asdict(file) | {"path": file.path.decode("utf-8", "replace")} for file in change.files]


def _repository(clone: Clone) -> Item:
    return {"name": clone.name, "branch": clone.branch}


REPOSITORY = Stream(id="repository", title="Clone", fetch=fetch_repository, translate=translate.repository_page)
PULL_REQUESTS = Stream(
    id="pull_requests",
    title="Pull requests and commits",
    fetch=fetch_pull_requests,
    translate=translate.landings_page,
    backfill="recent_first",
)
