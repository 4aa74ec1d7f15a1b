"""A connection's place in its credential's lane: taking it, leaving it, and having something to do in it."""

import hashlib
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from tformance.core.clock import now
from tformance.sync import hint
from tformance.sync.lane import Lane, Spending, Turn
from tformance.sync.lease import Lease
from tformance.sync.models import Connection
from tformance.sync.session import LentSession, Spent

ALONE_SECONDS = 30.0
SHARED_SECONDS = 5.0  # when another connection of the lane waits
LISTEN_SECONDS = 1.0  # how often messages are looked for in a turn


@dataclass(slots=True)
class Visit:
    """A worker's stay with one connection of the lane it holds, until `ends_at` (monotonic) at the latest."""

    lease: Lease
    connection_id: int
    team_id: int
    ends_at: float
    began_at: float = field(default_factory=time.monotonic)
    listened_at: float = 0.0

    def may_go_on(self) -> bool:
        """Whether there is time for another request before others have their turn."""
        at = time.monotonic()
        if at >= min(self.ends_at, self.began_at + ALONE_SECONDS):
            return False
        return at < self.began_at + SHARED_SECONDS or not self._others_wait()

    def is_time_to_listen(self) -> bool:
        """Whether nobody looked for messages for a second; then the caller does."""
        if time.monotonic() < self.listened_at + LISTEN_SECONDS:
            return False
        self.has_listened()
        return True

    def has_listened(self) -> None:
        """Reading goes on for a second before messages are looked for again."""
        self.listened_at = time.monotonic()

    def _others_wait(self) -> bool:
        others = Turn.objects.filter(lane=self.lease.lane_id, due_at__lte=now())
        return bool(others.exclude(connection_id=self.connection_id).exists())


def join(connection: Connection) -> Turn:
    """The connection's place in the lane of its credential; it moves there when its credential is another now."""
    lane, _ = Lane.objects.get_or_create(key=key_of(connection))
    turn, _ = Turn.objects.select_for_update().get_or_create(
        connection_id=connection.pk,
        defaults={"lane": lane, "team_id": connection.team_id, "round_at": now()},
    )
    if turn.lane_id != lane.pk:
        left = turn.lane_id
        turn.lane = lane
        turn.save(update_fields=["lane"])
        Lane.objects.filter(pk=left).update(fence=F("fence") + 1, lease_owner="", lease_until=None)
        _close(left)
    return turn


def leave(connection_id: int, team_id: int) -> None:
    """Give up a connection's place; a worker on it stops at its next page. Inside `tenant()`.

    The lane comes first, as workers hold it before everything else.
    """
    for turn in Turn.objects.filter(connection_id=connection_id, team_id=team_id):
        Lane.objects.filter(pk=turn.lane_id).update(fence=F("fence") + 1, lease_owner="", lease_until=None)
        turn.delete()
        _close(turn.lane_id)


def _close(lane_id: int) -> None:
    Lane.objects.filter(pk=lane_id, turns=None).delete()


def key_of(connection: Connection) -> str:
    """Connections of one installation, or of one account at one host, share a credential's budget; a clone has none."""
    parts: tuple[object, ...] = (connection.source, connection.api_url, connection.account)
    if connection.kind == Connection.Kind.APP:
        parts = (connection.source, connection.api_url, "installation", connection.app_id, connection.installation_id)
    if connection.kind == Connection.Kind.CLONE:
        parts = (connection.source, "connection", connection.pk)
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()


def call(connection_id: int, at: datetime) -> None:
    """The connection has something to do at an instant; a worker is told after the commit. Inside `tenant()`."""
    same = Turn.objects.filter(Q(due_at=None) | Q(due_at__gt=at), connection_id=connection_id)
    if same.update(due_at=at):
        lane_id = Turn.objects.values_list("lane", flat=True).get(connection_id=connection_id)
        transaction.on_commit(lambda: hint.look_at_lane(lane_id, max((at - now()).total_seconds(), 0)), robust=True)


def next_in(lane_id: int) -> Turn | None:
    """Whose turn it is: of those with something to do the one that was served least recently."""
    free = Q(lane__blocked_until=None) | Q(lane__blocked_until__lte=now())
    due = Turn.objects.filter(free, lane=lane_id, due_at__lte=now())
    found: Turn | None = due.order_by(F("served_at").asc(nulls_first=True), "due_at").first()
    return found


def account_for(held: Lease, session: LentSession, spent: Spent) -> None:
    """Keep what answers cost, and what the credential may still spend."""
    if session.left:
        held.note_budgets(session.left.values())
    if not spent.requests:
        return
    hour = now().replace(minute=0, second=0, microsecond=0)
    same = Spending.objects.filter(lane=held.lane_id, hour=hour)
    if not same.update(requests=F("requests") + spent.requests, points=F("points") + spent.points):
        Spending.objects.create(lane_id=held.lane_id, hour=hour, requests=spent.requests, points=spent.points)


def forget_spending(older_than: timedelta) -> None:
    Spending.objects.filter(hour__lt=now() - older_than).delete()
