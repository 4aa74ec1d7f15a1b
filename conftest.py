"""Every test process works in a database of its own, copied from the migrated one that `./run test` prepared."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql
from pytest_django import DjangoDbBlocker

from tformance.project import environment

PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
COPY = f"tformance_{PROCESS}"
TEMPLATE = "tformance"


def pytest_configure() -> None:
    """Point Django, the broker and child processes at the copy, before anything connects."""
    for name, alias in (("DATABASE_URL", "default"), ("DATABASE_OWNER_URL", "owner")):
        if name in os.environ:
            os.environ[name] = _address(os.environ[name], COPY)
            connections.settings[alias]["NAME"] = COPY
    settings.CELERY_BROKER_TRANSPORT_OPTIONS["conn_string"] = environment.connection_string("DATABASE_URL")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    if "DATABASE_OWNER_URL" not in os.environ:
        pytest.skip("needs a database: ./run test starts one")
    copy_afresh()
    yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def live_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Committed data, visible to other processes; gives the runtime role's address, copied afresh afterwards."""
    with django_db_blocker.unblock():
        yield os.environ["DATABASE_URL"]
        connections.close_all()
    copy_afresh()


@pytest.fixture
def transactional_db(live_db: str) -> None:
    """What pytest-django's live_server asks for; flushing tables is not the runtime role's right."""


def copy_afresh() -> None:
    name = sql.Identifier(COPY)
    with psycopg.connect(_address(os.environ["DATABASE_OWNER_URL"], "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(name, sql.Identifier(TEMPLATE))
        )


def _address(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
