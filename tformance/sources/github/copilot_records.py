"""Seats and usage of Copilot in the words of facts. Pure. Rows are kept as they came: GitHub adds fields every month."""

from datetime import date, datetime
from typing import Any, Final

from tformance.facts.records import ActorRecord, ChildSet, OrganizationPage, SeatRecord, UsageDayRecord
from tformance.sources.contract import Item, ScopeRef
from tformance.sources.github.client import Json
from tformance.sources.github.organizations import organization
from tformance.sources.github.values import instant, instant_or_none, rest_actor

TOOL: Final = "copilot"
_COUNTS: Final = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_added_sum",
    "loc_deleted_sum",
)


def check(row: Any) -> None:
    """Raises ValueError where a line of a report is no row of an account and a day."""
    if not isinstance(row, dict):
        raise ValueError("it is no object")
    for name, kind in (("day", str), ("user_id", int), ("user_login", str)):
        if not isinstance(row.get(name), kind):
            raise ValueError(f"it has no {name}")
    date.fromisoformat(row["day"])
    wrong = [name for name in _COUNTS if not isinstance(row.get(name), int | None)]
    if wrong:
        raise ValueError(f"{wrong[0]} is no whole number")


def seats_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> OrganizationPage:
    """`items` is the one set of seats."""
    [found] = items
    seats = ChildSet(tuple([_seat(seat) for seat in found["seats"]]), found["total"])
    return OrganizationPage(organization(found["organization"]), fetched_at, seats=seats)


def usage_page(_scope: ScopeRef, items: tuple[Item, ...], fetched_at: datetime) -> OrganizationPage:
    """`items` are of one organisation and not empty; one without a row says that its day is complete."""
    return OrganizationPage(
        organization(items[0]["organization"]),
        fetched_at,
        usage=tuple([_usage(item["row"]) for item in items if item["row"] is not None]),
        report_days=tuple([date.fromisoformat(item["day"]) for item in items if item["row"] is None]),
    )


def _seat(seat: Json) -> SeatRecord:
    ends = seat["pending_cancellation_date"]
    return SeatRecord(
        actor=rest_actor(seat["assignee"]),
        tool=TOOL,
        assigned_at=instant(seat["created_at"]),
        cancels_on=date.fromisoformat(ends) if ends else None,
        last_active_at=instant_or_none(seat["last_activity_at"]),
        last_editor=seat["last_activity_editor"] or "",
        plan=seat.get("plan_type") or "",
        raw=seat,
    )


def _usage(row: Json) -> UsageDayRecord:
    used = [row.get(name) for name in ("used_chat", "used_agent", "used_cli")]
    return UsageDayRecord(
        tool=TOOL,
        actor=ActorRecord(row["user_id"], row["user_login"].removesuffix("[bot]"), "user"),
        day=date.fromisoformat(row["day"]),
        is_active=any(used) or any(row.get(name) for name in _COUNTS),
        interactions=row.get("user_initiated_interaction_count"),
        suggestions=row.get("code_generation_activity_count"),
        acceptances=row.get("code_acceptance_activity_count"),
        lines_suggested=row.get("loc_suggested_to_add_sum"),
        lines_added=row.get("loc_added_sum"),
        lines_deleted=row.get("loc_deleted_sum"),
        used_chat=used[0],
        used_agent=used[1],
        used_cli=used[2],
        raw=row,
    )
