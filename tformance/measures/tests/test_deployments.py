"""DORA by hand, from rows as the one writer leaves them."""

from datetime import timedelta
from typing import Any

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import current_team_id, tenant
from tformance.facts.models.delivery import Deployment, DeploymentPullRequest
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.repository import Repository
from tformance.facts.testing import at, commit, repository, team, whole
from tformance.measures.query import Filters, Period
from tformance.measures.shipped import deliveries
from tformance.measures.tests.conftest import NOON, WEEK, Ask, Land, merged


@pytest.fixture
def line(land: Land, acme: Team) -> Team:
    """In the week a baseline, three deliveries of which two failed, one repetition and two attempts that came to nothing."""
    land(
        merged(1, 8, commits=whole([commit(1, authored_at=at(-2))])),
        merged(2, 20, commits=whole([commit(2, authored_at=at(0))])),
    )
    with tenant(acme.pk):
        deploy(1, 1, relation="baseline")
        second = deploy(2, 10, failure="rollback", recovered_at=at(13), relation="ahead")
        third = deploy(3, 30, failure="hotfix", relation="ahead")
        deploy(4, 40, relation="unknown", environment="prod/eu")
        deploy(5, 50, is_delivery=False, relation="identical")
        deploy(6, None, state="failure", is_delivery=False)
        deploy(7, None, state="in_progress", is_delivery=False)
        deploy(8, 60, is_production=False, is_delivery=False, environment="staging")
        deploy(9, -50, relation="ahead")
        contains(second, 1)
        contains(third, 2)
    return acme


def deploy(key: int, hours: float | None, **fields: Any) -> Deployment:
    """A production deployment that succeeded so many hours after the start of the tests' time, or at 45 began in vain."""
    given: dict[str, Any] = {
        "team_id": current_team_id(),
        "repository": Repository.objects.get(full_name="acme/shop"),
        "provider_id": key,
        "node_id": f"DE_{key}",
        "environment": "production",
        "task": "deploy",
        "sha": f"{key:040x}",
        "ref": "main",
        "state": "success",
        "deployed_at": at(45 if hours is None else hours - 0.5),
        "provider_updated_at": at(60),
        "statuses_total": 1,
        "fetched_at": at(60),
        "is_production": True,
        "is_delivery": True,
        "succeeded_at": None if hours is None else at(hours),
    }
    if fields.get("relation", "baseline") != "baseline":
        given["is_linked"] = False
    made: Deployment = Deployment.objects.create(**(given | fields))
    return made


def contains(deployment: Deployment, number: int) -> None:
    pull = PullRequest.objects.get(number=number)
    DeploymentPullRequest.objects.create(team_id=current_team_id(), deployment=deployment, pull_request=pull)
    pull.deployed_at = deployment.succeeded_at
    pull.deploy_time_hours = (deployment.succeeded_at - pull.merged_at) / timedelta(hours=1)
    pull.save()
    deployment.is_linked = True
    deployment.save()


def test_frequency_is_by_the_days_that_have_passed(line: Team, ask: Ask) -> None:
    assert ask("deployment_frequency").total.value == 4
    assert ask("deployment_frequency", "count").total.value == 4
    three_days = Period(WEEK.start, WEEK.start + timedelta(days=3), WEEK.zone)
    assert ask("deployment_frequency", period=three_days).total.value == pytest.approx(4 / 3 * 7)
    running = Period(NOON - timedelta(days=11), NOON + timedelta(days=4), WEEK.zone)
    assert ask("deployment_frequency", period=running).total.value == pytest.approx(5 / 11 * 7)


def test_deployments_are_as_many_as_their_list_has(line: Team, ask: Ask) -> None:
    with tenant(line.pk):
        listed = deliveries(Filters(), WEEK)
    assert listed.count == len(listed.rows) == ask("deployment_frequency", "count").total.value == 4
    failed = [row for row in listed.rows if row.failure]
    assert len(failed) == ask("change_failure_rate", "sum").total.value == ask("recovery_time").total.rows


def test_failures_count_once_by_their_kind(line: Team, ask: Ask) -> None:
    total = ask("change_failure_rate").total
    assert (total.value, total.n) == (0.5, 4)
    kinds = {row.key[0].label: row.value for row in ask("change_failure_rate", "sum", by=("failure",)).rows}
    assert kinds == {"rollback": 1, "hotfix": 1, "none": 0}


def test_what_is_not_put_right_yet_is_missing_not_quick(line: Team, ask: Ask) -> None:
    total = ask("recovery_time").total
    assert (total.value, total.n, total.missing) == (3, 1, 1)


def test_lead_times_are_on_the_day_of_the_deployment(line: Team, ask: Ask) -> None:
    lead = ask("lead_time_for_changes")
    assert (lead.total.value, lead.total.n) == ((12 + 30) / 2, 2)
    assert ask("deploy_time").total.value == (2 + 10) / 2


def test_a_first_commit_that_is_younger_than_the_deployment_gives_no_lead_time(
    land: Land, ask: Ask, acme: Team
) -> None:
    land(merged(1, 8, commits=whole([commit(1, authored_at=at(2))])))
    with tenant(acme.pk):
        contains(deploy(1, -5), 1)
    total = ask("lead_time_for_changes", period=Period(WEEK.start - timedelta(days=7), WEEK.end, WEEK.zone)).total
    assert (total.value, total.n, total.missing) == (None, 0, 1)


def test_attempts_are_told_from_deliveries(line: Team, ask: Ask) -> None:
    total = ask("failed_deployments").total
    assert (total.value, total.n, total.missing) == (1 / 6, 6, 1)
    assert ask("failed_deployments", "sum").total.value == 1


def test_what_brought_nothing_we_know_is_counted_and_the_first_has_no_value(line: Team, ask: Ask) -> None:
    total = ask("unlinked_deployments").total
    assert (total.value, total.n, total.missing) == (1, 3, 1)


def test_parts_of_deployments_add_up_and_other_repositories_change_nothing(line: Team, ask: Ask, land: Land) -> None:
    names = (
        "deployment_frequency",
        "change_failure_rate",
        "recovery_time",
        "failed_deployments",
        "lead_time_for_changes",
    )
    with tenant(line.pk):
        ours = Filters(repositories=(Repository.objects.get().pk,))
    before = [ask(name, filters=ours).rows for name in names]
    land(repository=repository("acme/elsewhere"))
    with tenant(line.pk):
        deploy(20, 12, repository=Repository.objects.get(full_name="acme/elsewhere"), failure="revert")
    stranger = team("other")
    land(team=stranger)
    with tenant(stranger.pk):
        deploy(21, 12)
    assert [ask(name, filters=ours).rows for name in names] == before
    for by in ("environment", "repository", "failure"):
        parts = ask("deployment_frequency", "count", by=(by,)).rows
        assert sum(row.value or 0 for row in parts) == ask("deployment_frequency", "count").total.value == 5
