"""CI by hand: what passes, how long it takes, and what cannot make up its mind."""

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.delivery import PRCheckRun
from tformance.facts.records import CheckRecord
from tformance.facts.testing import actor, at, check, repository, team, whole
from tformance.measures.query import Filters
from tformance.measures.tests.conftest import Ask, Land, merged


def ran(key: int, conclusion: str | None, minutes: float = 15, **fields: object) -> CheckRecord:
    """A check run that began at the start of the tests' time; without a conclusion it still runs."""
    ended = None if conclusion is None else at(minutes / 60)
    status = "in_progress" if conclusion is None else "completed"
    return check(key, conclusion=conclusion, status=status, completed_at=ended, **fields)


def legacy(key: int, conclusion: str) -> CheckRecord:
    return check(key, run_id=None, conclusion=conclusion, started_at=None, completed_at=at(1), name="ci/old")


def test_what_decided_nothing_is_left_out_and_counted(land: Land, ask: Ask) -> None:
    ends = ["success", "success", "success", "failure", "skipped", "neutral", "cancelled", "stale", None]
    land(merged(1, 8, checks=whole([ran(key, end, name=f"check {key}") for key, end in enumerate(ends, 1)])))
    total = ask("check_pass_rate").total
    assert (total.value, total.n, total.missing) == (0.75, 4, 4)
    assert ask("check_pass_rate", "sum").total.value == 3


@pytest.mark.parametrize("end", ["failure", "timed_out", "startup_failure", "action_required"])
def test_these_ends_are_failures(end: str, land: Land, ask: Ask) -> None:
    land(merged(1, 8, checks=whole([ran(1, end), ran(2, "success", name="lint")])))
    assert ask("check_pass_rate").total.value == 0.5


def test_durations_are_of_what_decided_and_has_both_instants(land: Land, ask: Ask) -> None:
    runs = [ran(1, "success", 10), ran(2, "failure", 30, name="lint"), ran(3, "skipped", 0, name="docs")]
    land(merged(1, 8, checks=whole([*runs, legacy(4, "success")])))
    total = ask("check_duration").total
    assert (round((total.value or 0) * 60), total.n, total.missing) == (20, 2, 2)
    assert ask("check_pass_rate").total.n == 3


def test_checks_are_cut_by_their_names_and_by_whether_the_commit_was_the_last(land: Land, ask: Ask) -> None:
    land(
        merged(1, 8, checks=whole([ran(1, "success"), ran(2, "failure", name="lint"), ran(3, "success", name="lint")]))
    )
    by_name = {row.key[0].label: (row.value, row.n) for row in ask("check_pass_rate", by=("check",)).rows}
    assert by_name == {"lint": (0.5, 2), "tests": (1, 1)}
    assert [(row.key[0].id, row.n) for row in ask("check_pass_rate", by=("head",)).rows] == [("last", 3)]


def test_checks_of_what_automation_opened_count_too(land: Land, ask: Ask) -> None:
    land(merged(1, 8, author=actor("dependabot", kind="bot"), checks=whole([ran(1, "success")])))
    assert ask("check_pass_rate").total.n == 1


def test_a_check_on_a_commit_counts_once_and_is_flaky_when_it_did_both(land: Land, ask: Ask) -> None:
    """Of four checks on commits one failed and passed; failing twice, or passing elsewhere, is not flaky."""
    first, second = f"{1:040x}", f"{2:040x}"
    runs = [
        ran(1, "failure", head_sha=first),
        ran(2, "success", 20, head_sha=first),
        ran(3, "failure", head_sha=first, name="lint"),
        ran(4, "failure", 20, head_sha=first, name="lint"),
        ran(5, "cancelled", head_sha=first, name="docs"),
        ran(6, "success", head_sha=second, name="lint"),
        ran(7, "failure", head_sha=second, name="types"),
    ]
    land(merged(1, 8, checks=whole(runs)))
    total = ask("flaky_share").total
    assert (total.value, total.n) == (0.25, 4)
    by_name = {row.key[0].label: row.value for row in ask("flaky_share", by=("check",)).rows}
    assert by_name == {"lint": 0, "tests": 1, "types": 0}


def test_a_check_that_runs_again_later_belongs_to_the_day_of_its_first_run(land: Land, ask: Ask) -> None:
    land(merged(1, 80, checks=whole([ran(1, "cancelled", 1), ran(2, "failure", 2), ran(3, "success", 60 * 30)])))
    days = [(row.n, row.value) for row in ask("flaky_share", every="day").rows if row.n]
    assert days == [(1, 1)]


def test_parts_of_checks_add_up_and_others_change_nothing(land: Land, ask: Ask, acme: Team) -> None:
    land(merged(1, 8, checks=whole([ran(1, "success"), ran(2, "failure", name="lint")])))
    with tenant(acme.pk):
        ours = PRCheckRun.objects.values_list("pull_request__repository_id", flat=True)[0]
    asked = [ask(name, filters=Filters(repositories=(ours,))).rows for name in ("check_pass_rate", "flaky_share")]
    elsewhere = repository("acme/elsewhere")
    land(merged(2, 8, provider_id=7, node_id="PR_7", checks=whole([ran(3, "failure")])), repository=elsewhere)
    land(merged(1, 8, checks=whole([ran(1, "failure")])), team=team("other"))
    assert [
        ask(name, filters=Filters(repositories=(ours,))).rows for name in ("check_pass_rate", "flaky_share")
    ] == asked
    assert ask("check_pass_rate").total.n == 3
    assert sum(row.n for row in ask("check_pass_rate", by=("repository",)).rows) == 3
    assert sum(row.n for row in ask("check_pass_rate", every="day").rows) == 3


def test_flakiness_says_how_many_repositories_it_was_read_of(land: Land, ask: Ask, acme: Team) -> None:
    land(merged(1, 8))
    coverage = ask("flaky_share").coverage
    assert (coverage.repositories_read, coverage.repositories) == (1, 1)
    with tenant(acme.pk):
        from_elsewhere = ask("flaky_share", team=acme).coverage
    assert from_elsewhere.complete
