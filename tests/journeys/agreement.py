"""Comparing what the product answers with the truth that an invented organisation was written with."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.people import Actor
from tformance.facts.models.pull_request import PullRequest
from tformance.measures.answer import answer
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.query import Period, Query
from tformance.measures.result import Result, Row

Cell = tuple[str, str, str, str]  # dimension, group, measure, what of it
EVER = Period.of_dates(date(2000, 1, 1), date(2100, 1, 1), ZoneInfo("UTC"))
SPREADS = (
    "cycle_time",
    "review_time",
    "lead_time",
    "coding_phase",
    "draft_phase",
    "pickup_time",
    "review_phase",
    "merge_phase",
    "deploy_phase",
    "size",
    "lines_added",
    "lines_removed",
    "review_rounds",
    "commits_after_first_review",
    "fix_response",
    "comments",
    "bot_comments",
    "reviewers",
    "force_pushes_after_review",
    "review_threads",
    "unresolved_at_merge",
    "queue_time",
    "draft_time",
    "ready_to_merge",
    "time_to_first_response",
    "time_to_first_bot_review",
)
SHARES = (
    *("self_merged_unreviewed", "revert_share", "hotfix_share", "linked_issue_share"),
    *("ai_assisted_share", "ai_authored_share"),
)
COUNTS = ("merged_prs", "reviews_given")
STATISTICS = ("median", "p75", "p90")
COLUMNS = {
    "cycle_time": "cycle_time_hours",
    "review_time": "review_time_hours",
    "lead_time": "lead_time_hours",
    "coding_phase": "coding_phase_hours",
    "draft_phase": "draft_phase_hours",
    "pickup_phase": "pickup_phase_hours",
    "review_phase": "review_phase_hours",
    "merge_phase": "merge_phase_hours",
    "size": "size_lines",
    "bucket": "size_bucket",
    "ai_assisted": "ai_assisted",
    "ai_authored": "ai_authored",
    "automation": "by_automation",
    "review_rounds": "review_rounds",
    "commits_after_first_review": "commits_after_first_review",
    "fix_response": "avg_fix_response_hours",
    "force_pushes_after_review": "force_pushes_after_review",
    "comments": "total_comments",
    "bot_comments": "bot_comments",
    "review_threads": "review_threads",
    "unresolved_threads": "unresolved_threads",
    "reviewers": "reviewers",
    "self_merged_unreviewed": "self_merged_unreviewed",
    "reverts": "reverts__number",
    "is_revert": "is_revert",
    "is_hotfix": "is_hotfix",
    "deploy_time": "deploy_time_hours",
    "draft_time": "draft_time_hours",
    "queue_time": "queue_time_hours",
}


def planted_cells(truth: dict[str, Any]) -> dict[Cell, float | None]:
    """Every value of the truth, one entry a cell."""
    return {
        (dimension, group, measure, what): value
        for dimension, tables in truth["by"].items()
        for group, measures in _flat(tables)
        for measure, values in measures.items()
        for what, value in values.items()
        if what != "yes"
    }


def _flat(tables: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for group, measures in tables["pull_requests"].items():
        yield group, {name: value if isinstance(value, dict) else {"value": value} for name, value in measures.items()}
    for group, count in tables["reviews_given"].items():
        yield group, {"reviews_given": {"value": count}}


def answered_cells(team: Team, dimensions: tuple[str, ...]) -> dict[Cell, float | None]:
    """The same cells as the product answers them; groups in which nothing happened are left out."""
    cells: dict[Cell, float | None] = {}
    with tenant(team.pk), looking(EVERYBODY):
        logins = {actor.pk: actor.login for actor in Actor.everything.all()}
        for dimension in dimensions:
            for result in answer(_queries(dimension)):
                cells |= dict(_cells(dimension, result, logins))
    return cells


def _queries(dimension: str) -> list[Query]:
    by = () if dimension in ("all", "week") else (dimension,)
    every = "week" if dimension == "week" else None
    asked = [(measure, statistic) for measure in SPREADS for statistic in STATISTICS]
    asked += [*((measure, "count") for measure in COUNTS), ("ai_marked_share", "share")]
    asked += [(measure, "share") for measure in SHARES]
    return [Query(measure, statistic, EVER, by, every) for measure, statistic in asked]  # type: ignore[arg-type]


def _cells(dimension: str, result: Result, logins: dict[int, str]) -> Iterator[tuple[Cell, float | None]]:
    measure, statistic = result.measure.id, result.query.statistic
    for row in result.rows:
        if row.rows == 0:
            continue
        group = _group(dimension, row, logins)
        what = statistic if measure in SPREADS else "value"
        yield (dimension, group, measure, what), row.value
        if measure in (*SPREADS, *SHARES):
            yield (dimension, group, measure, "n"), row.n
            yield (dimension, group, measure, "missing"), row.missing
        if measure == "ai_marked_share":
            yield (dimension, group, measure, "n"), row.rows
            yield (dimension, group, measure, "unknown"), row.missing


def _group(dimension: str, row: Row, logins: dict[int, str]) -> str:
    if dimension == "all":
        return "all"
    if dimension == "week":
        return str(row.day)
    (key,) = row.key
    return logins[int(key.id)] if dimension == "author" and key.id is not None else key.label


def differences(planted: dict[Cell, float | None], answered: dict[Cell, float | None]) -> dict[Cell, Any]:
    """Cells that do not agree, with both values."""
    return {
        cell: (planted.get(cell), answered.get(cell))
        for cell in planted.keys() | answered.keys()
        if not same(planted.get(cell), answered.get(cell))
    }


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float | int) and isinstance(right, float | int) and not isinstance(left, bool):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)
    return bool(left == right)


def pull_request_differences(team: Team, planted: list[dict[str, Any]]) -> list[tuple[str, str, Any, Any]]:
    """Node id, field, planted and stored value of every derived value that does not agree."""
    with tenant(team.pk):
        stored = {row["node_id"]: row for row in PullRequest.objects.values("node_id", *COLUMNS.values())}
    return [
        (pull["id"], field, pull[field], stored[pull["id"]][column])
        for pull in planted
        for field, column in COLUMNS.items()
        if not same(pull[field], stored[pull["id"]][column])
    ]
