"""Whatever is kept of weeks and months, answers are those that the rows give."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.core.clock import now
from tformance.facts import testing as t
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.records import RepositoryPage
from tformance.facts.write import mark_gone
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.models.rollup import Rollup
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Result, Row
from tformance.measures.rollups.keeping import keep
from tformance.measures.rollups.kept import KEPT
from tformance.measures.statistics import FRACTIONS
from tformance.measures.tests.conftest import examples
from tformance.measures.tests.histories import histories
from tformance.measures.weekly.follow import follow

ZONES = ["Pacific/Honolulu", "UTC", "Europe/Berlin", "Pacific/Auckland"]
EVERYBODY = Filters(ai=("yes", "no_evidence", "unknown"))  # leaves all rows, and is none of what is kept
ANY = Filters()

few = settings(
    max_examples=examples(3),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def questions(period: Period, filters: Filters) -> Iterator[Query]:
    for cut, measures in KEPT.items():
        for measure in measures:
            for statistic in MEASURES[measure].statistics:
                for every in (None, "week", "month"):
                    yield Query(measure, statistic, period, cut, every, filters, compare=every is None)


def same(kept: Result, exact: Result) -> None:
    assert not exact.approximate
    for found, right in ((kept.rows, exact.rows), (kept.previous, exact.previous)):
        assert {_place(row) for row in found} == {_place(row) for row in right}, kept.query
        by_place = {_place(row): row for row in right}
        for row in found:
            _same_row(kept.query, row, by_place[_place(row)])


def _place(row: Row) -> tuple[object, ...]:
    return row.key, row.day


def _same_row(query: Query, row: Row, right: Row) -> None:
    assert (row.n, row.missing, row.partial) == (right.n, right.missing, right.partial), query
    within = 0.0101 if query.statistic in FRACTIONS else 1e-9
    assert row.value == (None if right.value is None else pytest.approx(right.value, rel=within)), query


def kept_everything(team: Team) -> None:
    while follow(team.id).left:
        pass
    while keep(team.id):
        pass


def compared(team: Team, period: Period) -> None:
    cache.clear()
    with tenant(team.id):
        found = answer(list(questions(period, ANY)))
        exact = answer(list(questions(period, EVERYBODY)))
    for one, other in zip(found, exact, strict=True):
        same(one, other)


def write(team: Team, pages: list[RepositoryPage]) -> None:
    for number, page in enumerate(pages):
        t.write(
            team,
            t.page(*page.pull_requests, fetched_at=now() + timedelta(seconds=number)) if page.pull_requests else page,
        )


@pytest.mark.django_db
@few
@given(
    first=histories(),
    second=histories(),
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 600),
    days=st.integers(8, 60),
)
@override_settings(EXACT_ROWS=0)
def test_answers_are_those_of_the_rows_before_and_after_any_change_followed_or_not(
    first: list[RepositoryPage], second: list[RepositoryPage], zone: str, start: int, days: int
) -> None:
    with time_machine.travel(t.at(24 * 120), tick=False) as clock, transaction.atomic():
        acme = t.team("acme", zone=zone)
        begins = t.at(start).astimezone(ZoneInfo(zone)).date()
        period = Period.of_dates(begins, begins + timedelta(days=days), ZoneInfo(zone))
        write(acme, first)
        kept_everything(acme)
        compared(acme, period)
        clock.shift(timedelta(hours=1))
        write(acme, second)
        compared(acme, period)
        kept_everything(acme)
        compared(acme, period)
        _lose_one(acme)
        compared(acme, period)
        transaction.set_rollback(True)


@pytest.mark.django_db
@override_settings(EXACT_ROWS=0)
def test_percentiles_of_what_is_kept_are_told_to_be_approximate_and_counts_are_not() -> None:
    with time_machine.travel(t.at(24 * 120), tick=False):
        acme = t.team("acme", zone="UTC")
        t.write(acme, t.page(t.pull_request(merged_at=t.at(10), closed_at=t.at(10))))
        kept_everything(acme)
        begins = t.START.date()
        period = Period.of_dates(begins - timedelta(days=30), begins + timedelta(days=60), ZoneInfo("UTC"))
        with tenant(acme.id):
            queries = [Query("cycle_time", "median", period), Query("merged_prs", "count", period)]
            half, count = answer(queries)
            with override_settings(EXACT_ROWS=50_000):
                cache.clear()
                exact, _ = answer(queries)
    assert (half.approximate, count.approximate, exact.approximate) == (True, False, False)
    assert (half.total.n, count.total.value) == (1, 1)
    assert half.total.value == pytest.approx(exact.total.value, rel=0.01)
    assert half.total.value != exact.total.value


@pytest.mark.django_db
def test_nothing_is_kept_of_a_small_team() -> None:
    with time_machine.travel(t.at(24 * 120), tick=False):
        acme = t.team("acme")
        t.write(acme, t.page(t.pull_request()))
        kept_everything(acme)
        with tenant(acme.id):
            assert not Rollup.objects.exists()


def _lose_one(team: Team) -> None:
    with tenant(team.id):
        pull = PullRequest.objects.order_by("pk").first()
        if pull is not None:
            mark_gone("pull_request", pull.repository_id, [pull.node_id], now() + timedelta(days=1))
