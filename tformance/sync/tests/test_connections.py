from pathlib import Path

import psycopg
import pytest
import time_machine
from django.conf import settings

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.errors import Reconnect
from tformance.facts.models.pull_request import PullRequest
from tformance.sources.registry import SOURCES
from tformance.sync import connections, health
from tformance.sync.lane import Lane
from tformance.sync.models import Connection
from tformance.sync.tests.conftest import make_connection, make_team
from tformance.sync.tests.test_run import look
from tformance.sync.tests.toy import Provider


@pytest.fixture(autouse=True)
def toy_instead_of_github(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door for tokens leads to the toy, whose accounts are called like their tokens."""
    monkeypatch.setitem(SOURCES, "github", provider.source())


def stored(team: Team) -> Connection:
    with tenant(team.pk):
        connection: Connection = Connection.objects.get()
    return connection


def test_what_can_be_connected_is_what_sources_there_are() -> None:
    assert {offer.source for offer in connections.offered()} == set(SOURCES) - {"github"}


def test_a_token_is_stored_sealed_and_opens_again(team: Team) -> None:
    made = connections.connect_github(team.pk, "https://github.example/api/", "ada-lovelace ")
    assert (made.account, made.api_url, made.state) == ("ada-lovelace", "https://github.example/api", "active")
    secret = bytes(stored(team).secret)
    assert b"ada-lovelace" not in secret
    assert settings.KEY_RING.open(secret) == "ada-lovelace"


def test_connecting_the_same_account_again_only_exchanges_the_token(team: Team) -> None:
    first = connections.connect_github(team.pk, "", "ada")
    connections.follow(team.pk, first.id, ["toys/one"])
    before = bytes(stored(team).secret)
    again = connections.connect_github(team.pk, "", "ada")
    assert again.id == first.id
    assert again.repositories == ("toys/one",)
    assert bytes(stored(team).secret) != before
    assert Lane.objects.count() == 1


def test_two_accounts_at_one_provider_are_two_connections(team: Team) -> None:
    connections.connect_github(team.pk, "", "ada")
    connections.connect_github(team.pk, "", "grace")
    assert [each.account for each in connections.connected(team.pk)] == ["ada", "grace"]


def test_choices_say_what_is_followed_already(team: Team, connection: Connection) -> None:
    (choice,) = connections.choices(team.pk, connection.pk)
    assert (choice.name, choice.is_followed) == ("toys/one", True)


def test_what_is_no_longer_followed_is_not_read_and_stays_stored(
    team: Team, connection: Connection, provider: Provider, clock: time_machine.Traveller
) -> None:
    look(connection)
    asked = provider.requests
    connections.unfollow(team.pk, connection.pk, "toys/one")
    connections.sync_now(team.pk)
    look(connection)
    assert provider.requests == asked
    with tenant(team.pk):
        assert PullRequest.objects.count() == 20


def test_a_forgotten_connection_leaves_no_credential_and_keeps_what_was_read(
    team: Team, connection: Connection, provider: Provider
) -> None:
    look(connection)
    connections.forget(team.pk, connection.pk)
    assert connections.connected(team.pk) == ()
    assert not Lane.objects.exists()
    with tenant(team.pk):
        assert PullRequest.objects.count() == 20


def test_a_team_does_not_reach_the_connections_of_another(team: Team, connection: Connection) -> None:
    other = make_team("other")
    assert connections.connected(other.pk) == ()
    assert health.connections(other.pk) == ()
    with pytest.raises(Connection.DoesNotExist):
        connections.follow(other.pk, connection.pk, ["toys/one"])
    connections.forget(other.pk, connection.pk)
    assert connections.connected(team.pk) != ()
    assert Lane.objects.filter(turns__connection_id=connection.pk).exists()


def test_a_folder_that_is_no_clone_is_refused_with_words(team: Team, tmp_path: Path) -> None:
    with pytest.raises(Reconnect):
        connections.connect_git(team.pk, tmp_path)
    assert connections.connected(team.pk) == ()


@pytest.fixture
def two_teams(live_db: str, provider: Provider) -> tuple[Team, str]:
    """The other team's connection is committed, so that raw SQL could see it."""
    mine, theirs = make_team("mine"), make_team("theirs")
    make_connection(theirs, "toys/one")
    return mine, live_db


def test_raw_sql_of_the_runtime_role_sees_no_work_of_another_team(two_teams: tuple[Team, str]) -> None:
    mine, address = two_teams
    with psycopg.connect(address) as database:
        database.execute("SELECT set_config('app.team_id', %s, false)", [str(mine.pk)])
        for table in ("sync_connection", "sync_scope", "sync_syncrun", "sync_syncstep", "sync_quarantined"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
