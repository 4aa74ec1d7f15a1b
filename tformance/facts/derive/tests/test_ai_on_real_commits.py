"""The detector on real commits that people have judged; skipped where the data set is not at hand."""

import json
import re
from collections import defaultdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tformance.facts.derive.ai import Evidence, commit_evidence
from tformance.facts.derive.signatures import Role
from tformance.facts.records import CommitRecord

JUDGED = Path(__file__).parents[5] / "shared" / "data" / "ai_dev" / "commits.jsonl"
REVIEWER = "175728472+Copilot@"  # accepted suggestions of a reviewer, which are not AI-written by our definition

pytestmark = pytest.mark.skipif(not JUDGED.exists(), reason="the judged commits are not at hand")

Row = dict[str, Any]


@cache
def _judged() -> dict[str, list[tuple[Row, list[Evidence]]]]:
    rows = defaultdict(list)
    for line in JUDGED.read_text().splitlines():
        row = json.loads(line)
        marks = [mark for mark in commit_evidence(_commit(row)) if mark.role in (Role.AUTHOR, Role.ASSIST)]
        rows[row["label"]].append((row, marks))
    return rows


def _commit(row: Row) -> CommitRecord:
    name, _, email = row["author"].removesuffix(">").rpartition(" <")
    at = datetime.fromisoformat(row["date"])
    return CommitRecord(row["sha"], None, name, email, "", "", at, at, row["message"], False, None, None, None)


def _is_signed(row: Row) -> bool:
    """Judged by a marker, or by an address that the row still shows and that is not a reviewer's."""
    why = str(row["why"])
    if why.startswith("marker"):
        return True
    shown = f"{row['author']} {row['message']}"
    addresses = re.findall(r"<\S+@\S+?>", why) if "identity" in why.split(":")[0] else []
    return any(address in shown and REVIEWER not in address for address in addresses)


def test_every_commit_signed_by_a_tool_is_found() -> None:
    signed = [(row, marks) for row, marks in _judged()["ai"] if _is_signed(row)]
    missed = [row["sha"] for row, marks in signed if not marks]
    assert len(signed) > 500
    assert missed == []


@pytest.mark.parametrize(("label", "most"), [("no_ai_declared", 0), ("no_ai_signal", 0.005), ("ai_review_bot", 0.005)])
def test_commits_without_ai_work_are_left_alone(label: str, most: float) -> None:
    rows = _judged()[label]
    wrong = [row["sha"] for row, marks in rows if marks]
    assert len(wrong) <= most * len(rows), wrong


def test_the_tool_is_named_as_people_named_it() -> None:
    named = [
        (row["tool"], {mark.tool for mark in marks})
        for row, marks in _judged()["ai"]
        if marks and isinstance(row["tool"], str) and str(row["why"]).startswith("identity")
    ]
    wrong = [pair for pair in named if not pair[0].startswith("other") and not _is_same(*pair)]
    assert len(named) > 400
    assert wrong == []


def _is_same(judged: str, found: set[str]) -> bool:
    return any(judged.lower() in tool.lower() for tool in found)
