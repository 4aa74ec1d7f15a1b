"""The plain second reading of what METRICS says of checks."""

from collections import defaultdict
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.truth_iteration import hours, moment
from tformance.sandbox.truth_numbers import rate, spread

PASSED = ("SUCCESS",)
FAILED = ("FAILURE", "TIMED_OUT", "STARTUP_FAILURE", "ACTION_REQUIRED", "ERROR")
RUNNING = (None, "PENDING", "EXPECTED")
DEPTHS = ("last", "every")


def checks(data: Dataset) -> dict[str, Any]:
    """By depth, the last head or every commit that was one, over everything and by repository.

    Every pull request counts, whoever opened it.
    """
    ran: dict[str, dict[str, list[Row]]] = {depth: defaultdict(list) for depth in DEPTHS}
    for key in data.pull_ids():
        pull = data.pull(key) or {}
        home = data.repositories[str(pull["repository_id"])]["name_with_owner"]
        rows = [judged(row) for row in data.children("check_runs", key) if word(row) not in RUNNING]
        for depth in DEPTHS:
            chosen = [row for row in rows if depth == "every" or row["commit"] == pull.get("head_ref_oid")]
            ran[depth]["all"] += chosen
            ran[depth][home] += chosen
    return {depth: {name: summed(rows) for name, rows in found.items()} for depth, found in ran.items()}


def word(row: Row) -> str | None:
    """The outcome of a check run, or the state of a status; null while a run is under way."""
    found: str | None = row.get("conclusion") or row.get("state")
    return found


def judged(row: Row) -> Row:
    """`passed` is null where nothing was decided, `took` where that or a stamp is missing."""
    said = word(row)
    passed = said in PASSED if said in PASSED + FAILED else None
    start, end = moment(row.get("started_at")), moment(row.get("completed_at"))
    took = None if passed is None else hours(start, end)
    return {"commit": row["commit_oid"], "name": row.get("name") or row["context"], "passed": passed, "took": took}


def summed(rows: list[Row]) -> Row:
    tries: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for row in rows:
        if row["passed"] is not None:
            tries[row["commit"], row["name"]].add(row["passed"])
    flaky = sum(len(ways) == 2 for ways in tries.values())
    return {
        "check_pass_rate": rate(rows, "passed"),
        "check_duration": spread(rows, "took"),
        "flaky_share": {"rate": flaky / len(tries) if tries else None, "n": len(tries)},
    }
