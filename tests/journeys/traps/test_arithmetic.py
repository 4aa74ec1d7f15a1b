from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.journeys.traps.asked import Asked
from tests.journeys.traps.stage import at
from tformance.core.clock import now
from tformance.measures.catalogue import MEASURES
from tformance.measures.query import Period

UTC_ZONE = ZoneInfo("UTC")
MARCH = Period.of_dates(date(2026, 3, 2), date(2026, 3, 23), UTC_ZONE)


def test_a_typical_time_is_the_middle_one_whatever_the_slowest_took(asked: Asked) -> None:
    assert asked.value("skewed", "cycle_time") == 5  # of 2, 4, 6, 1000: between the middle two
    assert asked.value("skewed", "cycle_time", "p75") == 6 + (1000 - 6) / 4
    assert asked.value("skewed", "cycle_time", "mean") == 253


def test_stages_add_up_for_each_pull_request_and_their_medians_need_not(asked: Asked) -> None:
    for number in (1, 2, 3):
        pull = asked.pull("stages", number)
        phases = ("coding_phase", "draft_phase", "pickup_phase", "review_phase", "merge_phase")
        assert sum(getattr(pull, f"{phase}_hours") for phase in phases) == pull.lead_time_hours == 11
    assert asked.value("stages", "pickup_time") == 5
    assert asked.value("stages", "review_phase") == 5
    assert asked.value("stages", "lead_time") == 11


def test_a_stage_that_did_not_happen_is_no_zero(asked: Asked) -> None:
    waited, whole = (asked.measure("stages", name, "median") for name in ("pickup_time", "lead_time"))
    assert (waited.n, waited.missing) == (3, 1)
    assert (whole.n, whole.missing) == (4, 0)


def test_a_number_over_weeks_is_made_of_rows_not_of_the_weeks_numbers(asked: Asked) -> None:
    weeks = asked.result("uneven-weeks", "cycle_time", "median", MARCH, every="week").rows
    assert [row.value for row in weeks] == [100, 2, None]
    assert asked.value("uneven-weeks", "cycle_time") == 2
    assert asked.value("uneven-weeks", "cycle_time", "mean") == 106 / 4


def test_in_an_empty_week_nothing_was_merged_and_no_time_was_taken(asked: Asked) -> None:
    counts = asked.result("quiet", "merged_prs", "count", MARCH, every="week").rows
    times = asked.result("quiet", "cycle_time", "median", MARCH, every="week").rows
    assert [row.value for row in counts] == [1, 0, 1]
    assert [row.value for row in times] == [5, None, 5]


def test_unmerged_work_counts_in_how_long_merging_takes(asked: Asked) -> None:
    assert asked.value("unmerged", "cycle_time") == 15
    survival = asked.measure("unmerged", "time_to_merge", "median")
    assert (survival.value, survival.n) == (20, 4)
    assert asked.value("unmerged", "abandoned_share", "share") == pytest.approx(1 / 3)


def test_what_is_too_young_to_be_judged_is_missing_and_marked(asked: Asked) -> None:
    row = asked.measure("young", "reverted_share", "rate")
    assert (row.value, row.n, row.missing, row.partial) == (0, 1, 1, True)
    old = asked.result("young", "reverted_share", "rate", MARCH).total
    assert (old.value, old.n, old.missing, old.partial) == (0, 1, 0, False)


def test_what_is_finished_counts_when_it_was_and_what_is_begun_when_it_was(asked: Asked) -> None:
    counts = {
        name: [row.value for row in asked.result("slow-start", name, "count", MARCH, every="week").rows]
        for name in ("opened_prs", "merged_prs")
    }
    assert counts == {"opened_prs": [1, 0, 0], "merged_prs": [0, 1, 0]}


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(hours=1), [1, 1]),
        (timedelta(days=1), [1, 2]),
        (timedelta(days=3), [1, 2]),
        (timedelta(days=31), [1, 2]),
        (timedelta(days=395), [1, 2]),
    ],
    ids=str,
)
def test_an_instant_on_the_border_of_two_windows_is_in_the_later_one(
    length: timedelta, expected: list[int], asked: Asked
) -> None:
    midnight = datetime(2026, 3, 4, tzinfo=UTC)
    windows = [Period(midnight - length, midnight, UTC_ZONE), Period(midnight, midnight + length, UTC_ZONE)]
    assert [asked.result("borders", "merged_prs", "count", window).total.value for window in windows] == expected
    assert windows[1].previous() == windows[0], "and the one before ends where it starts"


def test_a_running_period_is_compared_with_as_much_of_the_one_before(asked: Asked) -> None:
    """The tests' hours were counted from some minutes ago, which whole hours forgive."""
    half = timedelta(hours=84)
    period = Period(now() - half, now() + half, UTC_ZONE)
    result = asked.result("running", "merged_prs", "count", period, compare=True)
    assert (result.total.value, result.previous_total.value) == (1, 1)


@pytest.mark.parametrize(
    ("zone", "days"),
    [("Pacific/Auckland", [1, 1]), ("UTC", [2, 0]), ("Pacific/Honolulu", [2, 0])],
)
def test_a_day_is_the_day_of_the_zone(zone: str, days: list[int], asked: Asked) -> None:
    period = Period.of_dates(date(2026, 3, 2), date(2026, 3, 4), ZoneInfo(zone))
    counts = [row.value for row in asked.result("zones", "merged_prs", "count", period, every="day").rows]
    assert counts == days


def test_a_week_that_lies_in_two_years_is_one_week(asked: Asked) -> None:
    period = Period.of_dates(date(2020, 12, 21), date(2021, 1, 11), UTC_ZONE)
    weeks = asked.result("zones", "merged_prs", "count", period, every="week").rows
    assert [(row.day, row.value) for row in weeks if row.value] == [(date(2020, 12, 28), 2)]
    assert date(2020, 12, 28).isocalendar().week == 53


def test_the_hour_that_comes_twice_is_two_hours(asked: Asked) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    day = Period.of_dates(date(2025, 10, 26), date(2025, 10, 27), berlin)
    assert day.end - day.start == timedelta(hours=25)
    assert asked.result("zones", "merged_prs", "count", day).total.value == 2
    two = datetime(2025, 10, 26, 2, tzinfo=berlin)
    first = Period(two, two.astimezone(UTC) + timedelta(hours=1), berlin)
    assert asked.result("zones", "merged_prs", "count", first).total.value == 1


def test_times_are_by_the_clock_on_the_wall_and_say_so(asked: Asked) -> None:
    assert asked.value("weekend", "cycle_time") == 64
    assert "nights and weekends included" in MEASURES["cycle_time"].notes


def test_a_person_counts_once_however_many_parts_they_are_in(asked: Asked) -> None:
    both = asked.everywhere("in-both-1", "in-both-2", measure="active_authors", statistic="distinct")
    parts = asked.everywhere(
        "in-both-1", "in-both-2", measure="active_authors", statistic="distinct", by=("repository",)
    )
    assert both.total.value == 2
    assert sorted(row.value or 0 for row in parts.rows) == [1, 2]
    reviewers = asked.everywhere("in-both-1", "in-both-2", measure="active_reviewers", statistic="distinct")
    assert reviewers.total.value == 1


def test_who_did_nothing_in_the_period_is_in_no_denominator(asked: Asked) -> None:
    before = Period(at(-1), at(1), UTC_ZONE)
    assert asked.measure("in-both-1", "prs_per_author", "median").n == 2
    assert asked.result("in-both-1", "prs_per_author", "median", before).total.n == 0


def test_a_rate_is_by_the_days_of_its_window(asked: Asked) -> None:
    three_days = Period.of_dates(date(2026, 3, 2), date(2026, 3, 5), UTC_ZONE)
    rate = asked.result("borders", "merged_prs", "per_week", three_days).total
    assert rate.value == pytest.approx(3 / 3 * 7)
    day = Period.of_dates(date(2026, 3, 3), date(2026, 3, 4), UTC_ZONE)
    assert asked.result("borders", "merged_prs", "per_week", day).total.value == 7


def test_the_same_commit_in_a_repository_and_its_mirror_is_one_commit(asked: Asked) -> None:
    assert asked.everywhere("mirrored", "mirror", measure="commits", statistic="count").total.value == 1


@pytest.mark.parametrize(
    "filters",
    [{}, {"labels": ("urgent",)}, {"base_branches": ("next",)}, {"labels": ("urgent",), "base_branches": ("next",)}],
    ids=str,
)
def test_a_filter_never_lets_in_what_another_one_keeps_out(filters: dict[str, tuple[str, ...]], asked: Asked) -> None:
    assert asked.value("neighbour-1", "merged_prs", "count", **filters) == 2
    assert asked.value("neighbour-2", "merged_prs", "count", **filters) == 3
    assert asked.value("neighbour-1", "merged_prs", "count", labels=("elsewhere",)) == 0


def test_why_there_is_nothing_is_known(asked: Asked) -> None:
    long_ago = Period.of_dates(date(2015, 1, 1), date(2015, 2, 1), UTC_ZONE)
    nothing_happened = asked.result("quiet", "merged_prs", "count", long_ago)
    assert (nothing_happened.total.value, nothing_happened.coverage.complete) == (0, True)
    left_out = asked.result("quiet", "merged_prs", "count", MARCH, text="no such words")
    assert (left_out.total.value, left_out.coverage.has_pull_requests) == (0, True)
    tomorrow = Period(now() + timedelta(days=2), now() + timedelta(days=3), UTC_ZONE)
    not_yet = asked.result("quiet", "merged_prs", "count", tomorrow)
    assert (not_yet.total.value, not_yet.total.partial) == (None, True)
