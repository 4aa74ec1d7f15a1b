"""What `analyze` counts, compared with what git itself counts."""

from pathlib import Path

import pytest

from tformance.sources.git.tests.scratch import START, Scratch, scratch
from tformance.sync.analyze import Analysis, analyze, as_document

CLAUDE = "\n\nCo-authored-by: Claude Opus 5 <noreply@anthropic.com>\n"
AGENT = "Cursor Agent <cursoragent@cursor.com>"
MONTH = 31 * 86_400


@pytest.fixture
def made(tmp_path: Path) -> Scratch:
    """January: a start, two squashes, a marked commit; February: an agent's branch of two, merged."""
    repository = scratch(tmp_path / "made")
    repository.commit("Start", {"a": "1\n2\n"}, at=START)
    repository.commit("Change a (#1)", {"a": "1\n"}, at=START + 60)
    repository.commit("With help (#2)" + CLAUDE, {"b": "1\n"}, author="Ada B <ADA@example.org>", at=START + 120)
    repository.commit("Again (#2)", {"b": "1\n2\n"}, author="Bob <bob@example.org>", at=START + 180)
    repository.branch("side")
    repository.commit("One", {"c": "1\n"}, author=AGENT, at=START + MONTH)
    repository.commit("Two" + CLAUDE, {"c": "1\n2\n3\n"}, author=AGENT, at=START + MONTH + 60)
    repository.switch("main")
    repository.days = 32
    repository.merge("side", "Merge pull request #3 from bob/side\n\nSide" + CLAUDE)
    return repository


def _analyzed(made: Scratch, sizes: int | None = None) -> Analysis:
    return analyze(str(made.folder), lambda what, done, expected: None, sizes)


def test_the_document_has_the_promised_shape(made: Scratch) -> None:
    assert as_document(_analyzed(made)) == {
        "schema": 1,
        "repository": "made",
        "head": made.head(),
        "branch": "main",
        "commits": {"total": 7, "merges": 1, "non_merges": 6, "first_parent": 5, "with_sizes": 6},
        "authors": {"total": 3},
        "months": [
            {
                "month": "2026-01",
                "commits": 4,
                "non_merges": 4,
                "merges": 0,
                "pr_merge": 0,
                "pr_squash": 2,
                "additions": 4,
                "deletions": 1,
                "ai": {"commits": 1, "by_tool": {"Claude Code": 1}},
                "authors": 2,
            },
            {
                "month": "2026-02",
                "commits": 3,
                "non_merges": 2,
                "merges": 1,
                "pr_merge": 1,
                "pr_squash": 0,
                "additions": 3,
                "deletions": 0,
                "ai": {"commits": 2, "by_tool": {"Cursor": 2, "Claude Code": 1}},
                "authors": 2,
            },
        ],
        "ai": {"authored": 2, "assisted": 1, "by_tool": {"Claude Code": 2, "Cursor": 2}},
        "missing": [
            {
                "what": "pull requests",
                "n": 1,
                "why": "these commits name a pull request that an older commit already brought in",
            }
        ],
    }


def test_figures_equal_plain_git_log(made: Scratch) -> None:
    document = as_document(_analyzed(made))
    assert document["commits"]["total"] == len(made.git("log", "--format=%H").split())
    assert document["commits"]["merges"] == len(made.git("log", "--merges", "--format=%H").split())
    assert document["commits"]["first_parent"] == len(made.git("log", "--first-parent", "--format=%H").split())
    assert document["authors"]["total"] == len({line.lower() for line in made.git("log", "--format=%aE").splitlines()})
    added = made.git("log", "--no-merges", "--numstat", "--format=").split()[0::3]
    assert sum(month["additions"] for month in document["months"]) == sum(map(int, added))


def test_a_month_is_the_committers_in_utc(tmp_path: Path) -> None:
    repository = scratch(tmp_path / "made")
    repository.commit("Start", {"a": "1\n"})
    who = repository.who() | {"GIT_COMMITTER_DATE": "2026-02-01 00:30 +0200"}
    repository.git("commit", "-q", "--amend", "-m", "Start", "--date", "2020-05-05 12:00 +0000", who=who)
    assert list(_analyzed(repository).months) == ["2026-01"]


def test_sizes_of_the_last_commits_only_are_said_to_be_that(made: Scratch) -> None:
    analysis = _analyzed(made, sizes=2)
    document = as_document(analysis)
    assert document["commits"]["with_sizes"] == 2
    assert [month["additions"] for month in document["months"]] == [None, 3]
    assert document["missing"][-1] == {
        "what": "sizes",
        "n": 4,
        "why": "sizes for 2 of 6 commits; only the last 2 were asked for",
    }


def test_a_partial_clone_keeps_its_counts_and_says_what_is_missing(made: Scratch, tmp_path: Path) -> None:
    whole = as_document(_analyzed(made))
    partial = as_document(_analyzed(made.clone(tmp_path / "partial", "--filter=blob:none", "--no-checkout")))
    assert partial["commits"] == whole["commits"] | {"with_sizes": 0}
    assert partial["ai"] == whole["ai"]
    assert [month["pr_squash"] for month in partial["months"]] == [2, 0]
    assert partial["missing"][-1]["why"] == "sizes for 0 of 6 commits; the rest is not in this clone"


def test_a_shallow_clone_says_where_it_is_cut_off(made: Scratch, tmp_path: Path) -> None:
    shallow = as_document(_analyzed(made.clone(tmp_path / "shallow", "--depth=2")))
    assert [(gap["what"], gap["n"]) for gap in shallow["missing"] if gap["what"] != "pull requests"] == [
        ("history", 2),
        ("sizes", 2),
    ]


def test_a_history_that_breaks_off_is_not_taken_for_whole(made: Scratch) -> None:
    start = made.git("rev-list", "--max-parents=0", "HEAD")
    (made.folder / ".git" / "objects" / start[:2] / start[2:]).unlink()
    missing = as_document(_analyzed(made))["missing"]
    assert [gap["what"] for gap in missing[:2]] == ["pull requests", "commits"]
    assert [gap["n"] for gap in missing[:2]] == [None, None]
