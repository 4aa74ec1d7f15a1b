from datetime import timedelta

import time_machine

from tformance.accounts.models import Team
from tformance.core.errors import RateLimited, Reconnect
from tformance.sync import connections, health
from tformance.sync.models import Connection
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
