"""Issues with their histories: those that changed in a window, single ones by id, and the list of all that are there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from tformance.core.errors import Unexpected
from tformance.sources.contract import Cursor, Inventory, Item, Page, ScopeRef, Session, Skipped, Window
from tformance.sources.jira import site, windows
from tformance.sources.jira.client import API, MOST_PAGES, Client, Json, Refused

PAGE: Final = 100
ALL_IDS: Final = 5000
HISTORY_PAGE: Final = 1000
FIELDS: Final = (
    *("summary", "status", "issuetype", "project", "created", "updated", "resolution", "resolutiondate"),
    *("assignee", "reporter", "priority", "labels", "parent"),
)
UNKNOWN: Final = datetime.min.replace(tzinfo=UTC)  # lists of ids do not say when something changed
GONE: Final = "Jira does not know this issue any more"


def fetch_issues(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Those that changed in the window, the oldest change first: what changes meanwhile comes once more at the end.

    Jira forgets its page tokens after a week; then the walk goes on from the newest change that it has seen.
    """
    with Client(session, scope.api_url) as client:
        known = site.known(client, session, scope)
        place: Cursor | None = cursor or _start(client, known, window)
        while place is not None:
            fetched_at = session.clock()
            try:
                found = _page(client, place, known)
            except Refused:
                site.find(client, scope)
                if not place["token"]:
                    raise
                place = _start(client, known, replace(window, since=_newest(place) or window.since)) | _seen(place)
                continue
            items = _with_histories(client, found["issues"], known)
            place, page = _advance(client, place, found, items, fetched_at)
            yield page


def _start(client: Client, known: Json, window: Window) -> Cursor:
    """`all` is the question for the whole project, while only its newest part is read."""
    project = str(known["project"]["id"])
    query = windows.question(project, window, site.zone(client))
    everything = f"project = {project}" if window.since and not window.until else ""
    return {"jql": query, "token": "", "seen": 0, "expected": None, "newest": "", "all": everything}


def _seen(place: Cursor) -> Cursor:
    return {name: place[name] for name in ("seen", "expected", "newest")}


def _newest(place: Cursor) -> datetime | None:
    return datetime.fromisoformat(place["newest"]) if place["newest"] else None


def _page(client: Client, place: Cursor, known: Json) -> Json:
    body = {"jql": place["jql"], "fields": _fields(known), "maxResults": PAGE}
    return client.post(f"{API}/search/jql", body | ({"nextPageToken": place["token"]} if place["token"] else {}))


def _fields(known: Json) -> list[str]:
    return [*FIELDS, *filter(None, (known["points"], known["sprint"]))]


def _advance(
    client: Client, place: Cursor, found: Json, items: tuple[Item, ...], fetched_at: datetime
) -> tuple[Cursor | None, Page]:
    """The place behind a page, None at the end, and the page itself."""
    token = found.get("nextPageToken") or ""
    is_last = found.get("isLast", False) or not token or not found["issues"]
    if token and token == place["token"]:
        raise Unexpected("Jira gives the same page of issues again and again")
    seen = place["seen"] + len(items)
    expected, total = place["expected"], None
    if not is_last and expected is None:
        expected = _count(client, place["jql"])
        total = _count(client, place["all"]) if place["all"] else None
    newest = max(filter(None, (_newest(place), *map(_changed_at, items))), default=None)
    behind = place | {"token": token, "seen": seen, "expected": expected}
    behind |= {"newest": newest.isoformat() if newest else ""}
    cursor = None if is_last else behind
    return cursor, Page(items, fetched_at, cursor, newest, seen, seen if is_last else expected, total)


def _count(client: Client, query: str) -> int:
    """Jira counts approximately, and only what is asked for."""
    return int(client.post(f"{API}/search/approximate-count", {"jql": query.partition(" ORDER BY ")[0]})["count"])


def _changed_at(item: Item) -> datetime | None:
    """None of an issue that is not what it should be: storing it will tell what is wrong."""
    try:
        return datetime.fromisoformat(item["issue"]["fields"]["updated"]).astimezone(UTC)
    except (LookupError, TypeError, ValueError):
        return None


def fetch_issues_by_id(session: Session, scope: ScopeRef, ids: tuple[str, ...]) -> Page:
    """Skip when the project itself cannot be read: then its issues are not gone."""
    with Client(session, scope.api_url) as client:
        known = site.known(client, session, scope)
        fetched_at = session.clock()
        body = {"issueIdsOrKeys": list(ids), "fields": _fields(known)}
        answer = client.post(f"{API}/issue/bulkfetch", body)
        found = {str(issue["id"]): issue for issue in answer["issues"]}
        here = {key: issue for key, issue in found.items() if not _elsewhere(issue, known)}
        failed = {str(each["id"]): str(each.get("errorMessage") or "") for each in answer.get("issueErrors") or ()}
        if here.keys() | failed.keys() != set(ids):
            site.find(client, scope)
        items = _with_histories(client, list(here.values()), known)
    skipped = [_skipped(key, found, failed, known) for key in ids if key not in here]
    return Page(items, fetched_at, cursor=None, skipped=tuple(skipped))


def _skipped(key: str, found: dict[str, Json], failed: dict[str, str], known: Json) -> Skipped:
    if key in failed:
        return Skipped(key, f"Jira could not give the issue: {failed[key]}")
    home = _elsewhere(found[key], known) if key in found else ""
    return Skipped(key, f"The issue was moved to {home}" if home else GONE, is_gone=True)


def _elsewhere(issue: Json, known: Json) -> str:
    """The key of another project that the issue is in now."""
    try:
        project = issue["fields"]["project"]
        return "" if str(project["id"]) == str(known["project"]["id"]) else str(project["key"])
    except (LookupError, TypeError):
        return ""


def list_issues(session: Session, scope: ScopeRef, cursor: Cursor | None) -> Iterator[Inventory]:
    """Ids alone, in the order they were made: in an order of changes one could slip past the walk."""
    with Client(session, scope.api_url) as client:
        project = site.find(client, scope)["id"]
        query = f"project = {project}"
        place = cursor or {"token": "", "total": _count(client, query)}
        for _ in range(MOST_PAGES):
            body: Json = {"jql": f"{query} ORDER BY created ASC, key ASC", "fields": ["id"], "maxResults": ALL_IDS}
            found = client.post(
                f"{API}/search/jql", body | ({"nextPageToken": place["token"]} if place["token"] else {})
            )
            place = place | {"token": found.get("nextPageToken") or ""}
            is_last = found.get("isLast", False) or not place["token"] or not found["issues"]
            present = tuple([(str(issue["id"]), UNKNOWN) for issue in found["issues"]])
            yield Inventory(present, None if is_last else place, place["total"])
            if is_last:
                return


def _with_histories(client: Client, issues: Sequence[Json], known: Json) -> tuple[Item, ...]:
    """Each issue with all of its history that matters; what statuses mean travels with it."""
    histories = _histories(client, [str(issue["id"]) for issue in issues], known)
    return tuple(
        [
            {"id": str(issue["id"]), "issue": issue, "history": histories[str(issue["id"])], "known": known}
            for issue in issues
        ]
    )


def _histories(client: Client, ids: Sequence[str], known: Json) -> dict[str, list[Json]]:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    fields = ["status", "assignee", "project", *filter(None, (known["points"], known["sprint"]))]
    body: Json = {"issueIdsOrKeys": list(ids), "fieldIds": fields, "maxResults": HISTORY_PAGE}
    token = ""
    for _ in range(MOST_PAGES if ids else 0):
        answer = client.post(f"{API}/changelog/bulkfetch", body | ({"nextPageToken": token} if token else {}))
        for each in answer["issueChangeLogs"]:
            found[str(each["issueId"])] += each["changeHistories"]
        token = answer.get("nextPageToken") or ""
        if not token:
            break
    for key in [key for key, entries in found.items() if _was_moved(entries)]:
        found[key] += _new_keys(client, key)
    return found


def _was_moved(entries: Sequence[Json]) -> bool:
    changed = [item["field"] for entry in entries for item in entry["items"]]
    return "project" in changed and "Key" not in changed


def _new_keys(client: Client, issue: str) -> list[Json]:
    """What it was called before: a change of keys has no field that could be asked for, so its own history is read."""
    entries: Any = client.listing(f"{API}/issue/{issue}/changelog", PAGE)
    named = ((entry, [item for item in entry["items"] if item["field"] == "Key"]) for entry in entries)
    return [entry | {"items": items} for entry, items in named if items]
