"""What holds for any pull requests and every measure: parts add up, others do not matter, time only shifts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.repository import Repository
from tformance.facts.records import RepositoryPage
from tformance.facts.testing import team, write
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.detail import pull_request as one
from tformance.measures.dimensions import DIMENSIONS
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Result
from tformance.measures.shape import ADDITIVE, Grain, Measure
from tformance.measures.tests.conftest import BERLIN, NOON, examples
from tformance.measures.tests.histories import again, histories, later

PERIOD = Period.of_dates(date(2026, 3, 2), date(2026, 3, 30), BERLIN)
EVERYTHING = [(measure.id, statistic) for measure in MEASURES.values() for statistic in measure.statistics]
ADDED_UP = [(name, statistic) for name, statistic in EVERYTHING if statistic in ("count", "sum")]
SEVERAL = {"label", "category", "reviewer"}  # of which a pull request may have more than one
# Of twice as much twice the number, though the statistic does not say so.
TWICE = {("prs_per_author", "median"), ("touching_prs", "distinct"), ("unlinked_deployments", "sum")}

any_case = settings(
    max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@contextmanager
def teams(*slugs: str) -> Iterator[list[Team]]:
    """Teams that are forgotten afterwards."""
    cache.clear()
    with transaction.atomic():
        yield [team(slug, zone="Europe/Berlin") for slug in slugs]
        transaction.set_rollback(True)


def asked(team: Team, *queries: Query) -> list[Result]:
    with tenant(team.pk):
        return answer(queries)


def numbers(results: list[Result]) -> dict[tuple[str, str], object]:
    return {
        (result.measure.id, result.query.statistic): [
            (tuple(key.label for key in row.key), _rounded(row.value), row.n, row.missing) for row in result.rows
        ]
        for result in results
    }


def _rounded(value: float | None) -> float | None:
    """Sums in another order differ in the last digits."""
    return None if value is None else round(value, 9)


def everything(period: Period = PERIOD, filters: Filters = Filters(), every: Grain | None = None) -> list[Query]:  # noqa: B008
    """Every statistic of every measure."""
    return [Query(name, statistic, period, filters=filters, every=every) for name, statistic in EVERYTHING]


def single(measure: Measure) -> list[str]:
    """The dimensions of which a row has one value at most."""
    known = measure.rows.columns
    return [name for name in DIMENSIONS if name in known and (name not in SEVERAL or isinstance(known[name], str))]


def cuts(name: str, statistic: Any) -> list[Query]:
    """The whole, and the same by every dimension and by time."""
    return [
        Query(name, statistic, PERIOD),
        *(Query(name, statistic, PERIOD, by=(cut,)) for cut in single(MEASURES[name])),
        *(Query(name, statistic, PERIOD, every=grain) for grain in get_args(Grain)),
    ]


@pytest.mark.django_db
@any_case
@given(history=histories())
def test_parts_add_up_to_the_whole(history: list[RepositoryPage]) -> None:
    """By every dimension and by time, whatever is counted or summed."""
    with teams("acme") as (acme,):
        write(acme, *history)
        told = asked(acme, *(query for name, statistic in ADDED_UP for query in cuts(name, statistic)))
    wholes = {
        (one.measure.id, one.query.statistic): one.total for one in told if not one.query.by and not one.query.every
    }
    assert len(wholes) == len(ADDED_UP)
    for part in told:
        whole, case = wholes[part.measure.id, part.query.statistic], (part.measure.id, part.query)
        assert sum(row.rows for row in part.rows) == whole.rows, case
        assert sum(row.value or 0 for row in part.rows) == pytest.approx(whole.value or 0), case


@pytest.mark.django_db
@any_case
@given(history=histories(), foreign=histories())
def test_another_team_and_another_repository_change_nothing(
    history: list[RepositoryPage], foreign: list[RepositoryPage]
) -> None:
    with teams("acme", "other") as (acme, other):
        write(acme, *history)
        with tenant(acme.pk):
            ours = Filters(repositories=tuple(Repository.objects.values_list("pk", flat=True)) or (0,))
        before = numbers(asked(acme, *everything(filters=ours)))
        write(other, *foreign)
        write(acme, *again(foreign, "acme/elsewhere"))
        assert numbers(asked(acme, *everything(filters=ours))) == before


@pytest.mark.django_db
@any_case
@given(history=histories(), order=st.randoms(use_true_random=False))
def test_in_whatever_order_and_however_often_it_is_read_the_numbers_are_the_same(
    history: list[RepositoryPage], order: Any
) -> None:
    with teams("at-once", "bit-by-bit") as (first, second):
        write(first, *history)
        shuffled = [*history, *history]
        order.shuffle(shuffled)
        write(second, *shuffled)
        assert numbers(asked(second, *everything())) == numbers(asked(first, *everything()))


@pytest.mark.django_db
@any_case
@given(history=histories(), weeks=st.integers(1, 2))
def test_shifting_everything_by_weeks_shifts_the_results_only(history: list[RepositoryPage], weeks: int) -> None:
    """Within one half of the year: across a clock change a local hour is another one."""
    shift = timedelta(weeks=weeks)
    start = datetime(2025, 12, 1, tzinfo=UTC) - datetime(2026, 3, 2, tzinfo=UTC)
    early = Period.of_dates(date(2025, 12, 1), date(2025, 12, 29), BERLIN)
    late = Period.of_dates(date(2025, 12, 1) + shift, date(2025, 12, 29) + shift, BERLIN)
    with teams("early", "late") as (first, second):
        told = []
        for which, by, period in ((first, start, early), (second, start + shift, late)):
            write(which, *(later(each, by) for each in history))
            with time_machine.travel(NOON + timedelta(weeks=8) + by, tick=False):
                told.append([numbers(asked(which, *everything(period, every=every))) for every in (None, "week")])
        assert told[0] == told[1]


@pytest.mark.django_db
@any_case
@given(history=histories())
def test_twice_as_much_of_the_same_leaves_what_is_typical_as_it_was(history: list[RepositoryPage]) -> None:
    with teams("once", "twice") as (once, twice):
        write(once, *history)
        write(twice, *history, *again(history, "acme/copy"))
        for before, after in zip(asked(once, *everything()), asked(twice, *everything()), strict=True):
            case = before.measure.id, before.query.statistic
            if case[1] in ("p75", "p85", "p90"):
                continue  # lie between two values, which are nearer to each other now
            is_twice = case in TWICE or (case[1] in ADDITIVE and case[1] != "distinct")
            expected = None if before.total.value is None else before.total.value * (2 if is_twice else 1)
            assert after.total.value == (None if expected is None else pytest.approx(expected)), case


@pytest.mark.django_db
@any_case
@given(history=histories())
def test_the_phases_of_a_pull_request_add_up_to_its_lead_time(history: list[RepositoryPage]) -> None:
    with teams("acme") as (acme,):
        write(acme, *history)
        with tenant(acme.pk):
            for record in (record for each in history for record in each.pull_requests):
                detail = one("acme/shop", record.number)
                assert detail is not None
                phases = detail.phases
                parts = (phases.coding, phases.draft, phases.pickup, phases.review, phases.merge)
                known = [part for part in parts if part is not None]
                assert all(part >= 0 for part in known)
                if len(known) == len(parts):
                    assert sum(known) == pytest.approx(phases.lead_time)
