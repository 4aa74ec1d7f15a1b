"""The database puts rows into the buckets that the periods have, in every zone and over clock changes."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tformance.facts.testing import open_pull_request
from tformance.measures.query import Period, truncate
from tformance.measures.shape import Grain
from tformance.measures.tests.conftest import Ask, Land

ZONES = ["Pacific/Honolulu", "America/Santiago", "UTC", "Europe/Berlin", "Asia/Beirut", "Pacific/Auckland"]
# Every five hours over both clock changes of 2025, and the turn of the year 2020 with its 53 ISO weeks.
INSTANTS = [
    start + timedelta(hours=5 * step)
    for start in (
        datetime(2020, 12, 28, tzinfo=UTC),
        datetime(2025, 3, 28, tzinfo=UTC),
        datetime(2025, 10, 24, tzinfo=UTC),
    )
    for step in range(30)
]


@pytest.fixture
def opened_all_the_time(land: Land) -> None:
    land(*(open_pull_request(number, opened_at=instant) for number, instant in enumerate(INSTANTS, start=1)))


@pytest.mark.parametrize("grain", ["day", "week", "month"])
@pytest.mark.parametrize("name", ZONES)
@pytest.mark.usefixtures("opened_all_the_time")
def test_every_row_is_in_the_bucket_of_its_local_day(name: str, grain: Grain, ask: Ask) -> None:
    zone = ZoneInfo(name)
    period = Period.of_dates(date(2020, 12, 1), date(2025, 12, 1), zone)
    found = {row.day: row.value for row in ask("opened_prs", period=period, every=grain).rows if row.value}
    assert found == Counter(truncate(instant.astimezone(zone).date(), grain) for instant in INSTANTS)


@pytest.mark.parametrize(
    "length", [timedelta(hours=1), timedelta(days=1), timedelta(days=3), timedelta(days=31), timedelta(days=396)]
)
@pytest.mark.usefixtures("opened_all_the_time")
def test_windows_that_follow_each_other_count_every_row_once(length: timedelta, ask: Ask) -> None:
    start = datetime(2025, 10, 24, tzinfo=UTC)
    windows = [
        Period(start + step * length, start + (step + 1) * length, ZoneInfo("Europe/Berlin")) for step in range(3)
    ]
    whole = Period(start, start + 3 * length, ZoneInfo("Europe/Berlin"))
    counts = [ask("opened_prs", period=window).total.value or 0 for window in windows]
    assert sum(counts) == ask("opened_prs", period=whole).total.value
    assert sum(counts) == sum(start <= instant < start + 3 * length for instant in INSTANTS)
