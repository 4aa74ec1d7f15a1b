"""The database counts and measures by the periods that are asked for, in every zone and over clock changes."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tformance.facts.records import PullRequestRecord
from tformance.facts.testing import pull_request
from tformance.measures.query import Period, truncate
from tformance.measures.shape import Grain
from tformance.measures.tests.conftest import Ask, Land

ZONES = ["Pacific/Honolulu", "America/Santiago", "UTC", "Europe/Berlin", "Asia/Beirut", "Pacific/Auckland"]
STEP = timedelta(hours=5)
# Every five hours over both clock changes of 2025, and the turn of the year 2020 with its 53 ISO weeks.
INSTANTS = [
    start + step * STEP
    for start in (
        datetime(2020, 12, 28, tzinfo=UTC),
        datetime(2025, 3, 28, tzinfo=UTC),
        datetime(2025, 10, 24, tzinfo=UTC),
    )
    for step in range(30)
]
# In the middle of what happened: a day of a change of clocks in Europe, each way, and one of the 53rd week.
DAYS = [date(2025, 3, 30), date(2025, 10, 26), date(2020, 12, 31)]
LENGTHS = {"1 hour": 1 / 24, "1 day": 1, "3 days": 3, "31 days": 31, "13 months": 396}


def took(number: int) -> int:
    """Hours from opening to merge."""
    return number % 7 + 1


def life(number: int, merged: datetime) -> PullRequestRecord:
    times = {"merged_at": merged, "closed_at": merged, "updated_at": merged}
    return pull_request(number, opened_at=merged - timedelta(hours=took(number)), **times)


@pytest.fixture
def merged_all_the_time(land: Land) -> None:
    land(*(life(number, instant) for number, instant in enumerate(INSTANTS)))


def hours_in(start: datetime, end: datetime) -> list[int]:
    return [took(number) for number, instant in enumerate(INSTANTS) if start <= instant < end]


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.usefixtures("merged_all_the_time")
def test_every_row_is_in_the_bucket_of_its_local_day(name: str, ask: Ask) -> None:
    zone = ZoneInfo(name)
    period = Period.of_dates(date(2020, 12, 1), date(2025, 12, 1), zone)
    for grain in get_args(Grain):
        days = [truncate(instant.astimezone(zone).date(), grain) for instant in INSTANTS]
        counts = {row.day: row.value for row in ask("merged_prs", period=period, every=grain).rows if row.value}
        assert counts == Counter(days)
        times = {row.day: row.value for row in ask("cycle_time", period=period, every=grain).rows if row.n}
        assert times == {
            day: median(took(number) for number, other in enumerate(days) if other == day) for day in set(days)
        }


def spans(first: date, days: float, zone: ZoneInfo) -> tuple[datetime, datetime, datetime]:
    """Where the period before begins, and the period begins and ends: an hour at two by the clock, days by midnights."""
    if days < 1:
        start = datetime.combine(first, time(2), zone).astimezone(UTC)
        return start - timedelta(hours=1), start, start + timedelta(hours=1)
    dates = (first - timedelta(days=days), first, first + timedelta(days=days))
    before, start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in dates)
    return before, start, end


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.usefixtures("merged_all_the_time")
def test_counts_times_and_rates_are_of_the_period_and_of_the_one_before(
    name: str, ask: Ask, at_noon: time_machine.Traveller
) -> None:
    at_noon.move_to(datetime(2027, 1, 1, tzinfo=UTC))  # when every one of these periods is over
    zone = ZoneInfo(name)
    for first in DAYS:
        for length, days in LENGTHS.items():
            before, start, end = spans(first, days, zone)
            now, earlier = hours_in(start, end), hours_in(before, start)
            period, case = Period(start, end, zone), (first, length)
            counts = ask("merged_prs", period=period, compare=True)
            assert (counts.total.value, counts.previous_total.value) == (len(now), len(earlier)), case
            times = ask("cycle_time", period=period, compare=True)
            assert times.total.value == (median(now) if now else None), case
            assert times.previous_total.value == (median(earlier) if earlier else None), case
            rate = ask("merged_prs", "per_week", period=period, compare=True)
            passed = [max((to - since) / timedelta(days=1), 1) for since, to in ((start, end), (before, start))]
            assert rate.total.value == pytest.approx(len(now) / passed[0] * 7), case
            assert rate.previous_total.value == pytest.approx(len(earlier) / passed[1] * 7), case


@pytest.mark.usefixtures("merged_all_the_time")
def test_windows_that_follow_each_other_count_every_row_once(ask: Ask) -> None:
    start, zone = datetime(2025, 10, 24, tzinfo=UTC), ZoneInfo("Europe/Berlin")
    for days in LENGTHS.values():
        length = timedelta(days=days)
        windows = [Period(start + step * length, start + (step + 1) * length, zone) for step in range(3)]
        whole = Period(start, start + 3 * length, zone)
        counts = [ask("merged_prs", period=window).total.value or 0 for window in windows]
        assert sum(counts) == ask("merged_prs", period=whole).total.value == len(hours_in(whole.start, whole.end))
