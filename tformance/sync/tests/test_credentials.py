"""Credentials are renewed once, before they end, whoever asks and however many ask."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections as databases

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.core.errors import Reconnect
from tformance.sync import credentials
from tformance.sync.credentials import AppSecrets, Grant, credential_for
from tformance.sync.models import AppRegistration, Connection
from tformance.sync.tests import github
from tformance.sync.tests.conftest import make_team
from tformance.sync.tests.github import Account, GitHub

WORKERS = 8


@pytest.fixture
def world() -> Iterator[GitHub]:
    with github.served() as world:
        world.accounts[7] = Account("acme")
        yield world


@pytest.fixture
def acme(live_db: str) -> Team:
    return make_team("acme")


def registered(team: Team, world: GitHub, pem: str = "") -> AppRegistration:
    return AppRegistration.objects.create(
        source="github",
        api_url=world.url,
        app_id=github.APP_ID,
        slug="tformance-acme",
        owner="acme",
        client_id="Iv1.app",
        credentials=credentials.sealed_app(AppSecrets(pem or github.pem(), "app-secret")),
        team_id=team.pk,
        created_at=now(),
    )


def connected(team: Team, world: GitHub, grant: Grant, kind: str = "app", pem: str = "") -> Connection:
    with tenant(team.pk):
        made: Connection = Connection.objects.create(
            team=team,
            source="github",
            kind=kind,
            api_url=world.url,
            account="acme",
            secret=credentials.sealed_grant(grant),
            app=registered(team, world, pem),
            installation_id=7,
            created_at=now(),
        )
    return made


def ended() -> Grant:
    return Grant("old", now() - timedelta(minutes=1), refresh="refresh-0")


def ask_at_once(connection: Connection) -> set[str]:
    """What as many workers are given, all asking in the same moment."""
    together = threading.Barrier(WORKERS)

    def ask(_: int) -> str:
        together.wait()
        return credential_for(connection, "reading")()

    with ThreadPoolExecutor(WORKERS) as threads:
        return set(threads.map(ask, range(WORKERS)))


def test_an_installation_is_lent_a_token_once_for_eight_workers(acme: Team, world: GitHub) -> None:
    world.pause = 0.1
    assert ask_at_once(connected(acme, world, ended())) == {"ghs_7_1"}
    assert world.lent == 1


def test_a_persons_consent_is_renewed_once_for_eight_workers(acme: Team, world: GitHub) -> None:
    """A refresh token that is used twice would be refused, and with it the whole consent."""
    world.pause = 0.1
    connection = connected(acme, world, ended(), kind="oauth")
    assert ask_at_once(connection) == {"access-1"}
    assert world.refreshes == 1
    with tenant(acme.pk):
        stored = Connection.objects.get()
    assert b"access-1" not in bytes(stored.secret)
    assert credential_for(stored, "reading")() == "access-1"


def test_a_token_is_renewed_five_minutes_before_its_end_and_not_earlier(acme: Team, world: GitHub) -> None:
    fresh = connected(acme, world, Grant("lent", now() + timedelta(minutes=6)))
    assert credential_for(fresh, "reading")() == "lent"
    with tenant(acme.pk):
        fresh.secret = credentials.sealed_grant(Grant("lent", now() + timedelta(minutes=4)))
        fresh.save()
    assert credential_for(fresh, "reading")() == "ghs_7_1"


def test_a_thread_that_only_fetches_keeps_no_connection_to_the_database(acme: Team, world: GitHub) -> None:
    token = credential_for(connected(acme, world, ended()), "reading")

    def ask() -> bool:
        token()
        return databases["default"].connection is None

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(ask).result()


def test_what_the_installation_may_read_is_kept_from_every_renewal(acme: Team, world: GitHub) -> None:
    world.accounts[7].permissions = {"metadata": "read"}
    credential_for(connected(acme, world, ended()), "reading")()
    with tenant(acme.pk):
        assert Connection.objects.get().granted == {"metadata": "read"}


def test_a_suspended_installation_says_so(acme: Team, world: GitHub) -> None:
    world.accounts[7].is_suspended = True
    with pytest.raises(Reconnect) as caught:
        credential_for(connected(acme, world, ended()), "reading")()
    assert caught.value.problem == "suspended"


def test_a_removed_installation_says_so(acme: Team, world: GitHub) -> None:
    world.accounts.clear()
    with pytest.raises(Reconnect) as caught:
        credential_for(connected(acme, world, ended()), "reading")()
    assert caught.value.problem == "uninstalled"


def test_a_key_that_is_none_is_a_reason_to_connect_again(acme: Team, world: GitHub) -> None:
    with pytest.raises(Reconnect):
        credential_for(connected(acme, world, ended(), pem="nonsense"), "reading")()


def test_a_consent_that_was_withdrawn_says_so_and_stays_as_it_was(acme: Team, world: GitHub) -> None:
    used = Grant("old", now() - timedelta(minutes=1), refresh="refresh-used")
    connection = connected(acme, world, used, kind="oauth")
    with pytest.raises(Reconnect) as caught:
        credential_for(connection, "reading")()
    assert caught.value.problem == "expired"
    with tenant(acme.pk):
        assert bytes(Connection.objects.get().secret) == bytes(connection.secret)
