"""A connection is removed while a worker has its lane: the one waits for the other, and neither is broken off."""

import os
import time
from threading import Thread

import psycopg
from django.db import connection as database

from tformance.accounts.tenancy import tenant
from tformance.sync import connections
from tformance.sync.lane import Lane, Turn
from tformance.sync.models import Connection
from tformance.sync.tests.conftest import make_connection, make_team
from tformance.sync.tests.toy import Provider

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def test_removing_waits_for_the_page_that_a_worker_writes(live_db: str, provider: Provider) -> None:
    team = make_team("acme")
    made = make_connection(team, "toys/one")
    lane = Lane.objects.get()

    def remove() -> None:
        connections.forget(team.pk, made.pk)
        database.close()

    remover = Thread(target=remove)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as worker:
        worker.execute("UPDATE sync_lane SET lease_owner = 'w' WHERE id = %s", [lane.pk])  # renews its lease
        remover.start()
        with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as watch:
            ends_at = time.monotonic() + 20
            while not watch.execute(WAITING).fetchone()[0] and time.monotonic() < ends_at:  # type: ignore[index]
                time.sleep(0.02)
        worker.execute("UPDATE sync_turn SET served_at = now() WHERE connection_id = %s", [made.pk])  # and goes on
    remover.join(20)
    assert not remover.is_alive()
    assert not Turn.objects.exists()
    with tenant(team.pk):
        assert not Connection.objects.exists()
