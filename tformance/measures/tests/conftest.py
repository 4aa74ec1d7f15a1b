"""A team whose one repository was read from the beginning until noon, and questions about its past week."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing
from tformance.facts.coverage import write_coverage
from tformance.facts.models.repository import Repository
from tformance.facts.records import PullRequestRecord
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Result

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)  # a Tuesday
WEEK = Period.of_dates(date(2026, 3, 2), date(2026, 3, 9), BERLIN)

Ask = Callable[..., Result]
Land = Callable[..., None]


def examples(few: int) -> int:
    """How often a property is tried: a few times with all the other tests, many times more in the long runs."""
    return few * int(os.environ.get("TEST_EXAMPLES", "1"))


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def no_memory() -> Iterator[None]:
    """Sequences give the same ids again in the next test's copy of the database."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def as_the_product() -> Iterator[None]:
    """Questions are asked for everybody, where no test says who looks."""
    with looking(EVERYBODY):
        yield


@pytest.fixture
def acme(db: None) -> Team:
    return testing.team("acme", zone="Europe/Berlin")


@pytest.fixture
def land(acme: Team) -> Land:
    """Writes pull requests and that everything was read."""

    def write(*pull_requests: PullRequestRecord, team: Team = acme, **page: Any) -> None:
        testing.write(team, testing.page(*pull_requests, **page))
        with tenant(team.pk):
            for repository in Repository.objects.all():
                for stream in ("pull_requests", "head_checks", "deployments"):
                    write_coverage(repository.pk, stream, None, NOON)

    return write


@pytest.fixture
def ask(acme: Team) -> Ask:
    """One question about the week, with the measure's first statistic unless another is named."""

    def one(measure: str, statistic: Any = None, *, team: Team = acme, period: Period = WEEK, **axes: Any) -> Result:
        chosen = statistic or MEASURES[measure].default_statistic
        with tenant(team.pk):
            (result,) = answer([Query(measure, chosen, period, **axes)])
        return result

    return one


def merged(number: int, after: float, opened: float = 0, **fields: Any) -> PullRequestRecord:
    """A pull request opened and merged so many hours after the start of the tests' time."""
    times = {"opened_at": testing.at(opened), "updated_at": testing.at(after)}
    return testing.pull_request(number, **times, closed_at=testing.at(after), merged_at=testing.at(after), **fields)


def everyone() -> Filters:
    return Filters(automation=True)
