"""The plain second reading of what METRICS says of work that flows: answers, what is open, taken back or given up.

What goes on until now is judged for a moment that the caller names.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.truth_iteration import hours, is_bot, moment
from tformance.sandbox.truth_numbers import percentile, rate, share, spread

TWO_WEEKS = timedelta(days=14)


def answered(data: Dataset, pull: Row) -> float | None:
    """Hours from the opening to the first word of anybody else, before the merge."""
    key, author = str(pull["id"]), pull.get("author")
    said = [(row.get("author"), row.get("submitted_at")) for row in data.children("reviews", key)]
    said += [(row.get("author"), row.get("created_at")) for row in data.children("comments", key)]
    until = pull.get("merged_at") or "9999"
    return hours(
        moment(pull["created_at"]),
        moment(min((at for who, at in said if at and who != author and at <= until), default=None)),
    )


def reviewed_by_bot(data: Dataset, pull: Row) -> float | None:
    """Hours from the opening to the first review of a bot, before the merge."""
    until, author = pull.get("merged_at") or "9999", pull.get("author")
    rows = [row for row in data.children("reviews", str(pull["id"])) if row["state"] != "PENDING"]
    stamps = [row["submitted_at"] for row in rows if is_bot(data, row.get("author")) and row["author"] != author]
    first = min((stamp for stamp in stamps if stamp <= until), default=None)
    return hours(moment(pull["created_at"]), moment(first))


def standing(data: Dataset, pull: Row, reviews: list[tuple[datetime, Row]]) -> list[str] | None:
    """Whose review it waits for; None where it is closed or a draft."""
    if pull["state"] != "OPEN" or pull.get("is_draft"):
        return None
    asked: dict[str, str | None] = {}
    for event in sorted(data.children("timeline", str(pull["id"])), key=lambda row: row["created_at"]):
        name = event.get("requested_reviewer")
        if name and event["__typename"].startswith("ReviewRequest"):
            asked[name] = event["created_at"] if event["__typename"] == "ReviewRequestedEvent" else None
    words = {name: max((at for at, row in reviews if row.get("author") == name), default=None) for name in asked}
    left = [name for name, at in asked.items() if at and not ((word := words[name]) and word >= _at(at))]
    return sorted(str((data.actor(name) or {})["login"]).lower() for name in left)


def _at(stamp: str) -> datetime:
    at = moment(stamp)
    assert at is not None
    return at


def flow_of(data: Dataset, pull: Row, reviews: list[tuple[datetime, Row]]) -> Row:
    """What is known of one pull request, besides what the other readings tell."""
    account = data.actor(pull.get("author"))
    return {
        "created_at": pull["created_at"],
        "closed_at": pull.get("closed_at"),
        "is_draft": bool(pull.get("is_draft")),
        "by_person": account is not None and account["__typename"] == "User",
        "time_to_first_response": answered(data, pull),
        "time_to_first_bot_review": reviewed_by_bot(data, pull),
        "waits_for": standing(data, pull, reviews),
    }


def flow(pulls: list[Row], now: datetime) -> dict[str, dict[str, Any]]:
    """Every measure of the flow over everything and by repository."""
    counted = [row for row in pulls if not row["automation"] and not row["backport"]]
    reverts = {(row["repository"], row["reverts"]): row for row in pulls if row["is_revert"] and row["merged_at"]}
    numbers = {(row["repository"], row["number"]): row for row in pulls}
    for row in counted:
        row |= _until(row, now) | _taken_back(row, reverts, numbers, now)
    names = ["all", *sorted({row["repository"] for row in pulls})]
    found = {}
    for name in names:
        there = [row for row in counted if name in ("all", row["repository"])]
        found[name] = _measured(there, [row for row in pulls if name in ("all", row["repository"])])
    return found


def _until(row: Row, now: datetime) -> Row:
    end = moment(row["merged_at"] or row["closed_at"]) or now
    return {"lasted": hours(moment(row["created_at"]), end)}


def _taken_back(row: Row, reverts: dict[Any, Row], numbers: dict[Any, Row], now: datetime) -> Row:
    merged, told = moment(row["merged_at"]), numbers.get((row["repository"], row["reverts"]))
    if merged is None:
        return {"reverted": None, "time_to_revert": None}
    undone = reverts.get((row["repository"], row["number"]))
    soon = undone is not None and _at(undone["merged_at"]) - merged <= TWO_WEEKS
    return {
        "reverted": True if soon else False if now - merged >= TWO_WEEKS else None,
        "time_to_revert": hours(moment(told["merged_at"]), merged) if told and row["is_revert"] else None,
    }


def _measured(counted: list[Row], everything: list[Row]) -> dict[str, Any]:
    merged = [row for row in counted if row["merged_at"]]
    ended = [row | {"given_up": not row["merged_at"]} for row in counted if row["merged_at"] or row["closed_at"]]
    reviews = [(row, stamp, who) for row in everything for stamp, who in row["reviews_given"]]
    late = [{"late": bool(row["merged_at"]) and stamp > row["merged_at"]} for row, stamp, _ in reviews]
    authors = Counter(row["author"] for row in merged if row["by_person"])
    return {
        "opened_prs": {"count": len(counted), "n": len(counted), "missing": 0},
        "abandoned_share": share(ended, "given_up"),
        "reviews_after_merge": share(late, "late") if late else {"value": None, "n": 0, "missing": 0},
        "reverted_share": rate(merged, "reverted"),
        "time_to_revert": spread(merged, "time_to_revert"),
        "time_open": spread([row for row in counted if not row["merged_at"]], "lasted"),
        "time_to_merge": {"median": survival(counted), "n": len(counted)},
        "active_authors": {"distinct": len(authors)},
        "prs_per_author": {"median": percentile([float(n) for n in authors.values()], 0.5), "n": len(authors)},
        "active_reviewers": {"distinct": len({who for _, _, who in reviews})},
    }


def survival(rows: list[Row]) -> float | None:
    """When half are merged: the weight of what is lost sight of passes to all that were seen longer (Efron)."""
    order = sorted((row["lasted"], not row["merged_at"]) for row in rows)
    weights, merged = [1 / len(order)] * len(order), 0.0
    for place, (lasted, is_lost) in enumerate(order):
        if not is_lost:
            merged += weights[place]
            if merged >= 0.5 - 1e-9:
                return float(lasted)
        elif later := len(order) - place - 1:
            for other in range(place + 1, len(order)):
                weights[other] += weights[place] / later
    return None


def waiting_for(pulls: list[Row]) -> dict[str, int]:
    """How many open pull requests wait for whose review; '' for nobody's."""
    found: dict[str, int] = defaultdict(int)
    for row in pulls:
        if row["waits_for"] is not None and not row["automation"] and not row["backport"]:
            for name in row["waits_for"] or [""]:
                found[name] += 1
    return dict(found)


def old(pulls: list[Row], now: datetime) -> list[int]:
    """How many are open, and how many of them longer than 85 of 100 merged ones were."""
    counted = [row for row in pulls if not row["automation"] and not row["backport"]]
    limit = percentile([row["cycle_time"] for row in counted if row["cycle_time"] is not None], 0.85)
    ages = [hours(moment(row["created_at"]), now) or 0.0 for row in counted if row["state"] == "OPEN"]
    return [len(ages), sum(age > (limit or 0.0) for age in ages)]
