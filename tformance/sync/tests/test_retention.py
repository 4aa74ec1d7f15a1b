"""What a team does not keep is not asked for: not by the history, not when all that is there is compared."""

from datetime import UTC, datetime, timedelta

import time_machine

from tformance.accounts.models import AuditEntry, Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.pull_request import PullRequest
from tformance.sync import plan, tidy
from tformance.sync.models import Connection, Wanted
from tformance.sync.tests.conftest import make_connection
from tformance.sync.tests.test_run import look, steps_of, stored_numbers
from tformance.sync.tests.toy import Provider

SINCE = datetime(2025, 3, 9, tzinfo=UTC)  # a year before the tests' noon; pull request 1 is older


def keep_a_year(team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(keep_years=1)


def test_history_is_read_back_to_there_and_no_more_is_claimed(
    team: Team, provider: Provider, clock: time_machine.Traveller
) -> None:
    keep_a_year(team)
    connection = make_connection(team, "toys/one")
    (history,) = [step for step in steps_of(team) if step.window == "history"]
    assert history.since == SINCE
    look(connection)
    assert stored_numbers(team) == set(range(2, 21))
    with tenant(team.pk):
        assert Coverage.objects.get(stream="pull_requests").covered_from == SINCE


def test_comparing_does_not_ask_for_what_is_not_kept(
    team: Team, provider: Provider, clock: time_machine.Traveller
) -> None:
    keep_a_year(team)
    connection = make_connection(team, "toys/one")
    look(connection)
    provider.changed[21] = now() - timedelta(days=40)
    with tenant(team.pk):
        plan.plan_reconcile(Connection.objects.get())
    look(connection)
    assert stored_numbers(team) == set(range(2, 22))
    with tenant(team.pk):
        assert not Wanted.objects.exists()


def test_every_hour_what_is_not_kept_any_longer_goes(team: Team, connection: Connection) -> None:
    look(connection)
    with tenant(team.pk):
        PullRequest.objects.filter(number=1).update(state="closed", closed_at=datetime(2025, 1, 1, tzinfo=UTC))
        AuditEntry.objects.create(team=team, at=now() - timedelta(days=800), who="x", what="person_seen")
    tidy.drop_old()
    assert 1 in stored_numbers(team)
    keep_a_year(team)
    tidy.drop_old()
    assert stored_numbers(team) == set(range(2, 21))
    with tenant(team.pk):
        assert not AuditEntry.objects.exists()
