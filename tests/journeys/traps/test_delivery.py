from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.traps.asked import Asked
from tformance.accounts.tenancy import tenant
from tformance.facts.models.delivery import Deployment
from tformance.measures.query import Period


def test_the_first_deployment_does_not_own_all_history(asked: Asked) -> None:
    assert asked.pull("first-deployment", 1).deployed_at is None
    assert asked.pull("first-deployment", 2).deploy_time_hours == 2
    assert asked.measure("first-deployment", "lead_time_for_changes", "median").n == 1


def test_a_deployment_of_an_unknown_commit_is_counted_as_unlinked(asked: Asked) -> None:
    assert asked.value("other-commit", "deployment_frequency", "count") == 2
    with tenant(asked.team.pk):
        relations = Deployment.objects.filter(repository__full_name="traps/other-commit").order_by("deployed_at")
        assert list(relations.values_list("relation", flat=True)) == ["baseline", "unknown"]


def test_what_a_deployment_contains_is_found_on_the_commits_not_by_the_clock(asked: Asked) -> None:
    assert asked.pull("by-containment", 2).deploy_time_hours == 3
    assert asked.pull("by-containment", 3).deploy_time_hours == 14


def test_failed_and_repeated_attempts_are_not_deliveries(asked: Asked) -> None:
    assert asked.value("attempts", "deployment_frequency", "count") == 2
    assert asked.pull("attempts", 2).deploy_time_hours == pytest.approx(8 - 5 + 1 / 60, abs=0.001)
    assert asked.value("attempts", "failed_deployments", "sum") == 2


def test_an_older_commit_after_a_newer_one_is_a_rollback_and_no_delivery(asked: Asked) -> None:
    assert asked.value("rollback", "deployment_frequency", "count") == 2
    assert asked.value("rollback", "change_failure_rate", "rate") == 1 / 2


def test_only_production_counts_as_production(asked: Asked) -> None:
    assert asked.value("several-environments", "deployment_frequency", "count") == 2
    assert asked.pull("several-environments", 2).deploy_time_hours == 4


def test_a_push_that_goes_to_several_places_is_one_deployment(asked: Asked) -> None:
    assert asked.value("rollouts", "deployment_frequency", "count") == 4
    assert asked.value("rollouts", "change_failure_rate", "rate") == 1 / 4
    assert asked.value("rollouts", "recovery_time") == 15 - 11
    assert [asked.pull("rollouts", number).deploy_time_hours for number in (2, 3, 4)] == [1, 1, 1]
    by_place = asked.everywhere("rollouts", measure="deployment_frequency", statistic="count", by=("environment",))
    assert {row.key[0].label: row.value for row in by_place.rows} == {"production-eu": 3, "production-us": 4}


def test_a_deployment_fails_once_however_many_signs_there_are(asked: Asked) -> None:
    assert asked.value("two-failures", "change_failure_rate", "rate") == 1 / 4


def test_a_revert_after_more_than_a_day_is_no_sign_of_failure(asked: Asked) -> None:
    assert asked.value("hotfix-late", "change_failure_rate", "rate") == 0


def test_recovery_is_from_the_failed_deployment_to_the_next_good_one(asked: Asked) -> None:
    failed = asked.value("recovery", "change_failure_rate", "sum")
    row = asked.measure("recovery", "recovery_time", "median")
    assert (failed, row.n, row.missing) == (3, 3, 0), "and none that failed is left out"
    assert row.value == 3  # of 2, 3 and 4
    assert asked.value("recovery", "recovery_time", "p90") == pytest.approx(3.8)


def test_a_failure_belongs_to_the_day_of_its_deployment_whatever_window_is_asked_for(asked: Asked) -> None:
    days = [Period.of_dates(date(2026, 3, day), date(2026, 3, day + 1), ZoneInfo("UTC")) for day in (2, 3)]
    rates = [asked.result("failure-told-later", "change_failure_rate", "rate", day).total for day in days]
    assert [(row.value, row.n) for row in rates] == [(1 / 2, 2), (0, 1)]
    assert asked.value("failure-told-later", "change_failure_rate", "rate") == 1 / 3
