"""The truth against examples worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tformance.sandbox import truth
from tformance.sandbox.dataset import Dataset, Row
from tformance.sandbox.tests.conftest import put
from tformance.sandbox.truth_numbers import percentile

DAY = "2026-03-02T"  # a Monday


def at(hour: int) -> str:
    return f"{DAY}{hour:02d}:00:00Z"


def judged(folder: Path, pull: Row | None = None, **children: list[Row]) -> dict[str, Any]:
    """One pull request of ann, opened at 8 and merged at 20 o'clock, with these children."""
    stamps = {"created_at": at(0), "updated_at": at(23)}
    put(folder, "repositories", {"id": "r", "name_with_owner": "o/r", **stamps})
    people = [{"id": f"u{n}", "login": name, "type": "User"} for n, name in enumerate(("ann", "bob", "cem"))]
    bots = [
        {"id": f"b{n}", "login": name, "type": "Bot"} for n, name in enumerate(("coderabbitai", "dependabot", "claude"))
    ]
    put(folder, "users", *people, *bots)
    row = {"id": "p", "repository_id": "r", "number": 1, "title": "t", "state": "MERGED", "author": "ann"}
    put(
        folder, "pull_requests", {**row, "created_at": at(8), "updated_at": at(20), "merged_at": at(20), **(pull or {})}
    )
    for kind, rows in children.items():
        put(folder, kind, *({"id": f"{kind}{n}", "pull_request_id": "p", **row} for n, row in enumerate(rows)))
    data = Dataset(folder)
    return truth.judged(data, data.pull("p") or {}, truth.lines_of(data, "r"))


def review(hour: int, author: str | None, state: str = "APPROVED") -> Row:
    submitted = None if state == "PENDING" else at(hour)
    return {"author": author, "state": state, "created_at": at(hour), "submitted_at": submitted}


def commit(hour: int, message: str = "x", **more: Any) -> Row:
    return {"oid": "a" * 40, "authored_date": at(hour), "committed_date": at(hour), "message": message, **more}


def toggle(hour: int, name: str) -> Row:
    return {"type": name, "created_at": at(hour), "actor": "ann"}


def test_phases_add_up_to_the_lead_time(tmp_path: Path) -> None:
    row = judged(
        tmp_path,
        commits=[commit(6)],
        timeline=[toggle(10, "ReadyForReviewEvent")],
        reviews=[review(13, "bob", "CHANGES_REQUESTED"), review(17, "bob")],
    )
    phases = [row[f"{name}_phase"] for name in ("coding", "draft", "pickup", "review", "merge")]
    assert phases == [2, 2, 3, 4, 3]
    assert row["lead_time"] == sum(phases) == 14
    assert (row["cycle_time"], row["review_time"], row["pickup_time"]) == (12, 5, 3)


def test_who_writes_along_is_a_reviewer_only_before_that(tmp_path: Path) -> None:
    said = [review(9, "bob", "COMMENTED"), review(13, "bob"), review(15, "cem")]
    row = judged(tmp_path, commits=[commit(7), commit(11, oid="b" * 40, author="bob")], reviews=said)
    assert [who for _, who in row["reviews_given"]] == ["bob", "cem"]
    assert (row["review_time"], row["merge_phase"]) == (1, 5)


def test_bots_the_author_pending_and_late_reviews_are_no_first_review(tmp_path: Path) -> None:
    row = judged(
        tmp_path,
        reviews=[
            review(9, "coderabbitai"),
            review(9, "ann", "COMMENTED"),
            review(9, "bob", "PENDING"),
            review(21, "bob", "COMMENTED"),
        ],
    )
    assert row["review_time"] is None
    assert row["pickup_time"] is None
    assert row["reviews_given"] == [[at(21), "bob"]]


def test_a_deleted_accounts_review_counts_unless_the_author_is_deleted_too(tmp_path: Path) -> None:
    assert judged(tmp_path / "a", reviews=[review(9, None)])["review_time"] == 1
    assert judged(tmp_path / "b", {"author": None}, reviews=[review(9, None)])["review_time"] is None


@pytest.mark.parametrize(
    ("toggles", "pickup", "draft"),
    [
        ([], 4, 0),
        ([(10, "ReadyForReviewEvent")], 2, 2),
        ([(9, "ConvertToDraftEvent"), (11, "ReadyForReviewEvent")], 1, 3),
        ([(14, "ReadyForReviewEvent")], 0, 4),
        ([(9, "ReadyForReviewEvent"), (10, "ConvertToDraftEvent"), (14, "ReadyForReviewEvent")], 0, 4),
        ([(14, "ConvertToDraftEvent"), (15, "ReadyForReviewEvent")], 4, 0),
    ],
)
def test_waiting_begins_when_it_was_last_ready(
    tmp_path: Path, toggles: list[tuple[int, str]], pickup: int, draft: int
) -> None:
    row = judged(tmp_path, reviews=[review(12, "bob")], timeline=[toggle(*each) for each in toggles])
    assert (row["pickup_time"], row["draft_phase"]) == (pickup, draft)


def test_an_approval_counts_while_it_is_its_reviewers_last_word(tmp_path: Path) -> None:
    thinks_again = [review(10, "cem"), review(12, "bob"), review(14, "bob", "CHANGES_REQUESTED")]
    assert judged(tmp_path / "taken back", reviews=thinks_again)["stamps"]["A"] == at(10)
    assert judged(tmp_path / "again", reviews=[*thinks_again, review(16, "bob")])["stamps"]["A"] == at(16)
    remark = review(18, "cem", "COMMENTED")
    assert judged(tmp_path / "remark", reviews=[*thinks_again, remark])["stamps"]["A"] == at(10)


def test_what_was_never_a_draft_has_no_time_as_one(tmp_path: Path) -> None:
    assert judged(tmp_path / "never")["draft_time"] is None
    assert judged(tmp_path / "once", timeline=[toggle(10, "ReadyForReviewEvent")])["draft_time"] == 2


def test_a_wrong_clock_never_makes_a_negative_phase(tmp_path: Path) -> None:
    row = judged(tmp_path, commits=[commit(22)], reviews=[review(9, "bob")])
    assert (row["coding_phase"], row["lead_time"]) == (0, 12)


def test_without_all_commits_nothing_is_said_about_the_start_or_ai(tmp_path: Path) -> None:
    row = judged(tmp_path, {"commits_total": 300}, commits=[commit(6)])
    assert row["lead_time"] is None
    assert (row["ai_assisted"], row["ai_authored"]) == ("unknown", "unknown")


def test_lock_and_generated_files_are_no_size(tmp_path: Path) -> None:
    paths = ("src/a.py", "web/package-lock.json", "dist/app.js", "vendor/x.go", "a_pb2.py", "distance.py")
    row = judged(tmp_path, files=[{"path": path, "additions": 5, "deletions": 1} for path in paths])
    assert (row["size"], row["bucket"]) == (12, "S")


@pytest.mark.parametrize(
    ("message", "verdict"),
    [
        ("Fix\n\nCo-authored-by: Claude <noreply@anthropic.com>", "yes"),
        ("Fix\n\nSigned-off-by: A <a@b.c>\nco-authored-by: Cursor <CursorAgent@cursor.com>\n", "yes"),
        ("Fix\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\nMore text.", "no_evidence"),
        ("Fix\n\nCo-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>", "no_evidence"),
        ("Fix\n\nCo-authored-by: Claude Paroz <claude.paroz@example.org>", "no_evidence"),
        ("Use noreply@anthropic.com", "no_evidence"),
    ],
)
def test_only_exact_trailers_of_the_last_paragraph_are_assistance(tmp_path: Path, message: str, verdict: str) -> None:
    assert judged(tmp_path, commits=[commit(6, message)])["ai_assisted"] == verdict


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("Text\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n", "yes"),
        ("> 🤖 Generated with [Claude Code](https://claude.com/claude-code)", "no_evidence"),
        ("```\nMade with [Cursor](https://cursor.com)\n```", "no_evidence"),
        ("No AI was used", "no_evidence"),
    ],
)
def test_only_an_exact_footer_line_is_assistance(tmp_path: Path, body: str, verdict: str) -> None:
    assert judged(tmp_path, {"body": body}, commits=[commit(6)])["ai_assisted"] == verdict


def test_agents_author_and_automation_does_not(tmp_path: Path) -> None:
    agent = judged(tmp_path / "a", {"author": "claude"}, commits=[commit(6)])
    assert (agent["ai_authored"], agent["automation"]) == ("yes", False)
    by_git = {"author_name": "Cursor Agent", "author_email": "cursoragent@cursor.com"}
    assert judged(tmp_path / "b", commits=[commit(6, **by_git)])["ai_authored"] == "yes"
    robot = judged(tmp_path / "c", {"author": "dependabot"})
    assert (robot["ai_authored"], robot["automation"]) == ("no_evidence", True)


def test_percentiles_are_interpolated() -> None:
    assert percentile([4, 1, 2, 3], 0.5) == 2.5
    assert percentile([10, 20], 0.75) == 17.5
    assert percentile([], 0.5) is None


def test_weeks_begin_on_monday() -> None:
    assert truth.week("2026-03-01T23:59:59Z") == "2026-02-23"
    assert truth.week("2026-03-02T00:00:00Z") == "2026-03-02"


def test_groups_partition_the_whole(folder: Path) -> None:
    by = json.loads((folder / "truth.json").read_text())["by"]
    whole = by["all"]["pull_requests"]["all"]["merged_prs"]
    for name in ("repository", "author", "week", "size"):
        assert sum(group["merged_prs"] for group in by[name]["pull_requests"].values()) == whole
        assert sum(by[name]["reviews_given"].values()) == by["all"]["reviews_given"]["all"]


def test_an_agent_is_the_author_only_of_what_it_wrote_alone(tmp_path: Path) -> None:
    person = {"message": "m", "author_name": "Ann", "author_email": "ann@example.org"}
    agent = {"message": "m", "author_name": "Cursor Agent", "author_email": "cursoragent@cursor.com"}
    merge = {**person, "parents": ["a", "b"]}
    alone = judged(tmp_path, {"commits_total": 2}, commits=[{**agent, "oid": "1"}, {**merge, "oid": "2"}])
    assert (alone["ai_authored"], alone["ai_assisted"]) == ("yes", "no_evidence")
    mixed = judged(tmp_path / "mixed", {"commits_total": 2}, commits=[{**agent, "oid": "1"}, {**person, "oid": "2"}])
    assert (mixed["ai_authored"], mixed["ai_assisted"]) == ("no_evidence", "yes")


def thread(hour: int, author: str, review: int, number: int = 0) -> Row:
    return {"id": f"c{number}", "author": author, "thread_id": f"t{number}", "review_id": f"reviews{review}"} | {
        "created_at": at(hour),
        "body": "Why?",
    }


@pytest.mark.parametrize(
    ("reviews", "pushes", "rounds", "after", "answer"),
    [
        ([], [9], None, None, None),
        ([review(9, "bob")], [], 0, 0, None),
        ([review(9, "bob", "CHANGES_REQUESTED")], [11], 1, 1, 2),
        ([review(9, "bob", "CHANGES_REQUESTED"), review(10, "cem", "CHANGES_REQUESTED")], [11], 1, 1, 2),
        ([review(9, "bob", "CHANGES_REQUESTED"), review(12, "bob", "CHANGES_REQUESTED")], [11, 16], 2, 2, 3),
        ([review(9, "bob", "CHANGES_REQUESTED")], [], 1, 0, None),
        ([review(9, "ann", "CHANGES_REQUESTED")], [11], None, None, None),
        ([review(9, "coderabbitai", "CHANGES_REQUESTED")], [11], None, None, None),
    ],
)
def test_a_round_ends_with_the_push_that_answers_it(
    tmp_path: Path, reviews: list[Row], pushes: list[int], rounds: int | None, after: int | None, answer: float | None
) -> None:
    commits = [commit(hour, pushed_at=at(hour)) for hour in (6, *pushes)]
    row = judged(tmp_path, reviews=reviews, commits=commits)
    assert (row["review_rounds"], row["commits_after_first_review"], row["fix_response"]) == (rounds, after, answer)


def test_a_remark_in_the_code_is_a_request_and_one_below_is_not(tmp_path: Path) -> None:
    reviews = [review(9, "bob", "COMMENTED"), review(12, "bob", "COMMENTED")]
    commits = [commit(11, pushed_at=at(11)), commit(13, pushed_at=at(13))]
    rows = {"reviews": reviews, "commits": commits, "review_threads": [{"id": "t0", "is_resolved": False}]}
    row = judged(tmp_path, **rows, comments=[thread(9, "bob", 0)])
    assert (row["review_rounds"], row["review_threads"], row["unresolved_threads"], row["comments"]) == (1, 1, 1, 1)


def test_a_commit_written_long_ago_came_with_the_force_push_before_it(tmp_path: Path) -> None:
    forced = {"type": "HeadRefForcePushedEvent", "created_at": at(12), "actor": "ann"}
    commits = [commit(6, pushed_at=at(8)), commit(7, pushed_at=at(12))]
    row = judged(tmp_path, reviews=[review(9, "bob")], commits=commits, timeline=[forced])
    assert (row["commits_after_first_review"], row["force_pushes_after_review"]) == (1, 1)


@pytest.mark.parametrize(
    ("pull", "reviews", "expected"),
    [
        ({"merged_by": "ann"}, [], True),
        ({"merged_by": "bob"}, [], False),
        ({"merged_by": "ann"}, [review(9, "bob")], False),
        ({"merged_by": "ann"}, [review(9, "coderabbitai")], True),
        ({"merged_by": None}, [], None),
        ({"merged_by": "ann", "merged_at": None}, [], None),
    ],
)
def test_merging_the_own_work_unreviewed(tmp_path: Path, pull: Row, reviews: list[Row], expected: bool | None) -> None:
    assert judged(tmp_path, pull, reviews=reviews)["self_merged_unreviewed"] is expected


def test_planted_reverts_undo_or_land_again_and_some_only_sound_like_it(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "truth_pulls.jsonl").read_text().splitlines()]
    linked = {(row["repository"], row["number"]): row for row in rows if row["reverts"] is not None}
    assert linked
    for (repository, _), row in linked.items():
        target = linked.get((repository, row["reverts"]))
        assert row["is_revert"] is not (target is not None and target["is_revert"])
    assert not any(row["is_revert"] for row in rows if row["reverts"] is None)
