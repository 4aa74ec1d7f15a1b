"""Periods in Jira's query language: whole minutes, by the clock on the asking account's wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tformance.sources.contract import Window

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def question(project: str, window: Window, zone: ZoneInfo) -> str:
    """A query for the issues of a project that changed in the window, and a little round it; the oldest change first."""
    parts = [f"project = {project}"]
    if window.since:
        parts.append(f'updated >= "{_not_later(window.since, zone)}"')
    if window.until:
        parts.append(f'updated < "{_not_earlier(window.until, zone)}"')
    return f"{' AND '.join(parts)} ORDER BY updated ASC, key ASC"


def _not_later(instant: datetime, zone: ZoneInfo) -> str:
    """When clocks go back, an hour of wall time comes twice: either must not be later than what is meant."""
    wall = _wall(instant, zone)
    if max(_meant(wall, zone)) > instant:
        wall = _wall(instant - _HOUR, zone)
    return f"{wall:%Y-%m-%d %H:%M}"


def _not_earlier(instant: datetime, zone: ZoneInfo) -> str:
    later = instant + _MINUTE
    wall = _wall(later, zone)
    if min(_meant(wall, zone)) < instant:
        wall = _wall(later + _HOUR, zone)
    return f"{wall:%Y-%m-%d %H:%M}"


def _wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)


def _meant(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants that a wall time may mean."""
    first = wall.replace(tzinfo=zone)
    return first.astimezone(UTC), first.replace(fold=1).astimezone(UTC)
