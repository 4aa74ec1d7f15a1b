"""What one commit has that another has not, on a graph drawn by hand."""

from pathlib import Path
from typing import Any

import pytest

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.history import history
from tformance.sandbox.tests.conftest import put, running

STAMPS = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
A, B, C, D, E, F = (letter * 40 for letter in "abcdef")


def pull(number: int, merge: str, **more: Any) -> Row:
    """Opened on the day of its number and merged at noon of the next."""
    day = {"created_at": f"2026-02-{number:02d}T00:00:00Z", "updated_at": f"2026-02-{number + 1:02d}T12:00:00Z"}
    merged = {"merged_at": day["updated_at"], "merge_commit_oid": merge, "base_ref_name": "main"}
    names = {"id": f"p{number}", "number": number, "repository_id": "r", "title": "t", "state": "MERGED"}
    return {**names, **day, **merged, "head_ref_name": f"b{number}", **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Squashed a; b by a merge commit with its own commit e; c stacked on the branch of b; d squashed."""
    put(tmp_path, "repositories", {"id": "r", "name_with_owner": "o/r", **STAMPS})
    put(tmp_path, "users", {"id": "u", "login": "ann", "type": "User"})
    stacked = {"base_ref_name": "b4", "merged_at": "2026-02-05T11:00:00Z"}
    pulls = (pull(1, A), pull(3, C, **stacked), pull(4, B, merge_method="MERGE"), pull(6, D))
    put(tmp_path, "pull_requests", *pulls)
    commit = {"committed_date": "2026-02-04T00:00:00Z", "authored_date": "2026-02-04T00:00:00Z", "message": "x"}
    commits = ({"id": "e", "pull_request_id": "p4", "oid": E}, {"id": "f", "pull_request_id": "p6", "oid": F})
    put(tmp_path, "commits", *(row | commit for row in commits))
    return tmp_path


@pytest.mark.parametrize(
    ("base", "head", "status", "ahead", "behind"),
    [
        (A, B, "ahead", [C, E, B], 0),
        (B, A, "behind", [], 3),
        (B, B, "identical", [], 0),
        (A, "main", "ahead", [C, E, B, D], 0),
        (D, F, "diverged", [F], 1),
        (B, F, "ahead", [F], 0),
        (A, E, "ahead", [E], 0),
    ],
)
def test_a_comparison_goes_by_what_is_contained(
    folder: Path, base: str, head: str, status: str, ahead: list[str], behind: int
) -> None:
    with running(folder) as (_, client):
        _, _, found = client.get(f"/repos/o/r/compare/{base}...{head}")
    assert (found["status"], found["behind_by"], found["total_commits"]) == (status, behind, len(ahead))
    assert [row["sha"] for row in found["commits"]] == ahead


def test_a_commit_nobody_knows_cannot_be_compared(folder: Path) -> None:
    with running(folder) as (_, client):
        assert client.get(f"/repos/o/r/compare/{A}...{'9' * 40}")[0] == 404


def test_the_commits_of_a_comparison_come_in_pages(folder: Path) -> None:
    with running(folder) as (_, client):
        path = f"/repos/o/r/compare/{A}...main?per_page=3"
        _, headers, first = client.get(path)
        _, _, second = client.get(f"{path}&page=2")
    assert 'rel="next"' in headers["link"]
    assert [row["sha"] for page in (first, second) for row in page["commits"]] == [C, E, B, D]


def test_a_squashed_branch_is_not_in_what_it_became(folder: Path) -> None:
    assert F not in history(Dataset(folder), "r").contained(D)
