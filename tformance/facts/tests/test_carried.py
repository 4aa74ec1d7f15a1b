from datetime import UTC, datetime, timedelta

import pytest

from tformance.facts.carried import Candidate, Landed, carried

START = datetime(2026, 3, 2, tzinfo=UTC)
HERE, ELSEWHERE = 1, 2


def at(days: int) -> datetime:
    return START + timedelta(days=days)


def candidate(merged: int | None = 10, closed: int | None = None, picked: tuple[str, ...] = ()) -> Candidate:
    ended = at(closed) if closed is not None else None
    return Candidate(1, 100, HERE, at(merged) if merged is not None else None, ended, picked, "")


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (Landed(101, HERE, at(5)), "promotion"),
        (Landed(101, HERE, at(11)), ""),  # the other one came later
        (Landed(101, ELSEWHERE, at(5)), ""),  # a mirror
        (Landed(100, HERE, at(5)), ""),  # itself
    ],
)
def test_what_landed_here_before_by_another_is_only_carried_on(who: Landed, said: str) -> None:
    assert carried(candidate(), ["a"], {"a": [who]}) == said


def test_one_commit_of_its_own_makes_it_work() -> None:
    assert carried(candidate(), ["a", "own"], {"a": [Landed(101, HERE, at(5))]}) == ""


def test_an_open_release_carries_what_has_landed_so_far() -> None:
    assert carried(candidate(merged=None), ["a"], {"a": [Landed(101, HERE, at(50))]}) == "promotion"


def test_of_two_merged_at_once_only_one_carries_the_other() -> None:
    landings = {"a": [Landed(100, HERE, at(10)), Landed(101, HERE, at(10))]}
    first = candidate()
    second = first._replace(id=2, provider_id=101)
    assert [carried(each, ["a"], landings) for each in (first, second)] == ["", "promotion"]


def test_a_pick_counts_only_where_its_origin_had_landed() -> None:
    landings = {"a": [Landed(101, HERE, at(5))]}
    assert carried(candidate(picked=("a",)), ["own"], landings) == "backport"
    assert carried(candidate(picked=("a", "unknown")), ["own"], landings) == ""


def test_without_commits_nothing_is_carried() -> None:
    assert carried(candidate(), [], {}) == ""
