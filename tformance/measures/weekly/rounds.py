"""All teams' weeks, one team after the other: one that fails is written to the log and does not stop the others."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from tformance.accounts.models import Team
from tformance.accounts.teams import present
from tformance.accounts.tenancy import tenant
from tformance.core import clock
from tformance.facts.touched import touch_days
from tformance.measures.query import truncate
from tformance.measures.weekly.calendar import WEEK, Weeks, as_days, monday
from tformance.measures.weekly.follow import Step, follow, waiting

log = logging.getLogger(__name__)

TURN_SECONDS = 20.0
HALF_A_DAY = timedelta(hours=12)  # on Sunday at 23:59 UTC this is that week in nearly every zone


@dataclass(frozen=True, slots=True)
class Report:
    """How many weeks of how many teams were worked out; those of teams that failed are in the log."""

    teams: int = 0
    weeks: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Marked:
    """So many weeks up to the one with this day, or to this one."""

    weeks: int
    until: date | None = None


def aggregate() -> Report:
    """Of every team the week that contains twelve hours ago, and whatever else of it waits, to the end."""
    report = Report()
    for team_id in list(present().order_by("pk").values_list("pk", flat=True)):
        steps = list(work_off(team_id))
        done = sum(step.done for step in steps if step is not None)
        report = Report(report.teams + 1, report.weeks + done, report.failed + (steps[-1] is None))
    return report


def work_off(team_id: int, weeks: int = 1, until: date | None = None) -> Iterator[Step | None]:
    """Mark so many weeks, of which the one with the day `until` is the last, and follow all that waits, step by step.

    Without a day it is this week. The last step is None where it failed.
    """
    step = _tried(team_id, mark=Marked(weeks, until))
    yield step
    while step is not None and step.left:
        step = _tried(team_id)
        yield step


def follow_waiting(seconds: float = TURN_SECONDS) -> int:
    """A stretch of weeks of each team that waits, and again where more is left, until the time is over.

    Returns how many stretches were worked out.
    """
    done, ends_at, ids = 0, time.monotonic() + seconds, waiting()
    while ids:
        left = []
        for team_id in ids:
            step = _tried(team_id, wait=False) or Step()
            done += step.done > 0
            if step.left:
                left.append(team_id)
            if time.monotonic() >= ends_at:
                return done
        ids = left
    return done


def _tried(team_id: int, *, mark: Marked | None = None, wait: bool = True) -> Step | None:
    """None where it failed; its marks are still there and are followed with the next round."""
    try:
        if mark is not None:
            _mark(team_id, mark)
        return follow(team_id, wait=wait)
    except Exception:
        log.exception("weeks of team %s could not be worked out", team_id)
        return None


def _mark(team_id: int, marked: Marked) -> None:
    zone, now = ZoneInfo(Team.objects.values_list("zone", flat=True).get(pk=team_id)), clock.now()
    last = truncate(marked.until, "week") if marked.until else monday(now, zone)
    newest = last if marked.until else monday(now - HALF_A_DAY, zone)
    with tenant(team_id):
        touch_days([as_days(Weeks(newest - WEEK * (marked.weeks - 1), last))])
