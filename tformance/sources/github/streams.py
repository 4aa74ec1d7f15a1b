"""What can be read of a repository: itself, its pull requests, its deployments and releases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tformance.sources.contract import Cursor, Inventory, Item, Page, ScopeRef, Session, Skipped, Stream, Window
from tformance.sources.github import queries, repository, translate
from tformance.sources.github.client import Client
from tformance.sources.github.comparisons import fetch_comparisons, fetch_no_comparisons
from tformance.sources.github.heads import HeadReader
from tformance.sources.github.overflow import complete_deployment
from tformance.sources.github.pull_requests import PullRequestReader
from tformance.sources.github.reading import Reader
from tformance.sources.github.walk import newest_stamp

GONE = "GitHub does not know it any more"
# Deployments and releases are listed by creation; they move on afterwards, so recent ones are read again.
DEPLOYMENTS_MOVE_FOR = timedelta(days=14)
RELEASES_MOVE_FOR = timedelta(days=90)


def fetch_repository(session: Session, scope: ScopeRef, _window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    fetched_at = session.clock()
    with Client(session, scope.api_url) as client:
        found = repository.find(client, scope)
    yield Page(
        items=({"id": found["id"], "repository": found},), fetched_at=fetched_at, cursor=None, seen=1, expected=1
    )


def fetch_pull_requests(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Those that changed in the window, the latest change first. A page may be empty while the walk goes on."""
    with Client(session, scope.api_url) as client:
        reader = PullRequestReader(client, session, wants_heads=scope.reads_every_head)
        yield from _read_listed(reader, scope, window, cursor)


def fetch_head_checks(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """As `fetch_pull_requests`, but of each only the checks of its earlier heads."""
    with Client(session, scope.api_url) as client:
        yield from _read_listed(HeadReader(client, session), scope, window, cursor)


def _read_listed(reader: Reader, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    client, session = reader.client, reader.session
    walk = repository.walk(client, scope, cursor)
    while not walk.done:
        if not walk.pending:
            connection = repository.listed(client, session, "skeleton", scope, walk.repository, walk.after)
            walk.pending = [row["id"] for row in walk.advance(connection, "updatedAt", window)]
        fetched_at = session.clock()
        reading = reader.some(tuple(walk.pending))
        walk.pending = walk.pending[len(reading) :]
        yield walk.page(reading.items, fetched_at, tuple(reading.skipped))


def fetch_pull_requests_by_id(session: Session, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    """Skip when the repository itself cannot be read: then its pull requests are not gone."""
    with Client(session, scope.api_url) as client:
        return _by_id(PullRequestReader(client, session, wants_heads=scope.reads_every_head), scope, ids)


def fetch_head_checks_by_id(session: Session, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    with Client(session, scope.api_url) as client:
        return _by_id(HeadReader(client, session), scope, ids)


def _by_id(reader: Reader, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    fetched_at = reader.session.clock()
    reading = reader.all(tuple(dict.fromkeys(ids)))
    if not reading.items and any(skipped.is_gone for skipped in reading.skipped):
        repository.find(reader.client, scope)
    return Page(items=tuple(reading.items), fetched_at=fetched_at, cursor=None, skipped=tuple(reading.skipped))


def _listing(kind: str) -> Callable[[Session, ScopeRef, Cursor | None], Iterator[Inventory]]:
    def everything(session: Session, scope: ScopeRef, cursor: Cursor | None) -> Iterator[Inventory]:
        """All there are, in the order they were made: in an order of changes one could slip past the walk."""
        with Client(session, scope.api_url) as client:
            place: Cursor = cursor or {"repository": repository.node_id(client, scope), "after": None}
            while True:
                connection = repository.listed(client, session, kind, scope, place["repository"], place["after"])
                more = connection["pageInfo"]
                place = place | {"after": more["endCursor"]}
                rows = [row for row in connection["nodes"] if row]
                present = tuple([(row["id"], datetime.fromisoformat(row["updatedAt"])) for row in rows])
                yield Inventory(present, place if more["hasNextPage"] else None, connection["totalCount"])
                if not more["hasNextPage"]:
                    return

    return everything


def fetch_deployments(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Those created in the window or shortly before it, the latest first; the watermark is their latest change."""
    yield from _whole_rows(session, scope, _reaching_back(window, DEPLOYMENTS_MOVE_FOR), cursor, _DEPLOYED)


def fetch_releases(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Those created in the window or shortly before it, the latest first; the watermark is their latest change."""
    yield from _whole_rows(session, scope, _reaching_back(window, RELEASES_MOVE_FOR), cursor, _RELEASED)


def _reaching_back(window: Window, how_far: timedelta) -> Window:
    return replace(window, since=window.since - how_far) if window.since else window


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of thing that a list has whole: what completes one, when it last changed, and how it is asked for by id."""

    name: str
    by_id: str
    changed_at: Callable[[Item], datetime]
    complete: Callable[[Client, Session, Item], None]


def _whole_rows(
    session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None, kind: _Kind
) -> Iterator[Page]:
    """A list whose rows are already the things themselves."""
    with Client(session, scope.api_url) as client:
        walk = repository.walk(client, scope, cursor)
        while not walk.done:
            fetched_at = session.clock()
            connection = repository.listed(client, session, kind.name, scope, walk.repository, walk.after)
            listed = walk.advance(connection, "createdAt", window)
            walk.note(max(map(kind.changed_at, listed), default=None))
            for item in listed:
                kind.complete(client, session, item)
            yield walk.page(listed, fetched_at)


def _rows_by_id(session: Session, scope: ScopeRef, ids: tuple[str, ...], kind: _Kind) -> Page:
    """Skip when the repository itself cannot be read: then what is in it is not gone."""
    fetched_at = session.clock()
    with Client(session, scope.api_url) as client:
        found = dict(zip(ids, client.query(kind.by_id, ids=list(ids))["nodes"], strict=True))
        items = tuple([item for item in found.values() if item])
        for item in items:
            kind.complete(client, session, item)
        if not items:
            repository.find(client, scope)
    skipped = tuple([Skipped(key, GONE, is_gone=True) for key, item in found.items() if not item])
    return Page(items, fetched_at, cursor=None, skipped=skipped)


def fetch_deployments_by_id(session: Session, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    return _rows_by_id(session, scope, ids, _DEPLOYED)


def fetch_releases_by_id(session: Session, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    return _rows_by_id(session, scope, ids, _RELEASED)


def _nothing_more(_client: Client, _session: Session, _item: Item) -> None:
    """A release has no lists of its own."""


def deployment_changed_at(item: Item) -> datetime:
    latest = item["latestStatus"]
    return newest_stamp(item["createdAt"], item["updatedAt"], latest["createdAt"] if latest else None)


def release_changed_at(item: Item) -> datetime:
    return newest_stamp(item["createdAt"], item["updatedAt"], item["publishedAt"])


_DEPLOYED = _Kind("deployments", queries.DEPLOYMENTS_BY_ID, deployment_changed_at, complete_deployment)
_RELEASED = _Kind("releases", queries.RELEASES_BY_ID, release_changed_at, _nothing_more)

REPOSITORY = Stream(id="repository", title="Repository", fetch=fetch_repository, translate=translate.repository_page)
PULL_REQUESTS = Stream(
    id="pull_requests",
    title="Pull requests",
    fetch=fetch_pull_requests,
    translate=translate.pull_requests_page,
    fetch_ids=fetch_pull_requests_by_id,
    inventory=_listing("inventory"),
    backfill="recent_first",
)
DEPLOYMENTS = Stream(
    id="deployments",
    title="Deployments",
    fetch=fetch_deployments,
    translate=translate.deployments_page,
    fetch_ids=fetch_deployments_by_id,
    inventory=_listing("deployment inventory"),
)
RELEASES = Stream(
    id="releases",
    title="Releases",
    fetch=fetch_releases,
    translate=translate.releases_page,
    fetch_ids=fetch_releases_by_id,
    inventory=_listing("release inventory"),
)
COMPARISONS = Stream(
    id="comparisons",
    title="What deployments brought",
    fetch=fetch_no_comparisons,
    translate=translate.comparisons_page,
    fetch_ids=fetch_comparisons,
    backfill="on_demand",
)
HEAD_CHECKS = Stream(
    id="head_checks",
    title="Checks of earlier commits",
    fetch=fetch_head_checks,
    translate=translate.heads_page,
    fetch_ids=fetch_head_checks_by_id,
    backfill="deep",
)
