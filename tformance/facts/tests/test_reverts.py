"""What reverts what, whatever comes first."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.records import PullRequestRecord


@pytest.fixture
def team(db: None) -> Team:
    return t.team()


def change(number: int, opened: float, reverts: str = "", **fields: Any) -> PullRequestRecord:
    """Merged an hour after it was opened."""
    times = {"opened_at": t.at(opened), "merged_at": t.at(opened + 1), "closed_at": t.at(opened + 1)}
    return t.pull_request(number, **({"body": f"Reverts {reverts}" if reverts else ""} | times | fields))


def links(team: Team) -> dict[int, tuple[int | None, bool]]:
    """Number to what it reverts, and whether that undoes a change."""
    with tenant(team.id):
        rows = PullRequest.objects.order_by("number").values_list("number", "reverts__number", "is_revert")
        return {number: (reverted, undoes) for number, reverted, undoes in rows}


CHAIN = (
    change(1, 0),
    change(2, 2, "acme/shop#1"),
    change(3, 4, "acme/shop#2"),
    change(4, 6, "acme/shop#3"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_reverting_a_revert_lands_the_change_again(team: Team, order: tuple[int, ...]) -> None:
    t.write(team, *(t.page(CHAIN[place]) for place in order))
    assert links(team) == {1: (None, False), 2: (1, True), 3: (2, False), 4: (3, True)}


@pytest.mark.parametrize(
    "claimed",
    [
        t.open_pull_request(1, opened_at=t.at(0)),
        change(1, 5),
        change(2024, 0),
    ],
    ids=["not merged", "merged later", "another number"],
)
def test_what_is_reverted_was_merged_before(team: Team, claimed: PullRequestRecord) -> None:
    t.write(team, t.page(claimed, change(7, 2, "#1", head_ref="revert-1-config")))
    assert links(team)[7] == (None, False)


def test_a_pull_request_of_another_repository_is_not_meant(team: Team) -> None:
    t.write(team, t.page(change(1, 0), repository=t.repository("acme/other")))
    t.write(team, t.page(change(7, 2, head_ref="revert-1-config")))
    assert links(team)[7] == (None, False)


def test_a_commit_is_what_a_pull_request_was_merged_as(team: Team) -> None:
    merged_as = "c" * 40
    t.write(team, t.page(change(7, 2, body=f"This reverts commit {merged_as}.")))
    assert links(team)[7] == (None, False)
    t.write(team, t.page(change(1, 0, merge_sha=merged_as)))
    assert links(team)[7] == (1, True)


def test_a_claim_that_is_taken_back_is_forgotten(team: Team) -> None:
    t.write(team, t.page(change(1, 0), change(2, 2, "#1")))
    assert links(team)[2] == (1, True)
    t.write(team, t.page(replace(change(2, 2), updated_at=t.at(30))))
    assert links(team)[2] == (None, False)


def test_the_same_again_changes_nothing(team: Team) -> None:
    page = t.page(*CHAIN)
    t.write(team, page)
    assert t.write(team, page, replace(page, fetched_at=t.at(50))).rows == 0
