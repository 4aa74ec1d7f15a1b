"""From what was read to what is counted, for every measure and any pull requests."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts import testing
from tformance.facts.models.repository import Repository
from tformance.facts.records import RepositoryPage
from tformance.facts.testing import write
from tformance.measures.answer import answer
from tformance.measures.catalogue import MEASURES
from tformance.measures.narrow import Unanswerable
from tformance.measures.query import Filters, Query
from tformance.measures.tests.conftest import WEEK, Land
from tformance.measures.tests.histories import histories
from tformance.measures.tests.test_invariants import PERIOD, any_case, teams
from tformance.measures.waterfall import Waterfall, waterfall

FIRST = {measure.id: measure.statistics[0] for measure in MEASURES.values()}


def parts(found: Waterfall) -> list[int]:
    left_out = [found.other, found.automation, found.carried, found.filtered, found.unread, found.none]
    return [*left_out, found.counted]


@pytest.mark.django_db
@any_case
@given(history=histories(), automation=st.booleans(), narrowed=st.booleans())
def test_every_row_that_was_read_is_counted_or_left_out_for_one_reason(
    history: list[RepositoryPage], automation: bool, narrowed: bool
) -> None:
    with teams("acme") as (team,):
        write(team, *history)
        with tenant(team.pk):
            filters = Filters(automation=automation)
            if narrowed:
                filters = replace(filters, repositories=(*Repository.objects.values_list("pk", flat=True)[1:], 0))
            for measure in MEASURES.values():
                query = Query(measure.id, FIRST[measure.id], PERIOD, filters=filters)
                found, (result,) = waterfall(query), answer([query])
                assert sum(parts(found)) == found.read, measure.id
                assert min(parts(found)) >= 0, measure.id
                if measure.finish is None:
                    assert (found.counted, found.rows) == (result.total.n, result.total.rows), measure.id


def test_each_row_is_left_out_for_its_own_reason(acme: Team, land: Land) -> None:
    bot = testing.actor("dependabot[bot]", kind="bot")
    unread = testing.pull_request(4, opened_at=testing.at(1), reviews=None)
    land(
        testing.pull_request(1, reviews=testing.whole([testing.review(1)])),
        testing.pull_request(2, reviews=testing.whole()),
        testing.pull_request(3, author=bot),
        unread,
        testing.pull_request(5, title="Back-port", author=testing.actor("ann")),
    )
    assert explained(acme, "opened_prs") == {"read": 5, "automation": 1, "counted": 4}
    assert explained(acme, "pickup_time") == {"read": 5, "automation": 1, "unread": 1, "none": 2, "counted": 1}
    assert explained(acme, "pickup_time", automation=True) == {"read": 5, "unread": 1, "none": 3, "counted": 1}
    only = Filters(text="back")
    assert explained(acme, "merged_prs", only) == {"read": 5, "automation": 1, "filtered": 3, "counted": 1}


def test_files_that_nobody_wrote_are_read_and_not_counted(acme: Team, land: Land) -> None:
    files = testing.whole([testing.file("src/shop.py"), testing.file("package-lock.json")])
    land(testing.pull_request(1, files=files))
    assert explained(acme, "churn") == {"read": 2, "other": 1, "counted": 1}


def test_what_cannot_be_narrowed_so_has_no_waterfall(acme: Team) -> None:
    with tenant(acme.pk), pytest.raises(Unanswerable):
        waterfall(Query("deployment_frequency", "per_week", WEEK, filters=Filters(sizes=("M",))))


def explained(team: Team, measure: str, filters: Filters = Filters(), **changes: Any) -> dict[str, int]:  # noqa: B008
    """What is not zero of it."""
    with tenant(team.pk):
        found = waterfall(Query(measure, FIRST[measure], WEEK, filters=replace(filters, **changes)))
    return {name: count for name in Waterfall.__slots__ if (count := getattr(found, name))}
