"""What holds for any pull requests: parts add up, others do not matter, time only shifts."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import get_args

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.records import PullRequestRecord
from tformance.facts.testing import actor, at, commit, event, file, open_pull_request, page, review, team, whole, write
from tformance.measures.answer import answer
from tformance.measures.detail import pull_request as one
from tformance.measures.query import Filters, Period, Query, Size, Verdict
from tformance.measures.result import Result
from tformance.measures.tests.conftest import BERLIN, merged

PERIOD = Period.of_dates(date(2026, 3, 2), date(2026, 3, 30), BERLIN)
TRAILER = "Change\n\nCo-authored-by: Claude <noreply@anthropic.com>"
PEOPLE = [actor("ada"), actor("bob"), actor("dependabot", kind="bot"), actor("copilot-swe-agent", kind="bot")]

any_case = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def histories(draw: st.DrawFn) -> list[PullRequestRecord]:
    return [draw(lives(number)) for number in range(1, draw(st.integers(0, 8)) + 1)]


@st.composite
def lives(draw: st.DrawFn, number: int) -> PullRequestRecord:
    """Anything that can happen to a pull request within some weeks."""
    opened = draw(st.integers(0, 700))
    hours = st.integers(opened - 30, opened + 300)
    children = {
        "author": draw(st.sampled_from(PEOPLE)),
        "commits": whole([commit(number, authored_at=at(draw(hours)), message=draw(st.sampled_from(["x", TRAILER])))]),
        "files": whole([file(additions=draw(st.sampled_from([1, 40, 150, 400, 900])))]),
        "events": whole([event(number, kind="ready_for_review", occurred_at=at(draw(hours)))]),
        "reviews": whole(
            [
                review(
                    number * 10 + key,
                    state=draw(st.sampled_from(["approved", "commented"])),
                    submitted_at=at(draw(hours)),
                )
                for key in range(draw(st.integers(0, 3)))
            ]
        ),
    }
    if draw(st.booleans()):
        return merged(number, draw(st.integers(opened, opened + 300)), opened=opened, **children)
    return open_pull_request(number, opened_at=at(opened), updated_at=at(opened + 300), **children)


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


def numbers(results: list[Result]) -> list[object]:
    return [
        [(tuple(key.label for key in row.key), row.value, row.n, row.missing) for row in result.rows]
        for result in results
    ]


@pytest.mark.django_db
@any_case
@given(history=histories())
def test_parts_add_up_to_the_whole(history: list[PullRequestRecord]) -> None:
    with teams("acme") as (acme,):
        write(acme, page(*history))
        verdicts = [Filters(ai=(verdict,)) for verdict in get_args(Verdict)]
        sizes = [Filters(sizes=(size,)) for size in get_args(Size)]
        whole_count, *parts = [
            result.total.value or 0
            for result in asked(
                acme,
                *(Query("merged_prs", "count", PERIOD, filters=chosen) for chosen in (Filters(), *verdicts, *sizes)),
            )
        ]
        assert sum(parts[:3]) == whole_count
        assert sum(parts[3:]) == whole_count
        for name in ("author", "ai", "size", "repository"):
            (cut,) = asked(acme, Query("merged_prs", "count", PERIOD, by=(name,)))
            assert sum(row.value or 0 for row in cut.rows) == whole_count
        for grain in ("day", "week", "month"):
            (series,) = asked(acme, Query("merged_prs", "count", PERIOD, every=grain))
            assert sum(row.value or 0 for row in series.rows) == whole_count


@pytest.mark.django_db
@any_case
@given(history=histories(), foreign=histories())
def test_another_team_and_another_repository_change_nothing(
    history: list[PullRequestRecord], foreign: list[PullRequestRecord]
) -> None:
    with teams("acme", "other") as (acme, other):
        write(acme, page(*history))
        repository = page().repository
        with tenant(acme.pk):
            (cut,) = answer(
                [Query("merged_prs", "count", PERIOD, by=("repository",), filters=Filters(automation=True))]
            )
        ours = Filters(repositories=tuple(int(row.key[0].id or 0) for row in cut.rows) or (0,))
        queries = [
            Query("merged_prs", "count", PERIOD, filters=ours),
            Query("cycle_time", "median", PERIOD, by=("author",), filters=ours),
            Query("reviews_given", "count", PERIOD, every="week", filters=ours),
        ]
        before = numbers(asked(acme, *queries))
        elsewhere = replace(repository, provider_id=5, node_id="R_5", full_name="acme/elsewhere")
        moved = [replace(record, provider_id=record.provider_id + 500, reviews=None, events=None) for record in foreign]
        write(other, page(*foreign))
        write(acme, page(*moved, repository=elsewhere))
        assert numbers(asked(acme, *queries)) == before


@pytest.mark.django_db
@any_case
@given(history=histories(), weeks=st.integers(1, 2))
def test_shifting_everything_by_weeks_shifts_the_results_only(history: list[PullRequestRecord], weeks: int) -> None:
    """Within one half of the year: across a clock change a local hour is another one."""
    shift = timedelta(weeks=weeks)
    early = Period.of_dates(date(2025, 12, 1), date(2025, 12, 29), BERLIN)
    late = Period.of_dates(date(2025, 12, 1) + shift, date(2025, 12, 29) + shift, BERLIN)
    start = datetime(2025, 12, 1, tzinfo=UTC) - datetime(2026, 3, 2, tzinfo=UTC)
    with teams("early", "late") as (first, second):
        write(first, page(*(_shifted(record, start) for record in history)))
        write(second, page(*(_shifted(record, start + shift) for record in history)))
        for measure, statistic in (("merged_prs", "count"), ("cycle_time", "median"), ("lead_time", "p90")):
            one_time = asked(first, Query(measure, statistic, early, every="week"))  # type: ignore[arg-type]
            other_time = asked(second, Query(measure, statistic, late, every="week"))  # type: ignore[arg-type]
            assert numbers(one_time) == numbers(other_time)


def _shifted(record: PullRequestRecord, by: timedelta) -> PullRequestRecord:
    """The same life at another time."""

    def moved(value: object) -> object:
        if isinstance(value, datetime):
            return value + by
        if isinstance(value, tuple):
            return tuple(moved(item) for item in value)
        if hasattr(value, "__dataclass_fields__"):
            return replace(value, **{name: moved(getattr(value, name)) for name in value.__dataclass_fields__})  # type: ignore[type-var]
        return value

    return moved(record)  # type: ignore[return-value]


@pytest.mark.django_db
@any_case
@given(history=histories())
def test_the_phases_of_a_pull_request_add_up_to_its_lead_time(history: list[PullRequestRecord]) -> None:
    with teams("acme") as (acme,):
        write(acme, page(*history))
        with tenant(acme.pk):
            for record in history:
                detail = one("acme/shop", record.number)
                assert detail is not None
                phases = detail.phases
                parts = (phases.coding, phases.draft, phases.pickup, phases.review, phases.merge)
                known = [part for part in parts if part is not None]
                assert all(part >= 0 for part in known)
                if len(known) == len(parts):
                    assert sum(known) == pytest.approx(phases.lead_time)
