"""What the truth says of checks, against runs worked out by hand."""

from pathlib import Path

import pytest

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.tests.conftest import put
from tformance.sandbox.truth_checks import checks

EARLIER, LAST = "a" * 40, "b" * 40
MINUTE = 1 / 60


def at(minute: int) -> str:
    return f"2026-03-02T10:{minute:02d}:00Z"


def run(oid: str, name: str, conclusion: str | None, minutes: int) -> Row:
    ended = at(minutes) if conclusion else None
    return {"commit_oid": oid, "name": name, "conclusion": conclusion, "started_at": at(0), "completed_at": ended}


def test_a_check_that_failed_and_passed_on_a_commit_is_flaky_and_what_decided_nothing_is_missing(
    tmp_path: Path,
) -> None:
    stamps = {"created_at": at(0), "updated_at": at(0)}
    put(tmp_path, "repositories", {"id": "r", "name_with_owner": "o/r", **stamps})
    put(tmp_path, "pull_requests", {"id": "p", "repository_id": "r", "number": 1, "head_ref_oid": LAST, **stamps})
    ran = [
        run(EARLIER, "lint", "FAILURE", 2),
        run(EARLIER, "lint", "SUCCESS", 1),
        run(LAST, "lint", "SUCCESS", 3),
        run(LAST, "unit", "SKIPPED", 0),
        run(LAST, "browser", "CANCELLED", 9),
        run(LAST, "build", None, 0),
        {"commit_oid": LAST, "context": "preview", "state": "SUCCESS", "created_at": at(1)},
        {"commit_oid": LAST, "context": "scan", "state": "PENDING", "created_at": at(1)},
    ]
    put(tmp_path, "check_runs", *({"id": f"k{n}", "pull_request_id": "p", **row} for n, row in enumerate(ran)))
    found = checks(Dataset(tmp_path))
    assert {depth: set(groups) for depth, groups in found.items()} == {
        "last": {"all", "o/r"},
        "every": {"all", "o/r"},
    }
    every, last = found["every"]["o/r"], found["last"]["all"]
    assert every["check_pass_rate"] == {"rate": 0.75, "sum": 3, "n": 4, "missing": 2}
    assert every["flaky_share"] == {"rate": pytest.approx(1 / 3), "n": 3}
    took = {"median": 2 * MINUTE, "p75": 2.5 * MINUTE, "p90": 2.8 * MINUTE, "n": 3, "missing": 3}
    assert every["check_duration"] == pytest.approx(took)
    assert last["check_pass_rate"] == {"rate": 1, "sum": 2, "n": 2, "missing": 2}
    assert last["flaky_share"] == {"rate": 0, "n": 2}
    assert (last["check_duration"]["median"], last["check_duration"]["n"]) == (pytest.approx(3 * MINUTE), 1)
