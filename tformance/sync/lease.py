"""Taking a lane: one worker at a time, found dead or alive without asking anybody.

The owner of a lease is a process. A process that is certainly gone (same machine, no such pid, or a boot ago) loses
its lane at once, any other when the lease runs out. Every write re-checks the fence, so a late owner changes nothing.
"""

import contextlib
import os
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import F, Max, Q

from tformance.core.clock import now
from tformance.sources.contract import Allowance
from tformance.sync.lane import Lane, Turn

LEASE = timedelta(seconds=60)


class LeaseLost(Exception):
    """Another worker has taken the lane; nothing of this page was written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work with a credential until somebody with a higher fence takes it."""

    lane_id: int
    fence: int

    def renew(self) -> None:
        """Move the end of the lease on; inside a transaction this also keeps every other worker out until its end."""
        self._change(lease_until=now() + LEASE)

    def block(self, until: datetime) -> None:
        """Nobody uses this credential before `until`."""
        self._change(blocked_until=until)

    def note_budgets(self, told: Iterable[Allowance]) -> None:
        """Keep the provider's latest word on what the credential may still spend. Inside a transaction."""
        lane = self.lock()
        lane.note(told)
        self._change(budgets=lane.budgets)

    def release(self) -> None:
        self._change(lease_owner="", lease_until=None)

    def lock(self) -> Lane:
        """The lane, locked until the transaction ends; raises LeaseLost."""
        lane = Lane.objects.select_for_update().filter(pk=self.lane_id, fence=self.fence).first()
        if lane is None:
            raise LeaseLost
        return lane

    def _change(self, **values: object) -> None:
        if not Lane.objects.filter(pk=self.lane_id, fence=self.fence).update(**values):
            raise LeaseLost


def take(lane_id: int) -> Lease | None:
    """The lease on a lane, or None while somebody else has it, it is blocked or it is gone."""
    lane = Lane.objects.filter(pk=lane_id).first()
    if lane is None or _is_held(lane) or (lane.blocked_until and lane.blocked_until > now()):
        return None
    taken = Lane.objects.filter(pk=lane_id, fence=lane.fence).update(
        fence=lane.fence + 1, lease_owner=this_process(), lease_until=now() + LEASE
    )
    return Lease(lane.pk, lane.fence + 1) if taken else None


def offered_lanes(overdue: timedelta = timedelta(0)) -> list[int]:
    """Lanes with work that is due (for so long) and in nobody's hands, of all teams; who waits longest comes first."""
    due = Turn.objects.filter(due_at__lte=now() - overdue)
    free = Q(blocked_until=None) | Q(blocked_until__lte=now())
    lanes = Lane.objects.filter(free, pk__in=due.values("lane")).annotate(served_at=Max("turns__served_at"))
    return [lane.pk for lane in lanes.order_by(F("served_at").asc(nulls_first=True), "pk") if not _is_held(lane)]


def revoke(connection_id: int) -> None:
    """Take the lane from whoever has it: what is being read now is no longer stored, and read again where it may be."""
    lanes = Lane.objects.filter(turns__connection_id=connection_id)
    lanes.update(fence=F("fence") + 1, lease_owner="", lease_until=None)


def _is_held(lane: Lane) -> bool:
    if lane.lease_until is None or lane.lease_until <= now():
        return False
    return not _is_certainly_dead(lane.lease_owner)


def this_process() -> str:
    """host:boot:pid:start, where start tells a process from a later one with the same pid."""
    return f"{socket.gethostname()}:{_boot()}:{os.getpid()}:{_start(os.getpid())}"


def _is_certainly_dead(owner: str) -> bool:
    host, boot, pid, start = owner.rsplit(":", 3)
    if host != socket.gethostname() or not boot:
        return False
    return boot != _boot() or _start(int(pid)) != start


def _boot() -> str:
    """This boot of this machine (and pid namespace); empty where the system does not tell."""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink().name.removeprefix('pid:')}"
    return ""


def _start(pid: int) -> str:
    """When a process started, in ticks since boot; empty when there is none or it is a zombie."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    return ""
