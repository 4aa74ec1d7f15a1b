"""Answers are kept by CACHE_URL, for 300 seconds at most, and never beyond a change of the data."""

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.testing import page, pull_request, team, write
from tformance.measures.answer import answer
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.query import Query
from tformance.measures.tests.conftest import NOON, WEEK
from tformance.project import environment

REDIS = "TEST_REDIS_URL"  # such as redis://127.0.0.1:6379/9
URLS = ("local", pytest.param("redis", marks=pytest.mark.skipif(REDIS not in os.environ, reason=f"{REDIS} is not set")))


@pytest.fixture
def acme(db: None) -> Team:
    """A team with one merged pull request."""
    acme = team("acme")
    write(acme, page(pull_request(1)))
    return acme


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def kept_in(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Answers are kept where this address says, which has none yet."""

    def use(url: str) -> None:
        monkeypatch.setenv("CACHE_URL", os.environ[REDIS] if url == "redis" else url)
        settings.CACHES = {"default": environment.cache("CACHE_URL")}
        cache.clear()

    yield use
    cache.clear()


def asked(team: Team) -> tuple[float | None, bool]:
    """How many were merged, and whether their rows were read to know it."""
    with tenant(team.pk), looking(EVERYBODY), CaptureQueriesContext(connection) as statements:
        (result,) = answer([Query("merged_prs", "count", WEEK)])
    return result.total.value, any("count_merged_prs" in statement["sql"] for statement in statements)


@pytest.mark.parametrize("url", URLS)
def test_an_answer_is_kept_until_the_data_moves_on(url: str, kept_in: Any, acme: Team) -> None:
    kept_in(url)
    assert asked(acme) == (1, True)
    assert asked(acme) == (1, False)
    write(acme, page(pull_request(2)))
    assert asked(acme) == (2, True)
    assert asked(acme) == (2, False)


@pytest.mark.parametrize("url", URLS)
def test_an_answer_is_kept_for_one_definition_only(url: str, kept_in: Any, acme: Team) -> None:
    kept_in(url)
    assert asked(acme) == (1, True)
    Team.objects.filter(pk=acme.pk).update(definition_version=acme.definition_version + 1)
    assert asked(acme) == (1, True)


def test_an_answer_is_kept_for_300_seconds(kept_in: Any, acme: Team, at_noon: time_machine.Traveller) -> None:
    kept_in("local")
    assert asked(acme) == (1, True)
    at_noon.shift(timedelta(seconds=299))
    assert asked(acme) == (1, False)
    at_noon.shift(timedelta(seconds=2))
    assert asked(acme) == (1, True)


def test_redis_forgets_an_answer_after_300_seconds_by_itself(kept_in: Any, acme: Team) -> None:
    if REDIS not in os.environ:
        pytest.skip(f"{REDIS} is not set")
    kept_in("redis")
    asked(acme)
    client = cache._cache.get_client()  # type: ignore[attr-defined]
    lives = [client.ttl(key) for key in client.keys("*")]
    assert lives
    assert all(0 < seconds <= 300 for seconds in lives)


def test_without_a_cache_every_answer_is_read(kept_in: Any, acme: Team) -> None:
    kept_in("off")
    assert asked(acme) == asked(acme) == (1, True)


def test_an_address_that_is_no_cache_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_URL", "memcached://somewhere")
    with pytest.raises(ImproperlyConfigured, match=r"off, local or redis"):
        environment.cache("CACHE_URL")
