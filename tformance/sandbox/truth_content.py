"""The plain second reading of what METRICS says of files, commits and conversations in the code."""

from collections import defaultdict
from typing import Any

from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.truth_iteration import hours, is_bot, moment
from tformance.sandbox.truth_numbers import rate, spread


def made_of(data: Dataset, pull: Row, files: list[Row]) -> Row:
    """`files` are those whose lines count; the sums are as the provider gives them."""
    sums = {"lines_added": pull.get("additions"), "lines_removed": pull.get("deletions")}
    lines = [row["additions"] + row["deletions"] for row in files]
    return {**sums, "file_lines": lines, "threads": conversations(data, pull)}


def conversations(data: Dataset, pull: Row) -> list[Row]:
    """Threads that people began: whether each is resolved, and how long its first remark waited for another person."""
    key = str(pull["id"])
    said: dict[str, list[Row]] = defaultdict(list)
    for row in data.children("comments", key):
        said[row.get("thread_id") or ""].append(row)
    found = []
    for thread in data.children("review_threads", key):
        first = next((row for row in said[thread["id"]] if not row.get("reply_to_id")), None)
        if first is not None and not is_bot(data, first.get("author")):
            found.append({"resolved": bool(thread["is_resolved"]), "answer": answer(data, first, said[thread["id"]])})
    return found


def answer(data: Dataset, first: Row, said: list[Row]) -> float | None:
    others = [row for row in said if row.get("reply_to_id") and row.get("author") != first.get("author")]
    stamps = [row["created_at"] for row in others if not is_bot(data, row.get("author"))]
    return hours(moment(first["created_at"]), moment(min(stamps, default=None)))


def content(data: Dataset, rows: list[Row], marks: dict[str, bool]) -> dict[str, Any]:
    """By the names of the measures over everything and by repository; `marks` tells of each commit if AI was in it."""
    homes = {key: home["name_with_owner"] for key, home in data.repositories.items()}
    commits = committed(data, homes)
    merged = [row for row in rows if row["merged_at"] and not row["automation"] and not row["backport"]]
    return {
        name: {
            **talked([row for row in merged if name in ("all", row["repository"])]),
            **counted([marks[sha] for sha, home in commits.items() if name in ("all", home)]),
        }
        for name in ("all", *homes.values())
    }


def committed(data: Dataset, homes: dict[str, str]) -> dict[str, str]:
    """Each commit once, in the repository with the lowest number of those that have it."""
    found: dict[str, str] = {}
    pulls = [(data.pull(key) or {}, key) for key in data.pull_ids()]
    for pull, key in sorted(pulls, key=lambda each: number_of(data.repositories[str(each[0]["repository_id"])])):
        for row in data.children("commits", key):
            found.setdefault(row["oid"], homes[str(pull["repository_id"])])
    return found


def number_of(repository: Row) -> int:
    return int(repository.get("database_id") or 0)


def talked(merged: list[Row]) -> dict[str, Any]:
    threads = [thread for row in merged for thread in row["threads"]]
    files = [lines for row in merged for lines in row["file_lines"]]
    touching = sum(bool(row["file_lines"]) for row in merged)
    return {
        "resolved_share": rate(threads, "resolved"),
        "comment_response": spread(threads, "answer"),
        # Only messages tell when a thread was resolved, and what is read afterwards comes with none.
        "thread_resolution_time": spread([{"took": None} for _ in threads], "took"),
        "churn": {"sum": sum(files), "n": len(files), "missing": 0},
        "touching_prs": {"distinct": touching, "n": len(files), "missing": 0},
    }


def counted(marks: list[bool]) -> dict[str, Any]:
    size = {"n": len(marks), "missing": 0}
    marked = {"sum": sum(marks), "share": sum(marks) / len(marks) if marks else None}
    return {"commits": {"count": len(marks), **size}, "ai_marked_commits": {**marked, **size}}
