"""Periods are half-open, made of whole days in the team's zone, and survive clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tformance.measures.query import Period, truncate
from tformance.measures.shape import Grain
from tformance.measures.tests.conftest import examples

ZONES = [
    ZoneInfo(name)
    for name in (
        "Pacific/Honolulu",
        "America/New_York",
        "America/Santiago",
        "UTC",
        "Europe/Berlin",
        "Asia/Kolkata",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
        "Pacific/Apia",
    )
]
DAYS = st.dates(date(2013, 6, 1), date(2030, 12, 31))
BERLIN = ZoneInfo("Europe/Berlin")


@given(
    zone=st.sampled_from(ZONES), first=DAYS, days=st.integers(1, 400), grain=st.sampled_from(["day", "week", "month"])
)
def test_buckets_follow_each_other_without_gap_or_overlap(zone: ZoneInfo, first: date, days: int, grain: str) -> None:
    period = Period.of_dates(first, first + timedelta(days=days), zone)
    buckets = list(period.buckets(grain))  # type: ignore[arg-type]
    assert buckets[0].start <= period.start < buckets[0].end
    assert buckets[-1].start < period.end <= buckets[-1].end
    assert all(one.end == next_one.start for one, next_one in pairwise(buckets))
    assert all(not bucket.partial for bucket in buckets[1:-1])
    if grain == "week":
        assert all(bucket.day.weekday() == 0 for bucket in buckets)


@given(zone=st.sampled_from(ZONES), first=DAYS, days=st.integers(1, 400))
def test_the_previous_period_has_as_many_days_and_ends_where_this_one_starts(
    zone: ZoneInfo, first: date, days: int
) -> None:
    period = Period.of_dates(first, first + timedelta(days=days), zone)
    previous = period.previous()
    assert previous.end == period.start
    assert previous.end_day - previous.first_day == timedelta(days=days)


@given(zone=st.sampled_from(ZONES), first=DAYS, days=st.integers(1, 400), hours=st.integers(1, 9600))
def test_what_has_not_happened_yet_is_not_compared(zone: ZoneInfo, first: date, days: int, hours: int) -> None:
    period = Period.of_dates(first, first + timedelta(days=days), zone)
    now = min(period.start + timedelta(hours=hours, minutes=20), period.end - timedelta(hours=1))
    previous = period.previous(now)
    assert previous.end <= period.start
    passed = period.start + max((now - period.start) // timedelta(hours=1), 1) * timedelta(hours=1)
    assert previous.end.astimezone(zone).date() == passed.astimezone(zone).date() - timedelta(days=days)
    assert period.previous(now + timedelta(minutes=10)) == previous or now + timedelta(minutes=10) >= period.end


@given(zone=st.sampled_from(ZONES), instant=st.datetimes(datetime(2012, 1, 2), datetime(2030, 1, 1)))  # noqa: DTZ001
def test_the_last_30_days_are_30_days_with_today(zone: ZoneInfo, instant: datetime) -> None:
    now = instant.replace(tzinfo=UTC)
    period = Period.last_days(30, zone, now)
    assert len(list(period.buckets("day"))) == 30
    assert period.start <= now < period.end


LENGTHS = {
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "3 days": timedelta(days=3),
    "31 days": timedelta(days=31),
    "13 months": timedelta(days=396),
}


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
@settings(max_examples=examples(60))
@given(zone=st.sampled_from(ZONES), start=st.datetimes(datetime(2019, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_a_period_of_any_length_is_made_of_its_buckets_in_every_zone(
    length: timedelta, zone: ZoneInfo, start: datetime
) -> None:
    began = start.replace(tzinfo=UTC)
    period = Period(began, began + length, zone)
    for grain in get_args(Grain):
        buckets = list(period.buckets(grain))
        covered = sum((min(each.end, period.end) - max(each.start, period.start) for each in buckets), timedelta())
        assert covered == length
        assert all(each.day == truncate(each.start.astimezone(zone).date(), grain) for each in buckets)
        whole = [each for each in buckets if not each.partial]
        assert all(period.start <= each.start and each.end <= period.end for each in whole)


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
@settings(max_examples=examples(60))
@given(zone=st.sampled_from(ZONES), start=st.datetimes(datetime(2019, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001
def test_a_period_and_the_one_before_touch_and_share_no_instant(
    length: timedelta, zone: ZoneInfo, start: datetime
) -> None:
    began = start.replace(tzinfo=UTC)
    period = Period(began, began + length, zone)
    previous = period.previous()
    assert previous.end == period.start
    if not period.is_whole_days:
        assert previous.end - previous.start == length


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Pacific/Honolulu", date(2026, 3, 8), 24),  # its clocks never change
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Santiago", date(2026, 9, 6), 23),  # at midnight, which is then no hour of the day
        ("America/Santiago", date(2026, 4, 5), 24),  # the hour before midnight comes twice, on the day before
        ("America/Santiago", date(2026, 4, 4), 25),
        ("Asia/Beirut", date(2026, 3, 29), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Pacific/Auckland", date(2026, 4, 5), 25),
        ("Pacific/Auckland", date(2026, 9, 27), 23),
    ],
)
def test_a_day_of_a_clock_change_is_one_day(zone: str, day: date, hours: float) -> None:
    (only,) = Period.of_dates(day, day + timedelta(days=1), ZoneInfo(zone)).buckets("day")
    assert (only.day, only.end - only.start, only.partial) == (day, timedelta(hours=hours), False)


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("monday", [date(2015, 12, 28), date(2020, 12, 28), date(2026, 12, 28)], ids=str)
def test_a_53rd_week_is_whole_in_every_zone(monday: date, zone: ZoneInfo) -> None:
    weeks = list(Period.of_dates(monday - timedelta(days=7), monday + timedelta(days=14), zone).buckets("week"))
    assert [week.day.isocalendar().week for week in weeks] == [52, 53, 1]
    assert not any(week.partial for week in weeks)


@pytest.mark.parametrize(
    ("monday", "hours"), [(date(2026, 3, 23), 167), (date(2026, 10, 19), 169), (date(2026, 6, 1), 168)]
)
def test_weeks_of_clock_changes_are_whole_weeks(monday: date, hours: int) -> None:
    (week,) = Period.of_dates(monday, monday + timedelta(days=7), BERLIN).buckets("week")
    assert week.end - week.start == timedelta(hours=hours)
    assert not week.partial


def test_a_year_may_have_53_iso_weeks() -> None:
    weeks = list(Period.of_dates(date(2026, 12, 28), date(2027, 1, 11), BERLIN).buckets("week"))
    assert [week.day.isocalendar()[:2] for week in weeks] == [(2026, 53), (2027, 1)]


def test_a_period_of_an_hour_is_compared_with_the_hour_before() -> None:
    start = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    hour = Period(start, start + timedelta(hours=1), BERLIN)
    assert hour.previous() == Period(start - timedelta(hours=1), start, BERLIN)
    assert [bucket.partial for bucket in hour.buckets("day")] == [True]


def test_a_running_bucket_is_partial_and_a_finished_one_is_not() -> None:
    period = Period.of_dates(date(2026, 3, 2), date(2026, 3, 16), BERLIN)
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert [bucket.partial for bucket in period.buckets("week", now)] == [False, True]


def test_instants_without_a_zone_and_empty_periods_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Period(datetime(2026, 1, 1), datetime(2026, 1, 2), BERLIN)  # noqa: DTZ001
    with pytest.raises(ValueError, match="ends after"):
        Period.of_dates(date(2026, 1, 2), date(2026, 1, 2), BERLIN)
