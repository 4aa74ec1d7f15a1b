"""The plain second reading of what METRICS says of checks."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.truth_iteration import moment

PASSED = ("SUCCESS",)
FAILED = ("FAILURE", "TIMED_OUT", "STARTUP_FAILURE", "ACTION_REQUIRED", "ERROR")
DEPTHS = ("final", "every")


def checks_of(data: Dataset, pull: Row) -> Row:
    """The outcomes at the last head and at every commit that was a head, with the seconds of those that ended."""
    rows = data.children("check_runs", str(pull["id"]))
    last = [row for row in rows if row["commit_oid"] == pull.get("head_ref_oid")]
    return {"final": outcomes(last), "every": outcomes(rows)}


def outcomes(rows: list[Row]) -> Row:
    said = [row.get("conclusion") or row.get("state") for row in rows]
    tries: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for row, word in zip(rows, said, strict=True):
        if word in PASSED + FAILED:
            tries[row["commit_oid"], row.get("name") or row["context"]].add(word in PASSED)
    return {
        "passed": sum(word in PASSED for word in said),
        "failed": sum(word in FAILED for word in said),
        "undecided": sum(word not in PASSED + FAILED for word in said),
        "decided_on_commit": len(tries),
        "flaky": sum(len(ways) == 2 for ways in tries.values()),
        "seconds": [seconds(row) for row in rows if row.get("started_at") and row.get("completed_at")],
    }


def seconds(row: Row) -> float:
    start, end = moment(row["started_at"]), moment(row["completed_at"])
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    return (end - start).total_seconds()


def checks(pulls: list[Row]) -> dict[str, Any]:
    """By depth, over everything and by repository; every pull request counts, whoever opened it."""
    names = ["all", *sorted({row["repository"] for row in pulls})]
    return {
        depth: {name: summed([p["checks"][depth] for p in pulls if name in ("all", p["repository"])]) for name in names}
        for depth in DEPTHS
    }


def summed(parts: list[Row]) -> Row:
    counts = {name: sum(part[name] for part in parts) for name in parts[0] if name != "seconds"}
    decided = counts["passed"] + counts["failed"]
    durations = sorted(second for part in parts for second in part["seconds"])
    middle = len(durations) // 2
    median = (durations[middle] + durations[-middle - 1]) / 2 if durations else None
    return counts | {
        "pass_rate": counts["passed"] / decided if decided else None,
        "flaky_share": counts["flaky"] / counts["decided_on_commit"] if counts["decided_on_commit"] else None,
        "median_seconds": median,
        "durations": len(durations),
    }
