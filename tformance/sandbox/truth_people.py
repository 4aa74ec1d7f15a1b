"""The plain second reading of what METRICS says of reviewers among each other, and the totals of seats and use."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from tformance.sandbox.dataset import OF_ORGANIZATION, Dataset, Row
from tformance.sandbox.truth_iteration import is_bot


def people(data: Dataset, pulls: list[Row]) -> dict[str, Any]:
    names = ["all", *sorted({row["repository"] for row in pulls})]
    return {
        "review_load": {name: load([row for row in pulls if name in ("all", row["repository"])]) for name in names},
        "review_agreement": {name: agreement(data, name) for name in names},
        "organizations": {row["login"]: of_organization(data, row["login"]) for row in organizations(data)},
    }


def load(pulls: list[Row]) -> dict[str, Any]:
    given = Counter(login or "ghost" for row in pulls for _, login in row["reviews_given"])
    return {"given": dict(sorted(given.items())), "gini": gini(sorted(given.values())), "n": len(given)}


def gini(given: list[int]) -> float | None:
    """Half the mean difference between any two, as a share of the mean."""
    count = len(given)
    if count < 2:
        return None
    differences = sum(abs(one - other) for one in given for other in given)
    return differences / (2 * count * sum(given))


def agreement(data: Dataset, repository: str) -> dict[str, Any]:
    """Over every two people who decided on the same pull request; `matrix` has those who did so on five at least."""
    both: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for key in data.pull_ids():
        pull = data.pull(key) or {}
        if repository not in ("all", data.repositories[str(pull["repository_id"])]["name_with_owner"]):
            continue
        words = last_words(data, pull)
        for one, other in combinations(sorted(words), 2):
            both[one, other].append((words[one], words[other]))
    said = [words for pairs in both.values() for words in pairs]
    return {
        "n": len(said),
        "rate": sum(one == other for one, other in said) / len(said) if said else None,
        "matrix": [[*names, *alike(pairs)] for names, pairs in sorted(both.items()) if len(pairs) >= 5],
    }


def alike(pairs: list[tuple[str, str]]) -> list[float | None]:
    """How many, the share on which both said the same, and Cohen's kappa."""
    share = sum(one == other for one, other in pairs) / len(pairs)
    chance = (
        sum(
            sum(one == word for one, _ in pairs) * sum(other == word for _, other in pairs)
            for word in ("APPROVED", "CHANGES_REQUESTED")
        )
        / len(pairs) ** 2
    )
    return [len(pairs), share, None if chance == 1 else (share - chance) / (1 - chance)]


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
        "active_by_day": {day: len({row["login"] for row in data.usage(login, day)}) for day in days},
        "usage_28_days": len(recent),
        "active_28_days": len({row["login"] for row in recent}),
        "never_used_seats": sum(row.get("last_activity_at") is None for row in seats),
        "seats_to_end": sum(row.get("pending_cancellation_date") is not None for row in seats),
        "interactions": sum(row.get("user_initiated_interaction_count") or 0 for row in recent),
    }
