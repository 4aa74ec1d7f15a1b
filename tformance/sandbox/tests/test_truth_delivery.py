"""What the truth says of deployments, against lines of deployments worked out by hand."""

from pathlib import Path
from typing import Any

import pytest

from tformance.sandbox import truth
from tformance.sandbox.dataset import Row
from tformance.sandbox.tests.conftest import put

Opened = tuple[int, int, Row]  # hours of opening and merging, further columns


def at(hour: int) -> str:
    return f"2026-03-02T{hour:02d}:00:00Z"


def sha(number: int) -> str:
    """What the pull request was merged as."""
    return f"{number:040x}"


def pull(number: int, opened: int, merged: int, more: Row) -> Row:
    stamps = {"created_at": at(opened), "updated_at": at(merged), "merged_at": at(merged)}
    refs = {"head_ref_name": f"branch-{number}", "base_ref_name": "main", "is_cross_repository": False}
    came = {"merge_commit_oid": sha(number), "merge_method": "SQUASH", "state": "MERGED"}
    who = {"id": f"p{number}", "repository_id": "r", "number": number, "title": "t", "author": "ann"}
    return {**who, **stamps, **refs, **came, **more}


def deployment(number: int, hour: int, oid: str, *states: str, environment: str = "production") -> Row:
    steps = [{"state": state, "created_at": at(hour)} for state in states or ("IN_PROGRESS", "SUCCESS")]
    what = {"id": f"d{number}", "database_id": number, "repository_id": "r", "environment": environment}
    return {**what, "commit_oid": oid, "created_at": at(hour), "statuses": steps}


def told(folder: Path, pulls: list[Opened], deployments: list[Row]) -> dict[str, Any]:
    """Each pull request has one commit, written an hour before it was opened."""
    put(folder, "repositories", {"id": "r", "name_with_owner": "o/r", "created_at": at(0), "updated_at": at(0)})
    put(folder, "users", {"id": "u", "login": "ann", "type": "User"})
    put(folder, "pull_requests", *(pull(number, *each) for number, each in enumerate(pulls, 1)))
    stamps = [{"authored_date": at(opened - 1), "committed_date": at(opened - 1)} for opened, _, _ in pulls]
    commits = [{"id": f"c{n}", "pull_request_id": f"p{n}", "oid": f"c{n:039x}"} for n in range(1, len(pulls) + 1)]
    put(folder, "commits", *(commit | stamp for commit, stamp in zip(commits, stamps, strict=True)))
    put(folder, "deployments", *deployments)
    found = truth.write(folder, {})["delivery"]
    assert found["o/r"] == found["all"]
    only: dict[str, Any] = found["all"]
    return only


def rate(of: int, n: int, missing: int = 0) -> Row:
    return {"rate": of / n, "sum": of, "n": n, "missing": missing}


def test_only_what_brings_something_new_is_a_deployment_and_a_rollback_fails_what_it_takes_back(tmp_path: Path) -> None:
    opened: list[Opened] = [(1, 2, {}), (3, 4, {}), (5, 6, {}), (7, 8, {}), (9, 20, {})]
    line = [
        deployment(1, 3, sha(1)),  # the first that is known
        deployment(2, 5, sha(2)),
        deployment(3, 7, sha(3)),
        deployment(4, 8, sha(2)),  # back
        deployment(5, 10, sha(4)),  # brings 3 once more, and 4
        deployment(6, 11, sha(4)),  # again
        deployment(7, 12, "f" * 40),  # a commit nobody knows
        deployment(8, 21, sha(5)),  # held against it, so nobody knows what it brings
        deployment(9, 13, sha(4), "IN_PROGRESS", "FAILURE"),
        deployment(10, 14, sha(4), "QUEUED", "INACTIVE"),
        deployment(11, 4, sha(2), environment="staging"),
    ]
    found = told(tmp_path, opened, line)
    assert found["kinds"] == {"baseline": 1, "delivery": 5, "again": 1, "back": 1}
    assert found["deployment_frequency"] == {"count": 6}
    assert found["change_failure_rate"] == rate(1, 6)
    assert found["failures"] == {"rollback": 1, "revert": 0, "hotfix": 0}
    assert found["recovery_time"] == {"median": 1, "p75": 1, "p90": 1, "n": 1, "missing": 0}  # going back mends
    assert found["unlinked_deployments"] == rate(2, 5, missing=1)
    assert found["failed_deployments"] == rate(1, 9, missing=1)
    assert found["deploy_time"] == pytest.approx({"median": 1, "p75": 1.5, "p90": 1.8, "n": 3, "missing": 0})
    assert found["lead_time_for_changes"] == pytest.approx({"median": 3, "p75": 3.5, "p90": 3.8, "n": 3, "missing": 0})


def test_a_hotfix_fails_what_ran_when_it_was_opened_and_a_revert_what_it_undoes(tmp_path: Path) -> None:
    opened: list[Opened] = [
        (1, 2, {}),
        (3, 4, {}),
        (6, 7, {"title": "Hotfix: t"}),
        (9, 10, {"body": "Reverts o/r#3"}),
    ]
    line = [deployment(number, hour, sha(number)) for number, hour in ((1, 3), (2, 5), (3, 8), (4, 11))]
    found = told(tmp_path, opened, line)
    assert found["failures"] == {"rollback": 0, "revert": 1, "hotfix": 1}
    assert found["change_failure_rate"] == rate(2, 4)
    # What the hotfix brought failed too, so both are mended by the revert: after six hours and after three.
    assert found["recovery_time"] == pytest.approx({"median": 4.5, "p75": 5.25, "p90": 5.7, "n": 2, "missing": 0})


def test_a_commit_that_goes_to_two_places_is_one_deployment_that_failed_if_either_did(tmp_path: Path) -> None:
    opened: list[Opened] = [(1, 2, {}), (3, 4, {}), (6, 7, {})]
    line = [
        deployment(1, 3, sha(1)),
        deployment(2, 5, sha(2)),
        deployment(3, 9, sha(3)),
        deployment(4, 4, sha(1), environment="production-eu"),
        deployment(5, 6, sha(2), environment="production-eu"),
        deployment(6, 8, sha(1), environment="production-eu"),  # back, there alone
        deployment(7, 10, sha(3), environment="production-eu"),
    ]
    found = told(tmp_path, opened, line)
    assert found["kinds"] == {"baseline": 2, "delivery": 4, "again": 0, "back": 1}
    assert found["deployment_frequency"] == {"count": 3}
    assert found["change_failure_rate"] == rate(1, 3)
    assert found["recovery_time"] == {"median": 3, "p75": 3, "p90": 3, "n": 1, "missing": 0}  # from 5 until 8
    assert found["deploy_time"] == pytest.approx({"median": 1.5, "p75": 1.75, "p90": 1.9, "n": 2, "missing": 0})
