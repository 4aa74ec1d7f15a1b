"""The lines of Copilot's usage reports, with the fields GitHub documents, made from the rows of `copilot_usage`."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.rest_shapes import number_of

Line = dict[str, Any]
SUMS = (
    "user_initiated_interaction_count",
    "code_generation_activity_count",
    "code_acceptance_activity_count",
    "loc_suggested_to_add_sum",
    "loc_suggested_to_delete_sum",
    "loc_added_sum",
    "loc_deleted_sum",
)
_FLAGS = (
    *("used_agent", "used_chat", "used_cli", "used_copilot_code_review_active", "used_copilot_code_review_passive"),
)


def rows(data: Dataset, login: str, name: str, days: list[str]) -> list[Line]:
    """All lines of a report over these days."""
    make = OF_ONE_DAY.get(name) or OF_28_DAYS[name]
    return [line for day in days for line in make(data, login, day)]


def _owner(data: Dataset, login: str) -> str:
    return str(number_of(data.organization(login) or {"login": login}))


def _users(data: Dataset, login: str, day: str) -> list[Line]:
    owner = _owner(data, login)
    return [_user(data, owner, row) for row in data.usage(login, day)]


def _user(data: Dataset, owner: str, row: Row) -> Line:
    account = data.actor(row["login"]) or {"login": row["login"]}
    counts = {name: row.get(name) or 0 for name in SUMS}
    return {
        "day": row["day"],
        "organization_id": owner,
        "user_id": number_of(account),
        "user_login": row["login"],
        **counts,
        **{name: bool(row.get(name)) for name in _FLAGS},
        "totals_by_ide": [{"ide": row.get("ide") or "vscode", **counts}],
        "totals_by_feature": [{"feature": _feature(row), **counts}],
        "totals_by_language_feature": [
            {"language": row.get("language") or "other", "feature": _feature(row), **_of_code(counts)}
        ],
        "totals_by_language_model": [
            {"language": row.get("language") or "other", "model": row.get("model") or "auto", **_of_code(counts)}
        ],
        "totals_by_model_feature": [{"model": row.get("model") or "auto", "feature": _feature(row), **counts}],
        **_cli(row),
    }


def _feature(row: Row) -> str:
    if row.get("used_agent"):
        return "chat_panel_agent_mode"
    return "chat_panel_ask_mode" if row.get("used_chat") else "code_completion"


def _of_code(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if name != "user_initiated_interaction_count"}


def _cli(row: Row) -> Line:
    if not row.get("used_cli"):
        return {}
    tokens = row.get("cli_tokens") or 0
    usage = {"prompt_tokens_sum": tokens * 9 // 10, "output_tokens_sum": tokens - tokens * 9 // 10}
    counts = {f"{name}_count": row.get(f"cli_{name}s") or 0 for name in ("session", "request", "prompt")}
    return {"totals_by_cli": counts | {"token_usage": usage}}


def _organization(data: Dataset, login: str, day: str) -> list[Line]:
    found = data.usage(login, day)
    sums = {name: sum(row.get(name) or 0 for row in found) for name in SUMS}
    weekly, monthly = _active(data, login, day, 7), _active(data, login, day, 28)
    chat = sum(any(row.get("used_chat") for row in days) for days in monthly.values())
    agent = sum(any(row.get("used_agent") for row in days) for days in monthly.values())
    line = {
        "day": day,
        "organization_id": _owner(data, login),
        "daily_active_users": len(found),
        "weekly_active_users": len(weekly),
        "monthly_active_users": len(monthly),
        "monthly_active_chat_users": chat,
        "monthly_active_agent_users": agent,
        **sums,
    }
    return [line]


def _active(data: Dataset, login: str, day: str, length: int) -> dict[str, list[Row]]:
    last = date.fromisoformat(day)
    found: dict[str, list[Row]] = {}
    for back in range(length):
        for row in data.usage(login, (last - timedelta(days=back)).isoformat()):
            found.setdefault(row["login"], []).append(row)
    return found


def _teams(data: Dataset, login: str, day: str) -> list[Line]:
    """Who was in which team; teams with fewer than five seats are left out."""
    seated = {row["login"] for row in data.of_organization("copilot_seats", login)}
    lines = []
    for team in data.of_organization("teams", login):
        members = [member for member in team.get("members") or () if member in seated]
        for member in members if len(members) >= 5 else ():
            account = data.actor(member) or {"login": member}
            who = {"user_id": number_of(account), "user_login": member}
            of = {"team_id": number_of(team), "slug": team["slug"], "organization_id": _owner(data, login)}
            lines.append({"day": day, **of, **who})
    return lines


def _repositories(data: Dataset, login: str, day: str) -> list[Line]:
    """Pull requests of the day by repository, and those that Copilot's agent opened."""
    lines = []
    for home in data.repositories.values():
        if home["name_with_owner"].split("/")[0].lower() == login.lower():
            opened, merged = (_moved(data, home, day, stamp) for stamp in ("created_at", "merged_at"))
            counts = {"total_created": len(opened), "total_merged": len(merged)}
            counts["total_created_by_copilot"] = sum(_by_copilot(row) for row in opened)
            counts["total_merged_created_by_copilot"] = sum(_by_copilot(row) for row in merged)
            of = {"organization_id": _owner(data, login), "repository_id": str(number_of(home))}
            name = home["name_with_owner"].split("/")[1]
            lines.append({"day": day, **of, "repository_name": name, "pull_requests": counts})
    return lines


def _moved(data: Dataset, home: Row, day: str, stamp: str) -> list[Row]:
    pulls = (data.pull(key) for _, key in data.pull_order(str(home["id"]), "created_at"))
    return [pull for pull in pulls if pull and (pull.get(stamp) or "").startswith(day)]


def _by_copilot(row: Row) -> bool:
    return row.get("author") == "copilot-swe-agent"


OF_ONE_DAY: dict[str, Callable[[Dataset, str, str], list[Line]]] = {
    "users-1-day": _users,
    "organization-1-day": _organization,
    "user-teams-1-day": _teams,
    "repos-1-day": _repositories,
}
OF_28_DAYS: dict[str, Callable[[Dataset, str, str], list[Line]]] = {
    "users-28-day": _users,
    "organization-28-day": _organization,
}
