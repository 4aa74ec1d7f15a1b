"""Which commits are pull requests, and which commits came with which."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.sources.git.pulls import Pull, PullFinder, landed_with, recognise


@pytest.mark.parametrize(
    ("message", "pull"),
    [
        ("Merge pull request #12 from ada/fix-it\n\nFix it\n", Pull(12, "merge", "Fix it", "fix-it")),
        ("Merge pull request #12 from ada/fix-it", Pull(12, "merge", "", "fix-it")),
        (
            "Merge branch 'fix' into 'main'\n\nFix it\n\nSee merge request harbour/pilot!7\n",
            Pull(7, "merge", "Fix it", "fix"),
        ),
        ("Merge 'Fix it' from Ada\n\nBecause.\n\nCloses #8\n", Pull(8, "merge", "Fix it")),
        ("Merge branch 'main' into fix (#9)", None),
        ("Merge branch 'fix'\n\nCloses #9", None),
        ("Merge remote-tracking branch 'origin/main'", None),
        ("Merge 'Fix it' from Ada", None),
        ("Merge pull request #99999999999 from ada/fix", None),
    ],
)
def test_a_merge_says_which_pull_request_it_is(message: str, pull: Pull | None) -> None:
    assert recognise(message, is_merge=True) == pull


@pytest.mark.parametrize(
    ("message", "pull"),
    [
        ("Fix it (#12)", Pull(12, "squash", "Fix it")),
        ("Fix it (#12)  \n\nMore (#13)", Pull(12, "squash", "Fix it")),
        ("Back-port: Fix it (#12) (#15)", Pull(15, "squash", "Back-port: Fix it (#12)")),
        ('Revert "Fix it (#12)" (#13)', Pull(13, "squash", 'Revert "Fix it (#12)"')),
        ('Revert "Fix it (#12)"', None),
        ("Fix #12", None),
        ("Fix it (#12).", None),
        ("Fix it (#0)", None),
        ("Fix it\n\nLate (#12)", None),
        ("Merge pull request #12 from ada/fix-it", None),
    ],
)
def test_a_squash_ends_its_subject_with_the_number(message: str, pull: Pull | None) -> None:
    assert recognise(message, is_merge=False) == pull


def test_of_equal_numbers_the_oldest_on_the_main_line_is_the_pull_request() -> None:
    finder = PullFinder(["new", "middle", "old"])
    for sha in ("middle", "old", "new", "elsewhere"):
        finder.see(sha, f"From {sha} (#5)", is_merge=False)
    assert {sha: pull.title for sha, pull in finder.found().items()} == {"old": "From old"}
    assert finder.repeats == 2


def test_a_merge_brings_what_only_its_side_reaches() -> None:
    parents = {"m2": ("m1", "s3"), "m1": ("a", "s1"), "s3": ("s2", "m1"), "s2": ("s1",), "s1": ("a",), "a": ()}
    landed = landed_with(["m2", "m1", "a"], parents)
    assert {sha: set(others) for sha, others in landed.items()} == {"m2": {"s3", "s2"}, "m1": {"s1"}, "a": set()}


@given(st.lists(st.sets(st.integers(0, 40), max_size=3), min_size=1, max_size=25))
def test_every_commit_lands_exactly_once_and_where_it_is_first_reached(edges: list[set[int]]) -> None:
    parents = {str(n): tuple(str(p) for p in sorted(edge, reverse=True) if p < n) for n, edge in enumerate(edges)}
    line = [str(len(edges) - 1)]
    while parents[line[-1]]:
        line.append(parents[line[-1]][0])
    landed = landed_with(line, parents)
    for sha, others in landed.items():
        first, *_ = parents[sha] or ("",)
        assert set(others) == _reach(sha, parents) - (_reach(first, parents) if first else set()) - {sha}


def _reach(sha: str, parents: dict[str, tuple[str, ...]]) -> set[str]:
    return {sha}.union(*(_reach(parent, parents) for parent in parents[sha]))
