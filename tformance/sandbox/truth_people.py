"""The plain second reading of what METRICS says of reviewers among each other, and the totals of seats and use."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from tformance.sandbox.dataset import OF_ORGANIZATION, Dataset, Row
from tformance.sandbox.truth_iteration import is_bot


def people(data: Dataset, pulls: list[Row]) -> dict[str, Any]:
    given = Counter(login or "ghost" for row in pulls for _, login in row["reviews_given"])
    pairs = agreement(data)
    both = [sum(each) for each in zip(*pairs.values(), strict=True)] if pairs else [0, 0]
    return {
        "review_load": {"given": dict(sorted(given.items())), "gini": gini(sorted(given.values()))},
        "review_agreement": {
            "pairs": both[0],
            "share": both[1] / both[0] if both[0] else None,
            "matrix": [[*names, *counts] for names, counts in sorted(pairs.items())],
        },
        "organizations": {row["login"]: of_organization(data, row["login"]) for row in organizations(data)},
    }


def gini(given: list[int]) -> float | None:
    """Half the mean difference between any two, as a share of the mean."""
    count = len(given)
    if count < 2:
        return None
    differences = sum(abs(one - other) for one in given for other in given)
    return differences / (2 * count * sum(given))


def agreement(data: Dataset) -> dict[tuple[str, str], list[int]]:
    """Two names → on how many pull requests both decided, and on how many alike."""
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for key in data.pull_ids():
        pull = data.pull(key) or {}
        words = last_words(data, pull)
        for one in words:
            for other in words:
                if one < other:
                    found[one, other][0] += 1
                    found[one, other][1] += words[one] == words[other]
    return dict(found)


def last_words(data: Dataset, pull: Row) -> dict[str, str]:
    """The last verdict of each person, before the merge or after; remarks and what was dismissed are none."""
    words: dict[str, str] = {}
    rows = [row for row in data.children("reviews", str(pull["id"])) if row.get("submitted_at")]
    for row in sorted(rows, key=lambda row: row["submitted_at"]):
        login: str = row.get("author") or ""
        counts = login and login != pull.get("author") and not is_bot(data, login)
        if counts and row["state"] in ("APPROVED", "CHANGES_REQUESTED"):
            words[login] = row["state"]
    return words


def organizations(data: Dataset) -> list[Row]:
    return list({row["login"]: row for row in data.users.values() if row["__typename"] == "Organization"}.values())


def of_organization(data: Dataset, login: str) -> dict[str, Any]:
    """How many rows there are, and who was active in the newest 28 days."""
    days, seats = data.usage_days(login), data.of_organization("copilot_seats", login)
    first = (date.fromisoformat(days[-1]) - timedelta(days=27)).isoformat() if days else ""
    recent = [row for day in days if day >= first for row in data.usage(login, day)]
    return {
        **{kind: len(data.of_organization(kind, login)) for kind in OF_ORGANIZATION if kind != "copilot_usage"},
        "copilot_usage": sum(len(data.usage(login, day)) for day in days),
        "report_days": len(days),
        "usage_28_days": len(recent),
        "active_28_days": len({row["login"] for row in recent}),
        "never_used_seats": sum(row.get("last_activity_at") is None for row in seats),
        "seats_to_end": sum(row.get("pending_cancellation_date") is not None for row in seats),
        "interactions": sum(row.get("user_initiated_interaction_count") or 0 for row in recent),
    }
