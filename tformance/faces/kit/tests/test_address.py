from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from tformance.faces.kit.address import BadAddress, View

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def read(query: str) -> View:
    return View.read(QueryDict(query), BERLIN, NOW)


def test_the_default_view_is_ninety_days_and_needs_no_query() -> None:
    view = read("")
    assert view.query == ""
    assert (view.period.first_day, view.period.end_day) == (date(2026, 8, 23), date(2026, 11, 21))
    assert view.filters.state == "merged"


def test_both_days_of_an_address_belong_to_the_period() -> None:
    view = read("from=2026-10-01&to=2026-10-31")
    assert (view.period.first_day, view.period.end_day) == (date(2026, 10, 1), date(2026, 11, 1))
    assert view.query == "?from=2026-10-01&to=2026-10-31"


texts = st.text(max_size=20).map(str.strip)
PARTS = {
    "period": st.sampled_from(["30d", "90d", "180d", "365d"]),
    "repository": st.integers(1, 10**12).map(str),
    "author": st.integers(1, 10**12).map(str),
    "ai": st.sampled_from(["yes", "no_evidence", "unknown"]),
    "size": st.sampled_from(["XS", "S", "M", "L", "XL"]),
    "state": st.sampled_from(["open", "merged", "closed", "all"]),
    "automation": st.sampled_from(["0", "1"]),
    "q": texts,
    "sort": st.sampled_from(["own", "-own", "size", "-opened", "cycle_time"]),
    "by": st.sampled_from(["own", "opened", "updated", "reviewed"]),
    "reviewer": st.integers(1, 10**12).map(str),
    "group": st.integers(1, 10**12).map(str) | st.just("unknown"),
    "reviewer_group": st.integers(1, 10**12).map(str) | st.just("unknown"),
}


@pytest.mark.parametrize("waiting", ["draft", "first_review", "sent_back", "in_review", "approved"])
def test_what_waits_is_open(waiting: str) -> None:
    view = read(f"waiting={waiting}")
    assert (view.filters.waiting, view.filters.state) == (waiting, "open")
    assert view.query == f"?state=open&waiting={waiting}"
    assert read(view.query[1:]) == view
    with pytest.raises(BadAddress):
        read(f"waiting={waiting}&state=merged")


@pytest.mark.parametrize("asked", ["ada", "."])
def test_who_is_asked_for_a_review_is_asked_for_an_open_one(asked: str) -> None:
    view = read(f"asked={asked.upper()}")
    assert (view.filters.asked, view.filters.state) == ((asked.strip("."),), "open")
    assert view.query == f"?state=open&asked={asked}"
    assert read(view.query[1:]) == view
    with pytest.raises(BadAddress):
        read(f"asked={asked}&state=all")


@given(st.fixed_dictionaries({}, optional=PARTS))
def test_an_address_reproduces_its_view(parts: dict[str, str]) -> None:
    params = QueryDict(mutable=True)
    params.update(parts)
    view = View.read(params, BERLIN, NOW)
    assert View.read(QueryDict(view.query.removeprefix("?")), BERLIN, NOW) == view


@pytest.mark.parametrize(
    "query",
    [
        "period=7w",
        "from=2026-01-01",
        "from=2026-02-01&to=2026-01-01",
        "size=XXL",
        "repository=api",
        "sort=name",
        "ai=no",
    ],
)
def test_an_address_that_means_nothing_is_refused_not_guessed(query: str) -> None:
    with pytest.raises(BadAddress):
        read(query)
