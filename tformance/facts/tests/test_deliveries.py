"""What deployments brought, what went wrong and when it was mended: the same rows in any order of arrival."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing as t
from tformance.facts.models.delivery import Deployment, DeploymentPullRequest
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.records import PullRequestRecord, RepositoryPage
from tformance.facts.tests.dump import dump
from tformance.facts.wanted import uncompared
from tformance.facts.write import derive_stale, mark_gone

slugs = (f"delivery-team-{number}" for number in itertools.count())


@pytest.fixture
def team(db: None) -> Team:
    return t.team()


def change(number: int, merged: float, **fields: Any) -> PullRequestRecord:
    """Merged as the commit of its number, an hour after it was opened."""
    times = {"opened_at": t.at(merged - 1), "merged_at": t.at(merged), "closed_at": t.at(merged)}
    return t.pull_request(number, **(times | {"updated_at": t.at(merged)} | fields))


def line(team: Team) -> list[tuple[Any, ...]]:
    columns = ("provider_id", "relation", "is_rollback", "is_delivery", "failure")
    with tenant(team.id):
        return list(Deployment.objects.order_by("provider_id").values_list(*columns))


def contents(team: Team) -> dict[int, list[int]]:
    """Numbers of pull requests by deployment."""
    with tenant(team.id):
        rows = DeploymentPullRequest.objects.order_by("pull_request__number")
        found: dict[int, list[int]] = {}
        for key, number in rows.values_list("deployment__provider_id", "pull_request__number"):
            found.setdefault(key, []).append(number)
        return found


def pull(team: Team, number: int) -> PullRequest:
    with tenant(team.id):
        found: PullRequest = PullRequest.objects.get(number=number)
        return found


# Base; the second brings a failing change, which is rolled back; the fix goes out with the change once more.
STORY = (
    t.page(change(1, 1), change(2, 5), change(3, 8, head_ref="hotfix/it")),
    t.page(deployments=(t.deployed(1, 1, 2),)),
    t.page(deployments=(t.deployed(2, 2, 6),)),
    t.page(deployments=(t.deployed(3, 1, 7),)),
    t.page(deployments=(t.deployed(4, 3, 9), t.deployed(5, 3, 9.5), t.deployed(6, 3, 4, "staging"))),
    t.page(comparisons=(t.comparison(1, 2, 2),)),
    t.page(comparisons=(t.comparison(2, 1, relation="behind"),)),
    t.page(comparisons=(t.comparison(1, 3, 2, 3),)),
)


# The second change goes to two places and is rolled back in the latter; the third goes to the latter first.
TWO_PLACES = (
    t.page(change(1, 1), change(2, 5), change(3, 9)),
    t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 2, 6), t.deployed(3, 3, 11))),
    t.page(deployments=(t.deployed(4, 1, 3, "prod/eu"), t.deployed(5, 2, 7, "prod/eu"))),
    t.page(deployments=(t.deployed(6, 1, 8, "prod/eu"), t.deployed(7, 3, 10, "prod/eu"))),
    t.page(comparisons=(t.comparison(1, 2, 2), t.comparison(2, 1, relation="behind"))),
    t.page(comparisons=(t.comparison(2, 3, 3), t.comparison(1, 3, 2, 3))),
)


def test_a_line_of_deployments_tells_deliveries_rollbacks_and_repetitions(team: Team) -> None:
    t.write(team, *STORY)
    assert line(team) == [
        (1, "baseline", False, True, ""),
        (2, "ahead", False, True, "rollback"),
        (3, "behind", True, False, ""),
        (4, "ahead", False, True, ""),
        (5, "identical", False, False, ""),
        (6, None, False, False, ""),
    ]
    assert contents(team) == {2: [2], 4: [2, 3]}
    assert (pull(team, 1).deployed_at, pull(team, 2).deployed_at) == (None, t.at(6))
    assert (pull(team, 3).deployed_at, pull(team, 3).deploy_time_hours) == (t.at(9), 1)
    with tenant(team.id):
        assert Deployment.objects.get(provider_id=2).recovered_at == t.at(7)


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=st.sampled_from((STORY, TWO_PLACES)), order=st.permutations(range(len(STORY))), again=st.integers(0, 5))
def test_any_order_of_arrival_gives_the_same_rows(
    db: None, story: tuple[RepositoryPage, ...], order: list[int], again: int
) -> None:
    plain, other = t.team(next(slugs)), t.team(next(slugs))
    order = [place for place in order if place < len(story)]
    again = min(again, len(story) - 1)
    pages = [replace(page, fetched_at=t.at(100 + place)) for place, page in enumerate(story)]
    t.write(plain, *pages)
    t.write(other, *(pages[place] for place in (*order, again)))
    one, two = dump(plain), dump(other)
    assert {name: (rows, two[name]) for name, rows in one.items() if rows != two[name]} == {}


def test_the_same_again_changes_nothing(team: Team) -> None:
    t.write(team, *STORY)
    assert t.write(team, *STORY).rows == 0


def test_a_commit_that_goes_to_several_environments_is_one_deployment(team: Team) -> None:
    t.write(team, *TWO_PLACES)
    columns = ("provider_id", "is_delivery", "is_rollout", "failure", "recovered_at")
    with tenant(team.id):
        rows = list(Deployment.objects.order_by("provider_id").values_list(*columns))
    assert rows == [
        (1, True, False, "", None),
        (2, True, False, "rollback", t.at(8)),  # in the other place
        (3, True, True, "", None),
        (4, True, True, "", None),
        (5, True, True, "rollback", t.at(8)),
        (6, False, False, "", None),
        (7, True, False, "", None),
    ]
    assert contents(team) == {2: [2], 3: [3], 5: [2], 7: [2, 3]}
    assert (pull(team, 2).deployed_at, pull(team, 3).deployed_at) == (t.at(6), t.at(10))


def test_what_is_not_compared_yet_is_asked_for_by_pairs(team: Team) -> None:
    t.write(team, *STORY[:5])
    with tenant(team.id):
        repository = Repository.objects.get()
        one, two, three = (f"{number:040x}" for number in (1, 2, 3))
        assert uncompared(repository.id) == (f"{one}...{three}", f"{two}...{one}", f"{one}...{two}")
    t.write(team, *STORY[5:])
    with tenant(team.id):
        assert uncompared(repository.id) == ()


def story(*more: PullRequestRecord, last: float = 9) -> tuple[RepositoryPage, ...]:
    """The second change was deployed at 6, everything further at `last`."""
    further = tuple(record.number for record in more)
    return (
        t.page(change(1, 1), change(2, 5), *more),
        t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 2, 6), t.deployed(3, further[-1], last))),
        t.page(comparisons=(t.comparison(1, 2, 2), t.comparison(2, further[-1], *further))),
    )


@pytest.mark.parametrize(
    ("record", "last", "failure"),
    [
        (change(3, 8, body="Reverts acme/shop#2"), 9, "revert"),
        (change(3, 8, body="Reverts acme/shop#2"), 30.5, ""),
        (change(3, 8, body="Reverts acme/shop#1"), 9, ""),
        (change(3, 8, labels=("hotfix",)), 9, "hotfix"),
        (change(3, 8, labels=("hotfix",)), 30.5, ""),
        (change(3, 6.5, labels=("hotfix",)), 9, ""),  # opened before there was anything to mend
        (change(3, 8), 9, ""),
    ],
)
def test_a_delivery_failed_if_what_it_brought_was_mended_within_a_day(
    team: Team, record: PullRequestRecord, last: float, failure: str
) -> None:
    t.write(team, *story(record, last=last))
    assert [row[-1] for row in line(team)] == ["", failure, ""]
    with tenant(team.id):
        assert Deployment.objects.get(provider_id=2).recovered_at == (t.at(last) if failure else None)


def test_a_revert_that_is_deployed_together_with_its_change_is_no_failure(team: Team) -> None:
    both = t.comparison(1, 3, 2, 3)
    t.write(team, t.page(change(1, 1), change(2, 5), change(3, 7, body="Reverts acme/shop#2")))
    t.write(team, t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 3, 8)), comparisons=(both,)))
    assert [row[-1] for row in line(team)] == ["", ""]


def test_what_failed_is_recovered_from_by_a_success_that_did_not_fail_itself(team: Team) -> None:
    first, second = change(3, 8, labels=("hotfix",)), change(4, 10, labels=("hotfix",))
    t.write(team, t.page(change(1, 1), change(2, 5), first, second))
    t.write(
        team, t.page(deployments=tuple(t.deployed(key, key, when) for key, when in ((1, 2), (2, 6), (3, 8.5), (4, 11))))
    )
    t.write(team, t.page(comparisons=tuple(t.comparison(key - 1, key, key) for key in (2, 3, 4))))
    with tenant(team.id):
        rows = Deployment.objects.order_by("provider_id").values_list("failure", "recovered_at")
        assert list(rows) == [("", None), ("hotfix", t.at(11)), ("hotfix", t.at(11)), ("", None)]


def test_what_was_merged_into_a_branch_is_delivered_with_it(team: Team) -> None:
    lower = change(3, 8, head_ref="lower")
    upper = change(4, 6, base_ref="lower", head_ref="upper")
    top = change(5, 5, base_ref="upper", head_ref="top")
    later = change(6, 20, base_ref="lower", head_ref="later")
    for pages in itertools.permutations([t.page(lower, later), t.page(upper), t.page(top)]):
        other = t.team(next(slugs))
        t.write(other, t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 3, 9))), *pages)
        t.write(other, t.page(comparisons=(t.comparison(1, 3, 3),)))
        assert contents(other) == {2: [3, 4, 5]}


def test_the_default_branch_merged_elsewhere_carries_nothing_that_landed_on_it(team: Team) -> None:
    landed = change(2, 1.5)
    synchronised = change(3, 4, head_ref="main", base_ref="release")
    back = change(4, 6, head_ref="release")
    together = t.page(landed, synchronised, back)
    for pages in ([together], [t.page(landed), t.page(synchronised, back)], [t.page(synchronised, back, landed)]):
        other = t.team(next(slugs))
        t.write(other, t.page(deployments=(t.deployed(1, 2, 2), t.deployed(2, 4, 9))))
        t.write(other, t.page(comparisons=(t.comparison(2, 4, 4),)), *pages)
        assert contents(other) == {2: [3, 4]}


def test_a_rebased_change_is_found_by_any_of_its_commits(team: Team) -> None:
    commits = t.whole([t.commit(21), t.commit(22)])
    fields = {"merge_sha": f"{99:040x}", "commits": commits}
    records = (
        change(2, 5, merge_kind="rebase", **fields),
        change(3, 5, merge_kind="squash", **fields | {"merge_sha": None}),
    )
    t.write(team, t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 22, 9))))
    t.write(team, t.page(*records), t.page(comparisons=(t.comparison(1, 22, 21, 22),)))
    assert contents(team) == {2: [2]}


def test_commits_that_a_provider_lost_leave_contents_unknown(team: Team) -> None:
    lost = t.comparison(1, 2, relation="unknown")
    t.write(team, t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 2, 6)), comparisons=(lost,)))
    assert [row[:4] for row in line(team)] == [(1, "baseline", False, True), (2, "unknown", False, True)]
    t.write(team, t.page(change(2, 5), comparisons=(t.comparison(1, 2, 2),), fetched_at=t.at(20)))
    assert contents(team) == {2: [2]}


def test_what_is_gone_is_in_no_delivery_and_is_back_in_it_when_it_is_back(team: Team) -> None:
    t.write(team, *story(change(3, 8, body="Reverts acme/shop#2")))
    with tenant(team.id):
        repository = Repository.objects.get()
        assert mark_gone("pull_request", repository.id, ["PR_3"], t.at(50)) == 1
    assert contents(team) == {2: [2]}
    assert [row[-1] for row in line(team)] == ["", "", ""]
    t.write(team, t.page(change(3, 8, body="Reverts acme/shop#2"), fetched_at=t.at(51)))
    assert contents(team) == {2: [2], 3: [3]}
    assert [row[-1] for row in line(team)] == ["", "revert", ""]


def linked() -> list[bool | None]:
    return list(Deployment.objects.order_by("provider_id").values_list("is_linked", flat=True))


def test_a_deployment_says_whether_a_pull_request_is_known_to_be_in_it(team: Team) -> None:
    t.write(team, t.page(deployments=(t.deployed(1, 1, 2), t.deployed(2, 2, 6), t.deployed(3, 3, 9))))
    with tenant(team.id):
        assert linked() == [None, None, None]  # nothing was compared yet
    t.write(team, t.page(comparisons=(t.comparison(1, 2, 2), t.comparison(2, 3, 3)), fetched_at=t.at(20)))
    t.write(team, t.page(change(3, 8), fetched_at=t.at(21)))
    with tenant(team.id):
        assert linked() == [None, False, True]  # what the first one brought is older than what was read
        mark_gone("pull_request", Repository.objects.get().id, ["PR_3"], t.at(50))
        assert linked() == [None, False, False]


def test_a_deployment_that_is_gone_leaves_the_line(team: Team) -> None:
    t.write(team, *story(change(3, 8)))
    with tenant(team.id):
        mark_gone("deployment", Repository.objects.get().id, ["DE_1"], t.at(50))
    assert line(team) == [(2, "baseline", False, True, ""), (3, "ahead", False, True, "")]
    assert (contents(team), pull(team, 2).deployed_at) == ({3: [3]}, None)


def test_deployments_of_older_rules_are_worked_out_again(team: Team) -> None:
    t.write(team, *STORY)
    before = dump(team)
    with tenant(team.id):
        Deployment.objects.update(derived_version=0, is_production=False, succeeded_at=None, relation=None)
        assert derive_stale() == 6
        assert derive_stale() == 0
    assert dump(team) == before
