"""Comparing what is stored with the provider's list of all that is there; what differs is asked for by id.

Nothing is marked gone here: only the provider's word on the item itself does that, when it is asked for.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from tformance.accounts.retention import kept_since
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.wanted import stored_ids, stored_issues
from tformance.sources.contract import Inventory
from tformance.sync import load, progress, turns
from tformance.sync.load import Reading
from tformance.sync.progress import Work
from tformance.sync.session import Ahead, Fetched
from tformance.sync.wanted import want

BEGINNING = datetime.min.replace(tzinfo=UTC)


def walk(work: Work, may_ask: Callable[[], bool]) -> None:
    """Go through the list as far as time allows; a step that is not done keeps the ids that it has seen."""
    reading, cursor = work.reading, work.step.cursor or {"at": None, "seen": []}
    assert reading.stream.inventory is not None
    seen, at, is_done = set(cursor["seen"]), cursor["at"], False
    with tenant(reading.visit.team_id):
        known = _stored(reading)
    parts = reading.stream.inventory(reading.session, reading.ref, at)
    with Ahead(parts, reading.session, reading.visit.lease.renew, may_ask) as ahead:
        for fetched in ahead:
            seen |= {item for item, _ in fetched.page.present}
            at, is_done = fetched.page.cursor, fetched.page.cursor is None
            _compare(work, fetched, known, len(seen))
    with tenant(reading.visit.team_id):
        reading.visit.lease.renew()
        if is_done or ahead.is_exhausted:
            _end(work, seen)
        else:
            progress.update_step(work, cursor={"at": at, "seen": sorted(seen)})


def _stored(reading: Reading) -> dict[str, datetime]:
    if reading.scope.project_id is not None:
        return stored_issues(reading.scope.project_id)
    return stored_ids(load.GONE_KINDS[reading.stream.id], reading.scope.repository_id or 0)


def _compare(work: Work, fetched: Fetched[Inventory], known: dict[str, datetime], seen: int) -> None:
    reading = work.reading
    with tenant(reading.visit.team_id):
        reading.visit.lease.renew()
        turns.account_for(reading.visit.lease, reading.session, fetched.spent)
        since = kept_since() or BEGINNING
        present = [
            (item, changed) for item, changed in fetched.page.present if changed >= since
        ]  # the rest is not kept
        news = [item for item, changed in present if item not in known or known[item] < changed]
        want(reading.scope, reading.stream.id, news, "reconcile", now())
        counts = progress.with_counts(work, fetched=len(fetched.page.present), skipped=0, spent=fetched.spent)
        progress.update_step(
            work, seen=seen, expected=fetched.page.total, counts=counts, failures=0, failing_since=None, error=""
        )


def _end(work: Work, seen: set[str]) -> None:
    """Everything that is there was seen; what is stored besides is asked for. Inside `tenant()`."""
    scope = work.reading.scope
    missing = _stored(work.reading).keys() - seen
    want(scope, work.reading.stream.id, missing, "reconcile", now())
    progress.update_step(work, is_walked=True, cursor=None)
