"""The truth of files, commits and conversations against examples worked out by hand."""

from pathlib import Path

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.tests.test_truth import at, commit, judged, review
from tformance.sandbox.truth_ai import marks
from tformance.sandbox.truth_content import content


def remark(hour: int, author: str, thread: int, reply: str | None = None) -> Row:
    return {"author": author, "created_at": at(hour), "thread_id": f"review_threads{thread}", "reply_to_id": reply}


def test_files_commits_and_conversations_by_hand(tmp_path: Path) -> None:
    trailer = "Work\n\nCo-authored-by: Claude <noreply@anthropic.com>"
    row = judged(
        tmp_path,
        {"additions": 47, "deletions": 5},
        commits=[commit(6), commit(7, trailer, oid="b" * 40), commit(8, trailer, oid="c" * 40, parents=["a", "b"])],
        files=[
            {"path": "src/a.py", "additions": 5, "deletions": 2},
            {"path": "b.md", "additions": 2, "deletions": 3},
            {"path": "uv.lock", "additions": 40, "deletions": 0},
        ],
        review_threads=[{"is_resolved": True}, {"is_resolved": False}, {"is_resolved": True}],
        comments=[
            remark(9, "bob", 0),
            remark(10, "bob", 0, "comments0"),
            remark(11, "coderabbitai", 0, "comments0"),
            remark(13, "ann", 0, "comments0"),
            remark(9, "cem", 1),
            remark(9, "coderabbitai", 2),
            remark(10, "ann", 2, "comments5"),
        ],
        reviews=[review(10, "coderabbitai", "COMMENTED"), review(9, "claude", "PENDING"), review(9, "bob")],
    )
    assert (row["lines_added"], row["lines_removed"], row["time_to_first_bot_review"]) == (47, 5, 2)
    data = Dataset(tmp_path)
    data.repositories["r"]["database_id"] = 1
    found = content(data, [row], marks(data))["all"]
    assert found == content(data, [row], marks(data))["o/r"]
    assert found["churn"] == {"sum": 12, "n": 2, "missing": 0}
    assert found["touching_prs"]["distinct"] == 1
    assert found["resolved_share"] == {"rate": 1 / 2, "sum": 1, "n": 2, "missing": 0}
    assert (found["comment_response"]["median"], found["comment_response"]["missing"]) == (4, 1)
    assert found["thread_resolution_time"]["missing"] == 2
    assert found["commits"]["count"] == 3
    assert found["ai_marked_commits"] == {"sum": 1, "share": 1 / 3, "n": 3, "missing": 0}
