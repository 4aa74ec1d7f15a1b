"""A question in whole minutes of somebody's wall clock never leaves out what is meant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.sources.contract import Window
from tformance.sources.jira.windows import question

ZONES = ("Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
instants = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 made aware


def bounds(query: str, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The instants that each wall time in the query may mean."""
    walls = [datetime.fromisoformat(text) for text in query.split('"')[1::2]]
    return [
        (wall.replace(tzinfo=zone).astimezone(UTC), wall.replace(tzinfo=zone, fold=1).astimezone(UTC)) for wall in walls
    ]


@given(since=instants, length=st.timedeltas(timedelta(0), timedelta(days=40)), name=st.sampled_from(ZONES))
def test_whichever_hour_is_meant_the_question_holds_the_window(since: datetime, length: timedelta, name: str) -> None:
    zone = ZoneInfo(name)
    start, end = bounds(question("10001", Window(since, since + length), zone), zone)
    assert max(start) <= since
    assert min(end) >= since + length
    assert since - min(start) < timedelta(hours=2, minutes=2)


def test_the_oldest_change_comes_first() -> None:
    assert question("10001", Window(), ZoneInfo("UTC")) == "project = 10001 ORDER BY updated ASC, key ASC"


@pytest.mark.parametrize(("name", "wall"), [("Pacific/Auckland", "2026-03-11 01:00"), ("UTC", "2026-03-10 12:00")])
def test_times_are_those_of_the_asking_account(name: str, wall: str) -> None:
    noon = datetime(2026, 3, 10, 12, 0, 30, tzinfo=UTC)
    assert f'updated >= "{wall}"' in question("1", Window(since=noon), ZoneInfo(name))
