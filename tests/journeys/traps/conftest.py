"""All small repositories are read once, over HTTP; the tests only ask."""

import os
from collections.abc import Iterator

import pytest
from django.db import connections as databases
from pytest_django import DjangoDbBlocker

from conftest import copy_afresh
from tests.journeys import road
from tests.journeys.traps import arithmetic, content, delivery, history, people, times
from tests.journeys.traps.asked import Asked
from tests.journeys.traps.stage import Stage


@pytest.fixture(scope="package")
def asked(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("traps")
    stage = Stage()
    for module in (people, times, history, delivery, content, arithmetic):
        module.play(stage)
    stage.write(folder)
    with django_db_blocker.unblock():
        assert os.environ["DATABASE_URL"]
        with road.local_github(folder) as github:
            team, _ = road.connect("traps", github)
            road.read_all(team)
        yield Asked(team)
        databases.close_all()
    copy_afresh()
