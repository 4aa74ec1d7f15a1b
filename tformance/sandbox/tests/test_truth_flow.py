"""The truth of flowing work against examples worked out by hand."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tformance.sandbox.dataset import Row
from tformance.sandbox.tests.test_truth import at, judged, review
from tformance.sandbox.truth_flow import flow, old, survival, waiting_for

START = datetime(2026, 3, 2, tzinfo=UTC)


def stamp(hours: float) -> str:
    return (START + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def pull(number: int, opened: float, merged: float | None = None, closed: float | None = None, **more: Any) -> Row:
    state = "MERGED" if merged is not None else "CLOSED" if closed is not None else "OPEN"
    given: Row = {"repository": "o/r", "number": number, "state": state, "author": "ann", "by_person": True}
    given |= {"automation": False, "backport": False, "is_revert": False, "reverts": None, "reviews_given": []}
    given |= {"created_at": stamp(opened), "merged_at": None if merged is None else stamp(merged)}
    given |= {"closed_at": None if closed is None else stamp(closed), "waits_for": [] if state == "OPEN" else None}
    return given | {"cycle_time": None if merged is None else merged - opened} | more


def test_the_first_word_of_anybody_else_is_the_first_response(tmp_path: Path) -> None:
    said = [{"author": "ann", "created_at": at(9)}, {"author": "coderabbitai", "created_at": at(11)}]
    row = judged(tmp_path, reviews=[review(13, "bob"), review(10, "cem", "PENDING")], comments=said)
    assert row["time_to_first_response"] == 3
    assert row["ready_to_merge"] == 12


@pytest.mark.parametrize(
    ("events", "reviews", "expected"),
    [
        ([], [], []),
        ([(9, "ReviewRequestedEvent", "bob")], [], ["bob"]),
        ([(9, "ReviewRequestedEvent", "bob")], [review(10, "bob")], []),
        ([(9, "ReviewRequestedEvent", "bob")], [review(10, "cem")], ["bob"]),
        ([(9, "ReviewRequestedEvent", "bob"), (11, "ReviewRequestedEvent", "bob")], [review(10, "bob")], ["bob"]),
        ([(9, "ReviewRequestedEvent", "bob"), (11, "ReviewRequestRemovedEvent", "bob")], [], []),
    ],
)
def test_a_request_stands_until_it_is_answered_or_taken_back(
    events: list[tuple[int, str, str]], reviews: list[Row], expected: list[str], tmp_path: Path
) -> None:
    rows = [{"type": kind, "created_at": at(hour), "requested_reviewer": who} for hour, kind, who in events]
    unmerged = {"state": "OPEN", "merged_at": None}
    assert judged(tmp_path, unmerged, timeline=rows, reviews=reviews)["waits_for"] == expected


def test_what_is_not_merged_passes_its_weight_on() -> None:
    lasted = [(10, True), (20, True), (15, False), (99, False)]
    assert survival([{"lasted": hours, "merged_at": merged} for hours, merged in lasted]) == 20
    assert survival([{"lasted": hours, "merged_at": None} for hours in (1, 2)]) is None
    assert survival([{"lasted": hours, "merged_at": "x"} for hours in (1, 2, 3, 4)]) == 2


def test_flow_by_hand() -> None:
    given = [[stamp(5), "bob"], [stamp(12), "cem"]]
    pulls = [
        pull(1, 0, merged=10, reviews_given=given),
        pull(2, 0, merged=20, is_revert=True, reverts=1),
        pull(3, 0, closed=15, author="bob"),
        pull(4, 0),
        pull(5, 0, merged=4, author="bob"),
        pull(6, 0, merged=1, automation=True),
    ]
    found = flow(pulls, START + timedelta(days=15))["all"]
    assert found["abandoned_share"] == {"value": 1 / 4, "n": 4, "missing": 0}
    assert found["reviews_after_merge"]["value"] == 1 / 2
    assert found["reverted_share"] == {"rate": 1 / 3, "sum": 1, "n": 3, "missing": 0}
    assert (found["time_to_revert"]["median"], found["time_to_revert"]["n"]) == (10, 1)
    assert (found["time_open"]["median"], found["time_open"]["n"]) == ((15 + 360) / 2, 2)
    assert found["time_to_merge"] == {"median": 20, "n": 5}
    assert (found["active_authors"]["distinct"], found["active_reviewers"]["distinct"]) == (2, 2)
    assert found["prs_per_author"] == {"median": 1.5, "n": 2}
    assert flow(pulls, START + timedelta(days=3))["all"]["reverted_share"]["missing"] == 2


def test_queues_and_what_is_old_by_hand() -> None:
    pulls = [
        *(pull(number, 0, merged=number) for number in range(1, 12)),
        pull(21, 100, waits_for=["bob", "cem"]),
        pull(22, 80, waits_for=["bob"]),
        pull(23, 80, waits_for=None, is_draft=True),
        pull(24, 109),
    ]
    assert waiting_for(pulls) == {"bob": 2, "cem": 1, "": 1}
    assert old(pulls, START + timedelta(hours=110)) == [4, 3]
