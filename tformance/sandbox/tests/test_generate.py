"""The invented organisation: the same seed gives the same bytes, the folder keeps its own rules, nothing rare is missing."""

import json
from datetime import timedelta
from pathlib import Path

from tformance.sandbox.check import check
from tformance.sandbox.dataset import CHILDREN, KINDS, Dataset, Row
from tformance.sandbox.generate import write
from tformance.sandbox.story import iso
from tformance.sandbox.tests.conftest import END


def pulls(data: Dataset) -> list[Row]:
    return [row for key in data.pull_ids() if (row := data.pull(key))]


def children(data: Dataset, kind: str) -> list[Row]:
    return [row for key in data.pull_ids() for row in data.children(kind, key)]


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, prs=400, people=20, repositories=4, months=6, end=END)
    for name in (*(f"{kind}.jsonl" for kind in KINDS), "truth.json", "truth_pulls.jsonl"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_the_folder_passes_its_own_check(folder: Path) -> None:
    assert check(folder) == []


def test_an_earlier_look_shows_the_same_history(folder: Path, tmp_path: Path, data: Dataset) -> None:
    until = END - timedelta(days=20)
    write(tmp_path, prs=400, people=20, repositories=4, months=6, end=END, until=until)
    before = Dataset(tmp_path)
    rows = pulls(before)
    assert 300 < len(rows) < 400
    assert check(tmp_path) == []
    for row in rows:
        now = data.pull(row["id"]) or {}
        assert now["title"] == row["title"]
        assert now["updated_at"] >= row["updated_at"]
        if now["updated_at"] <= iso(until.timestamp()):
            assert now == row


def test_reverts_name_what_was_merged_before(data: Dataset) -> None:
    reverts = [row for row in pulls(data) if row["body"].startswith("Reverts ")]
    assert reverts
    for row in reverts:
        number = int(row["body"].split("#")[1].split()[0])
        reverted = data.numbered(row["repository_id"], number) or {}
        assert reverted["merged_at"] < row["created_at"]


def test_nothing_happens_after_the_end(data: Dataset) -> None:
    end = iso(END.timestamp())
    stamped = [row for kind in CHILDREN for row in children(data, kind)]
    assert max(row["created_at"] for row in stamped if row.get("created_at")) <= end
    assert max(row["updated_at"] for row in pulls(data)) <= end


def test_every_planted_peculiarity_is_there(data: Dataset) -> None:
    rows, events = pulls(data), {row["type"] for row in children(data, "timeline")}
    assert {row["state"] for row in rows} == {"OPEN", "CLOSED", "MERGED"}
    assert any(row["author"] is None for row in rows)
    assert any(row["is_draft"] for row in rows)
    assert any(row["is_cross_repository"] for row in rows)
    assert any(row["title"].startswith('Revert "') and row["body"].startswith("Reverts ") for row in rows)
    assert any(row["body"].startswith("This reverts commit ") for row in rows)
    assert any(row["head_ref_name"] == "revert-2024-config" for row in rows)
    assert any(row["head_ref_name"].startswith("hotfix/") for row in rows)
    assert any(row.get("commits_total") for row in rows)
    assert {"ReadyForReviewEvent", "ConvertToDraftEvent", "HeadRefForcePushedEvent", "ReviewDismissedEvent"} <= events
    assert {"AddedToMergeQueueEvent", "ClosedEvent", "ReopenedEvent", "MergedEvent"} <= events
    assert {"APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"} == {
        row["state"] for row in children(data, "reviews")
    }
    assert any(len(row["parents"]) == 2 for row in children(data, "commits"))
    assert any(row["authored_date"] > row["committed_date"] for row in children(data, "commits"))
    assert any(row.get("context") for row in children(data, "check_runs"))


def test_one_pull_request_overflows_every_page(data: Dataset) -> None:
    biggest = {
        kind: max(len(data.children(kind, key)) for key in data.pull_ids()) for kind in ("reviews", "commits", "files")
    }
    assert biggest["reviews"] > 50
    assert biggest["commits"] > 50
    assert biggest["files"] > 100


def test_adoption_of_ai_rises(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "truth_pulls.jsonl").read_text().splitlines()]
    merged = sorted(
        (row for row in rows if row["merged_at"] and not row["automation"]), key=lambda row: row["merged_at"]
    )
    halves = merged[: len(merged) // 2], merged[len(merged) // 2 :]
    early, late = (sum("yes" in (row["ai_assisted"], row["ai_authored"]) for row in half) for half in halves)
    assert late > 2 * early
