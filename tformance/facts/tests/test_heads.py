"""Checks of every commit that was a head, and what is gone at the provider."""

import itertools

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.models.delivery import PRCheckRun, Release
from tformance.facts.models.pull_request import PRIssueLink, PullRequest
from tformance.facts.models.repository import DataVersion, Repository
from tformance.facts.records import CheckRecord, HeadChecks, PullRequestHeads, PullRequestRecord, RepositoryPage
from tformance.facts.tests.dump import dump
from tformance.facts.wanted import stored_ids, unfinished
from tformance.facts.write import mark_gone, mark_repository_gone

slugs = (f"head-team-{number}" for number in itertools.count())


@pytest.fixture
def team(db: None) -> Team:
    return t.team()


def of(head: int, *keys: int, **fields: object) -> tuple[CheckRecord, ...]:
    return tuple(t.check(key, head_sha=f"{head:040x}", **fields) for key in keys)


def at_head(head: int, *keys: int, hours: float = 8) -> PullRequestRecord:
    return t.pull_request(1, head_sha=f"{head:040x}", checks=t.whole(of(head, *keys)), updated_at=t.at(hours))


def heads(*found: tuple[int, tuple[int, ...]], hours: float = 24) -> RepositoryPage:
    checks = tuple(HeadChecks(f"{head:040x}", t.whole(of(head, *keys))) for head, keys in found)
    return t.page(heads=(PullRequestHeads(1001, checks),), fetched_at=t.at(hours))


def runs(team: Team) -> dict[int, bool]:
    with tenant(team.id):
        return dict(PRCheckRun.objects.order_by("id").values_list("github_check_run_id", "is_final_head"))


def test_checks_of_a_head_stay_when_the_head_moves_on(team: Team) -> None:
    t.write(team, t.page(at_head(1, 10, 11)), t.page(at_head(2, 20, hours=9), fetched_at=t.at(30)))
    assert runs(team) == {10: False, 11: False, 20: True}


def test_a_reading_of_one_head_replaces_its_checks_alone(team: Team) -> None:
    t.write(team, t.page(at_head(3, 30)), heads((1, (10, 11)), (2, (20,))), heads((1, (11, 12)), hours=30))
    assert runs(team) == {30: True, 11: False, 20: False, 12: False}


def test_readings_of_heads_give_the_same_rows_in_any_order(db: None) -> None:
    pages = (
        t.page(at_head(1, 10)),
        t.page(at_head(2, 20, hours=9), fetched_at=t.at(25)),
        heads((1, (10, 11)), hours=26),
        heads((1, (11,)), (2, (20, 21)), hours=27),
    )
    dumps = []
    for order in itertools.permutations(pages):
        if order[0].heads:
            continue  # heads of what is not stored are not kept
        team = t.team(next(slugs))
        t.write(team, *order, *order[1:])
        dumps.append(dump(team))
        assert runs(team) == {11: False, 20: True, 21: True}
    assert all(each == dumps[0] for each in dumps)


def test_checks_of_an_unknown_pull_request_are_passed_over(team: Team) -> None:
    assert t.write(team, heads((1, (10,)))).created == 0
    assert runs(team) == {}


def test_a_pull_request_is_complete_when_its_own_heads_checks_are_known(team: Team) -> None:
    t.write(team, t.page(at_head(1, 10)), t.page(t.pull_request(1, checks=None, head_sha="f" * 40, updated_at=t.at(9))))
    with tenant(team.id):
        assert not PullRequest.objects.get().is_complete


def test_linked_issues_are_those_of_the_newest_reading(team: Team) -> None:
    first = t.pull_request(1, linked_issues=t.whole([t.linked_issue(1), t.linked_issue(2)]))
    then = t.pull_request(1, linked_issues=t.whole([t.linked_issue(2, title="Other")]), updated_at=t.at(9))
    t.write(team, t.page(then), t.page(first))
    with tenant(team.id):
        assert list(PRIssueLink.objects.values_list("number", "title")) == [(2, "Other")]


def test_what_still_ran_or_was_closed_a_short_while_ago_is_read_again(team: Team) -> None:
    running = of(1, 50, status="in_progress", conclusion=None, completed_at=None)
    records = (
        t.pull_request(1, closed_at=t.at(8)),
        t.pull_request(2, closed_at=t.at(80), updated_at=t.at(80)),
        t.open_pull_request(3, updated_at=t.at(80), checks=t.whole(running)),
        t.open_pull_request(4, updated_at=t.at(80)),
    )
    t.write(team, t.page(*records))
    with tenant(team.id):
        repository = Repository.objects.get().id
        assert set(unfinished(repository, t.at(70))) == {"PR_2", "PR_3"}
        assert set(unfinished(repository, t.at(90))) == set()
        assert stored_ids("pull_request", repository)["PR_4"] == t.at(80)


def test_what_is_gone_is_left_out_and_not_deleted(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1), t.pull_request(2), releases=(t.release(1),)))
    with tenant(team.id):
        repository, version = Repository.objects.get().id, DataVersion.objects.get().version
        assert mark_gone("pull_request", repository, ["PR_1", "PR_9"], t.at(30)) == 1
        assert mark_gone("pull_request", repository, ["PR_1"], t.at(31)) == 0
        assert mark_gone("pull_request", repository, ["PR_2"], t.at(20)) == 0  # was read after that
        assert mark_gone("release", repository, ["RE_1"], t.at(30)) == 1
        assert DataVersion.objects.get().version == version + 2
        assert set(stored_ids("pull_request", repository)) == {"PR_2"}
        assert (PullRequest.everything.count(), Release.objects.count()) == (2, 0)


def test_a_repository_that_is_gone_keeps_what_was_done_in_it(team: Team) -> None:
    t.write(team, t.page(t.pull_request(1)))
    with tenant(team.id):
        assert mark_repository_gone(Repository.objects.get().id, t.at(30)) == 1
        assert (Repository.objects.count(), PullRequest.objects.count()) == (0, 1)
    t.write(team, t.page(repository=t.repository(is_archived=True), fetched_at=t.at(31)))
    with tenant(team.id):
        assert Repository.objects.get().is_archived


def test_a_revert_of_what_is_gone_links_to_nothing(team: Team) -> None:
    back = t.pull_request(2, opened_at=t.at(9), merged_at=t.at(10), closed_at=t.at(10), body="Reverts #1")
    t.write(team, t.page(t.pull_request(1), back))
    with tenant(team.id):
        assert PullRequest.objects.get(number=2).is_revert
        mark_gone("pull_request", Repository.objects.get().id, ["PR_1"], t.at(30))
        assert not PullRequest.objects.get(number=2).is_revert


def test_a_commit_inside_a_squashed_change_can_be_reverted(team: Team) -> None:
    inner = t.pull_request(1, commits=t.whole([t.commit(31)]))
    back = t.pull_request(2, opened_at=t.at(9), merged_at=t.at(10), body=f"This reverts commit {31:040x}.")
    for order in itertools.permutations((inner, back)):
        other = t.team(next(slugs))
        t.write(other, *(t.page(each) for each in order))
        with tenant(other.id):
            assert PullRequest.objects.get(number=2).reverts.number == 1
