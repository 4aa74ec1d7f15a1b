"""Copilot of an organisation: who has a seat, and what each account did day by day.

GitHub hands out a day's usage as signed links to files of one JSON row a line. The links end soon, so each day is
fetched as soon as it is asked for; they lead to another host, which gets no credential of ours. A day without a report
stays unknown: it may be late, or the organisation did not yet allow reports, so it never counts as a day of no use.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from tformance.core import http
from tformance.core.errors import Skip
from tformance.sources.contract import Cursor, Item, Page, ScopeRef, Session, Skipped, Stream, Window
from tformance.sources.github import copilot_records, organizations, paths
from tformance.sources.github.client import Client, Denied

FIRST_REPORT: Final = date(2025, 10, 10)
KEPT_FOR: Final = timedelta(days=365)
LATE_FOR: Final = timedelta(days=3)  # a report may come late or be completed, so the newest days are read again
ROWS_AT_ONCE: Final = 500
SEATS_NEED: Final = (
    'The token may not read the seats of {}; it needs "Copilot Business: read" of the organisation '
    "(scope manage_billing:copilot or read:org for a classic token)"
)
USAGE_NEEDS: Final = (
    'The token may not read the Copilot usage of {}: the policy "Copilot usage metrics" must be enabled, '
    'and the token needs "Copilot metrics: read" of the organisation (scope read:org for a classic token)'
)


def fetch_seats(session: Session, scope: ScopeRef, window: Window, _cursor: Cursor | None) -> Iterator[Page]:
    """All seats as one whole set; nothing where none changed since they were read before."""
    fetched_at = session.clock()
    with Client(session, scope.api_url) as client:
        found = organizations.find(client, scope)
        if found is None:
            yield Page((), fetched_at, cursor=None)
            return
        read = client.listing_if_changed if window.since else client.whole_listing
        try:
            pages = read(paths.SEATS.format(org=found["login"]), per_page=100)
        except Denied as error:
            reason = f"{SEATS_NEED.format(scope.name)}. {error}"
            yield Page((), fetched_at, cursor=None, skipped=(Skipped("seats", reason, is_denied=True),))
            return
        except Skip as error:
            raise Skip(f"{scope.name} has no Copilot, or the token may not see it", item="seats") from error
    items: tuple[Item, ...] = ()
    if pages is not None:
        seats = [seat for page in pages for seat in page["seats"] if seat["assignee"]]
        gone = sum(len(page["seats"]) for page in pages) - len(seats)
        items = ({"id": "seats", "organization": found, "seats": seats, "total": pages[-1]["total_seats"] - gone},)
    yield Page(items, fetched_at, cursor=None, seen=len(items), expected=len(items))


def fetch_usage(session: Session, scope: ScopeRef, window: Window, cursor: Cursor | None) -> Iterator[Page]:
    """Days of the window, the newest first; a long day comes in several pages, of which the last has the day itself."""
    place = cursor or _days(window, session.clock().date())
    with Client(session, scope.api_url) as client:
        found = organizations.find(client, scope) if place["days"] else None
        if found is None:
            yield Page((), session.clock(), cursor=None)
            return
        try:
            yield from _read_days(session, client, found, place)
        except Denied as error:
            reason = f"{USAGE_NEEDS.format(scope.name)}. {error}"
            yield Page((), session.clock(), cursor=None, skipped=(Skipped(place["days"][0], reason, is_denied=True),))


def _read_days(session: Session, client: Client, found: Item, place: Cursor) -> Iterator[Page]:
    while place["days"]:
        for items, skipped in _Day(client, found, place["days"][0]).parts():
            is_last = not items or items[-1]["row"] is None or skipped
            place = {**place, "days": place["days"][1:]} if is_last else place
            yield _page(session, place, items, skipped)


def _days(window: Window, today: date) -> Cursor:
    """What is to be read: as far back as GitHub keeps reports, up to yesterday."""
    earliest = max(FIRST_REPORT, today - KEPT_FOR)
    first = max(earliest, window.since.date() - LATE_FOR) if window.since else earliest
    behind = min(today, window.until.date()) if window.until else today
    count = max(0, (behind - first).days)
    days = [(behind - timedelta(days=back + 1)).isoformat() for back in range(count)]
    return {"days": days, "count": count, "read_to": behind.isoformat()}


def _page(session: Session, place: Cursor, items: list[Item], skipped: list[Skipped]) -> Page:
    left = len(place["days"])
    return Page(
        items=tuple(items),
        fetched_at=session.clock(),
        cursor=place if left else None,
        watermark=datetime.combine(date.fromisoformat(place["read_to"]), time(), UTC),
        seen=place["count"] - left,
        expected=place["count"],
        skipped=tuple(skipped),
    )


class _Day:
    """The report of one day. Its items are rows; the last one, without a row, says that the day is complete."""

    def __init__(self, client: Client, organization: Item, day: str) -> None:
        self._client = client
        self._organization = organization
        self._day = day

    def parts(self) -> Iterator[tuple[list[Item], list[Skipped]]]:
        """Parts of the report; the last part is empty, or ends with the day itself, or says why it is not complete.

        Denied where the token may read no report at all.
        """
        try:
            yield from self._read(attempts=2)
        except http.LinkEnded as error:
            yield [], [Skipped(self._day, f"GitHub's links to the report of {self._day} end too soon: {error}")]

    def _read(self, attempts: int) -> Iterator[tuple[list[Item], list[Skipped]]]:
        """A link that has ended is asked for anew, and the day begins again: the same rows come twice, which is harmless."""
        path = paths.USAGE_OF_DAY.format(org=self._organization["login"])
        response = self._client.ask("GET", path, day=self._day)
        if response.status_code == 204:
            yield [], []
            return
        try:
            yield from self._rows(response.json()["download_links"])
        except http.LinkEnded:
            if attempts <= 1:
                raise
            yield from self._read(attempts - 1)

    def _rows(self, links: list[str]) -> Iterator[tuple[list[Item], list[Skipped]]]:
        items: list[Item] = []
        bad: list[str] = []
        for link in links:
            with http.lines_at(link) as lines:
                for line in lines:
                    self._take(line, items, bad)
                    if len(items) >= ROWS_AT_ONCE:
                        yield items, []
                        items = []
        if bad:
            yield items, [Skipped(self._day, f"{len(bad)} lines of the report of {self._day} are unreadable: {bad[0]}")]
        else:
            yield [*items, self._item(self._day, None)], []

    def _take(self, line: str, items: list[Item], bad: list[str]) -> None:
        if not line.strip():
            return
        try:
            row = json.loads(line)
            copilot_records.check(row)
        except ValueError as error:
            bad.append(str(error))
        else:
            items.append(self._item(f"{row['day']} {row['user_id']}", row))

    def _item(self, key: str, row: Item | None) -> Item:
        return {"id": key, "organization": self._organization, "day": self._day, "row": row}


SEATS = Stream(
    id="copilot_seats",
    title="Copilot seats",
    fetch=fetch_seats,
    translate=copilot_records.seats_page,
    of="organization",
    daily_at=(4, 45),
)
USAGE = Stream(
    id="copilot_usage",
    title="Copilot usage",
    fetch=fetch_usage,
    translate=copilot_records.usage_page,
    backfill="recent_first",
    of="organization",
    daily_at=(4, 45),
)
