from datetime import timedelta

import pytest
import time_machine

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.errors import RateLimited, Reconnect, Skip
from tformance.facts.models.coverage import Coverage
from tformance.facts.models.repository import Repository
from tformance.sync import connections, health
from tformance.sync.models import Connection, Scope, SyncStep
from tformance.sync.tests.conftest import NOON, make_team
from tformance.sync.tests.test_run import failing_on, failing_once, look
from tformance.sync.tests.toy import Provider


def words(team: Team) -> str:
    return health.connections(team.pk)[0].words


def test_before_anything_is_read_nothing_is_claimed(team: Team, connection: Connection) -> None:
    (seen,) = health.connections(team.pk)
    assert seen.words == "Reading: 0 items so far."
    assert seen.fresh_at is None
    assert (seen.progress.share, seen.progress.left) == (None, None)


def test_progress_comes_from_the_stored_pages(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.before_page = failing_on({5})
    look(connection)
    (seen,) = health.connections(team.pk)
    assert seen.progress.seen == 1 + 9 + 2  # the repository, three pages of the newest month, the history
    assert seen.progress.expected == 1 + 18 + 2
    assert seen.words == "Waiting until 12:00:05 UTC: GitHub did not answer."
    clock.shift(timedelta(seconds=5))
    assert words(team) == "Reading: 12 of 21 items."


def test_the_length_of_the_history_is_known_from_the_first_recent_page_on(
    team: Team, connection: Connection, provider: Provider
) -> None:
    def wait_at_third(provider: Provider) -> None:
        if provider.requests == 3:
            raise RateLimited("Asked to wait.", NOON + timedelta(minutes=40))

    provider.before_page = wait_at_third
    look(connection)
    (seen,) = health.connections(team.pk)
    assert seen.progress.seen == 1 + 3
    assert seen.progress.expected == 1 + 18 + len(provider.changed)


def test_when_all_is_read_it_says_so_and_how_fresh_it_is(
    team: Team, connection: Connection, clock: time_machine.Traveller
) -> None:
    look(connection)
    clock.shift(timedelta(hours=2))
    (seen,) = health.connections(team.pk)
    assert seen.words == "Up to date."
    assert seen.fresh_at == NOON
    assert [(each.name, each.covered_from, each.covered_to) for each in seen.repositories] == [("toys/one", None, NOON)]


def test_a_rate_limit_is_told_with_its_end(team: Team, connection: Connection, provider: Provider) -> None:
    provider.before_page = failing_once(RateLimited("The provider asks us to wait.", NOON + timedelta(minutes=40)))
    look(connection)
    assert words(team) == "Waiting until 12:40:00 UTC: The provider asks us to wait."


def test_a_refused_credential_is_told_with_what_to_do(team: Team, connection: Connection, provider: Provider) -> None:
    provider.before_page = failing_once(Reconnect("The token has expired."))
    look(connection)
    assert words(team) == "Connect again: The token has expired."


@pytest.mark.parametrize(
    ("ends_in", "problem"),
    [(timedelta(days=1), "revoked"), (timedelta(seconds=-1), "expired"), (None, "revoked")],
)
def test_a_token_that_is_refused_after_its_known_end_has_expired(
    ends_in: timedelta | None, problem: str, team: Team, connection: Connection, provider: Provider
) -> None:
    with tenant(team.pk):
        Connection.objects.update(expires_at=NOON + ends_in if ends_in else None)
    provider.before_page = failing_once(Reconnect("Bad credentials", "revoked"))
    look(connection)
    (seen,) = health.connections(team.pk)
    assert (seen.state, seen.problem) == ("reconnect", problem)
    assert seen.words.startswith("The token has expired" if problem == "expired" else "The access was withdrawn")
    assert "Bad credentials" not in seen.words


def test_the_time_left_does_not_wait_for_what_is_short(connection: Connection) -> None:
    read = SyncStep(stream="pull_requests", window="history", state="running", seen=100, expected=300)
    read.counts = {"seconds": 10, "fetched": 100}
    untold = SyncStep(stream="copilot_usage", window="history", state="pending")
    assert health.progress_of([read, untold]).left == timedelta(seconds=20)
    read.state, read.seen = "complete", 300
    assert health.progress_of([read, untold]).left is None


def test_a_fast_stream_does_not_promise_that_a_slow_one_is_done_soon(connection: Connection) -> None:
    pulls = SyncStep(stream="pull_requests", window="history", state="running", seen=10, expected=110)
    pulls.counts = {"seconds": 10, "fetched": 10}
    releases = SyncStep(stream="releases", window="whole", state="complete", seen=1000, expected=1000)
    releases.counts = {"seconds": 1, "fetched": 1000}
    seen = health.progress_of([pulls, releases])
    assert (seen.left, seen.per_second) == (timedelta(seconds=100), 1.0)


def test_what_is_still_to_be_read_of_a_repository_is_named(
    team: Team, connection: Connection, provider: Provider
) -> None:
    (before,) = health.connections(team.pk)[0].repositories
    assert before.unread == ("Repository", "Pull requests")
    provider.before_page = failing_on({2})
    look(connection)
    (seen,) = health.connections(team.pk)[0].repositories
    assert (seen.state, seen.unread) == ("running", ("Pull requests",))


def test_a_repository_that_is_gone_is_not_called_reading_and_nothing_is_expected_of_it(
    team: Team, connection: Connection, provider: Provider
) -> None:
    provider.before_page = failing_once(Skip("toys/one was deleted", item="toys/one"))
    look(connection)
    (seen,) = health.connections(team.pk)
    (repository,) = seen.repositories
    assert (repository.state, repository.error) == (health.HIDDEN, "toys/one was deleted")
    assert (seen.progress.seen, seen.progress.expected) == (0, None)


def test_news_are_not_old_because_a_repository_is_gone(
    team: Team, connection: Connection, clock: time_machine.Traveller
) -> None:
    connections.follow(team.pk, connection.pk, ["toys/three"])
    look(connection)
    clock.shift(timedelta(hours=2))
    with tenant(team.pk):
        Scope.objects.filter(name="toys/one").update(gaps={"repository": "toys/one was deleted"})
        Coverage.objects.filter(repository__full_name="toys/three").update(covered_to=NOON + timedelta(hours=2))
    assert health.connections(team.pk)[0].fresh_at == NOON + timedelta(hours=2)


def test_an_archived_repository_says_so(team: Team, connection: Connection) -> None:
    look(connection)
    with tenant(team.pk):
        Repository.objects.update(is_archived=True)
    assert health.connections(team.pk)[0].repositories[0].is_archived


def test_what_reads_nothing_is_told_apart_from_what_works(team: Team, connection: Connection) -> None:
    assert health.stopped(team.pk) == ()
    connections.pause(team.pk, connection.pk, "Paused by ada.")
    (found,) = health.stopped(team.pk)
    assert (found.state, found.account, found.reason) == ("paused", "ada", "Paused by ada.")
    assert health.stopped(make_team("other").pk) == ()


def test_what_could_not_be_read_is_counted_with_its_reason(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    provider.unreadable = frozenset({15, 16})
    for _ in range(4):
        look(connection)
        clock.shift(timedelta(minutes=1))
    assert words(team) == "Almost everything is read; tried again until it works: 2 items could not be read yet."
    pulls = next(stream for stream in health.totals(team.pk) if stream.stream == "pull_requests")
    assert (pulls.state, pulls.written) == ("partial", 18)
    assert list(pulls.skipped.values()) == [2]
    assert health.connections(team.pk)[0].repositories[0].skipped == 2
    assert not health.is_complete(team.pk)


def test_a_team_without_connections_has_no_health(db: None) -> None:
    assert health.connections(make_team("empty").pk) == ()


def test_a_connection_without_repositories_says_that_nothing_is_followed(team: Team, connection: Connection) -> None:
    connections.unfollow(team.pk, connection.pk, "toys/one")
    assert words(team) == "Nothing is followed yet."
