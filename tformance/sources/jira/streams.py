"""What can be read of a site and of a project in it: accounts, the project itself, its issues and its sprints."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from tformance.sources.contract import Cursor, Item, Page, ScopeRef, Session, Skipped, Stream, Window
from tformance.sources.jira import issues, site, translate
from tformance.sources.jira.client import AGILE, API, MOST_PAGES, Client, Denied, Json, Refused

USERS: Final = 200
SPRINTS: Final = 50
DAILY_AT: Final = (4, 30)


def fetch_users(session: Session, scope: ScopeRef, _window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Every account of the site, of those who left too. Jira leaves some out of a page: only an empty one is the last."""
    with Client(session, scope.api_url) as client:
        place = cursor or {"start": 0, "seen": 0}
        for _ in range(MOST_PAGES):
            fetched_at = session.clock()
            found = client.get(f"{API}/users/search", startAt=place["start"], maxResults=USERS)
            items = tuple([{"id": user["accountId"], "user": user, "site": client.cloud} for user in found])
            place = {"start": place["start"] + USERS, "seen": place["seen"] + len(items)}
            yield Page(items, fetched_at, place if items else None, seen=place["seen"])
            if not items:
                return


def fetch_project(session: Session, scope: ScopeRef, _window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    """What was learnt of the project here is what its issues are read by."""
    fetched_at = session.clock()
    with Client(session, scope.api_url) as client:
        known = site.learn(client, session, scope)
    item = {"id": known["project"]["id"], "known": known}
    yield Page((item,), fetched_at, cursor=None, seen=1, expected=1)


def fetch_sprints(session: Session, scope: ScopeRef, _window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    """Of every board of the project all sprints; a board may have none, and a token may lack the scope for boards."""
    fetched_at = session.clock()
    skipped: tuple[Skipped, ...] = ()
    items: tuple[Item, ...] = ()
    with Client(session, scope.api_url) as client:
        known = site.known(client, session, scope)
        try:
            items = tuple([_board(client, board, known) for board in site.boards(client, known["project"]["id"])])
        except Denied as error:
            skipped = (Skipped("boards", f"Sprints are not read: {error}", is_denied=True),)
        except Refused:
            site.find(client, scope)
            raise
    done = len(items) + len(skipped)
    yield Page(items, fetched_at, cursor=None, seen=done, expected=done, skipped=skipped)


def _board(client: Client, board: Json, known: Json) -> Item:
    try:
        sprints = list(client.listing(f"{AGILE}/board/{board['id']}/sprint", SPRINTS))
    except Refused:  # a board without sprints
        sprints = []
    return {"id": str(board["id"]), "board": board, "sprints": sprints, "known": known}


USERS_STREAM = Stream(
    id="users",
    title="Jira accounts",
    fetch=fetch_users,
    translate=translate.site_page,
    of="site",
    daily_at=DAILY_AT,
)
PROJECT = Stream(
    id="project",
    title="Project",
    fetch=fetch_project,
    translate=translate.project_page,
    of="project",
    daily_at=DAILY_AT,
)
ISSUES = Stream(
    id="issues",
    title="Issues",
    fetch=issues.fetch_issues,
    translate=translate.issues_page,
    fetch_ids=issues.fetch_issues_by_id,
    inventory=issues.list_issues,
    backfill="recent_first",
    of="project",
    daily_at=DAILY_AT,
    every=timedelta(minutes=15),
)
SPRINTS_STREAM = Stream(
    id="sprints",
    title="Sprints",
    fetch=fetch_sprints,
    translate=translate.sprints_page,
    of="project",
    daily_at=DAILY_AT,
)
