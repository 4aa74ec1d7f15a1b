"""Who and what counts: the ground rules, each on rows few enough to see through."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.testing import actor, at, open_pull_request, page, repository, review, team, whole, write
from tformance.measures.answer import answer
from tformance.measures.coverage import Fetched, fetched
from tformance.measures.narrow import Unanswerable
from tformance.measures.query import Filters, Period, Query
from tformance.measures.tests.conftest import BERLIN, NOON, WEEK, Ask, Land, everyone, merged


def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two(land: Land, ask: Ask) -> None:
    land(*(merged(number, hours) for number, hours in enumerate((2, 4, 8, 100), start=1)))
    assert ask("cycle_time").total.value == 6
    assert ask("cycle_time", "mean").total.value == 28.5
    assert ask("cycle_time", "p75").total.value == 31


def test_missing_is_not_zero(land: Land, ask: Ask) -> None:
    reviewed = merged(1, 8, reviews=whole([review(1, submitted_at=at(3))]))
    land(reviewed, merged(2, 8), merged(3, 8))
    total = ask("review_time").total
    assert (total.value, total.n, total.missing) == (3, 1, 2)


def test_automation_is_left_out_unless_asked_for_and_agents_count(land: Land, ask: Ask) -> None:
    bot, agent = actor("dependabot", kind="bot"), actor("copilot-swe-agent", kind="bot")
    land(merged(1, 8), merged(2, 8, author=bot), merged(3, 8, author=agent), merged(4, 8, author=actor("abbott")))
    assert ask("merged_prs").total.value == 3
    assert ask("merged_prs", filters=everyone()).total.value == 4
    assert ask("ai_authored_share", "sum").total.value == 1


def test_what_is_gone_at_the_provider_counts_nowhere(land: Land, ask: Ask, acme: Team) -> None:
    land(merged(1, 8, reviews=whole([review(1)])), merged(2, 8))
    with tenant(acme.pk):
        PullRequest.objects.filter(number=1).update(gone_at=NOON)
    assert ask("merged_prs").total.value == 1
    assert ask("reviews_given").total.value == 0


def test_a_pull_request_belongs_to_the_day_it_was_merged_in_the_zone_of_the_team(land: Land, ask: Ask) -> None:
    last_instant_of_sunday = datetime(2026, 3, 8, 22, 59, 59, tzinfo=UTC)
    first_of_monday = datetime(2026, 3, 8, 23, tzinfo=UTC)
    for number, instant in enumerate((last_instant_of_sunday, first_of_monday), start=1):
        land(replace(merged(number, 1), merged_at=instant, closed_at=instant))
    assert ask("merged_prs").total.value == 1
    weeks = ask("merged_prs", period=Period.of_dates(date(2026, 3, 2), date(2026, 3, 16), BERLIN), every="week").rows
    assert [(row.day, row.value) for row in weeks] == [(date(2026, 3, 2), 1), (date(2026, 3, 9), 1)]


def test_nothing_happened_is_zero_for_counts_and_a_gap_for_durations(land: Land, ask: Ask) -> None:
    land(merged(1, 8), merged(2, 56))
    days = {"period": Period.of_dates(date(2026, 3, 2), date(2026, 3, 5), BERLIN), "every": "day"}
    assert [row.value for row in ask("merged_prs", **days).rows] == [1, 0, 1]
    assert [row.value for row in ask("cycle_time", **days).rows] == [8, None, 56]
    assert [row.value for row in ask("lines_added", **days).rows] == [20, 0, 20]


def test_before_anything_was_read_nothing_is_known(ask: Ask) -> None:
    total = ask("merged_prs").total
    assert (total.value, total.partial) == (None, True)
    assert ask("merged_prs").coverage.end is None


def test_a_repository_that_was_never_read_leaves_the_rest_incomplete(land: Land, ask: Ask, acme: Team) -> None:
    land(merged(1, 8))
    assert ask("merged_prs").coverage.complete
    write(acme, page(repository=repository("acme/other")))
    assert not ask("merged_prs").coverage.complete


def test_the_future_has_no_zeros_and_the_running_week_is_partial(land: Land, ask: Ask) -> None:
    land(merged(1, 8))
    period = Period.of_dates(date(2026, 3, 2), date(2026, 3, 23), BERLIN)
    rows = ask("merged_prs", period=period, every="week").rows
    assert [(row.value, row.partial) for row in rows] == [(1, False), (0, True), (None, True)]


def test_periods_are_compared_with_the_one_before_up_to_the_same_hour(land: Land, ask: Ask) -> None:
    land(merged(1, 8), merged(2, 200), merged(3, 26), merged(4, 27))
    period = Period.of_dates(date(2026, 3, 9), date(2026, 3, 16), BERLIN)
    result = ask("merged_prs", period=period, compare=True)
    assert result.total.value == 1
    assert result.previous_total.value == 2, "of last week only what was before Tuesday noon"


def test_a_series_is_compared_with_the_series_before(land: Land, ask: Ask) -> None:
    land(merged(1, 8), merged(2, 200), merged(3, 26), merged(4, 27))
    period = Period.of_dates(date(2026, 3, 9), date(2026, 3, 16), BERLIN)
    result = ask("merged_prs", period=period, every="day", compare=True)
    assert [row.value for row in result.rows] == [0, 1, None, None, None, None, None]
    assert [(row.day, row.value) for row in result.previous] == [(date(2026, 3, 2), 1), (date(2026, 3, 3), 1)]


def test_another_team_is_not_counted(land: Land, ask: Ask, acme: Team) -> None:
    other = team("other")
    land(merged(1, 8))
    land(merged(1, 8), merged(2, 8), team=other)
    assert ask("merged_prs").total.value == 1
    assert ask("merged_prs", team=other).total.value == 2


def test_keys_come_in_their_natural_order_with_their_names(land: Land, ask: Ask) -> None:
    files = {"additions": 0, "deletions": 0}
    land(
        merged(1, 8, author=actor("zoe"), **files), merged(2, 8, author=actor("bob")), merged(3, 9, author=actor("bob"))
    )
    rows = ask("merged_prs", by=("author",)).rows
    assert [(row.key[0].label, row.value) for row in rows] == [("bob", 2), ("zoe", 1)]
    (row,) = ask("merged_prs", by=("repository",)).rows
    assert row.key[0].label == "acme/shop"


def test_a_series_has_every_bucket_of_every_key(land: Land, ask: Ask) -> None:
    land(merged(1, 8, author=actor("zoe")), merged(2, 56, author=actor("bob")))
    period = Period.of_dates(date(2026, 3, 2), date(2026, 3, 5), BERLIN)
    rows = ask("merged_prs", period=period, by=("author",), every="day").rows
    assert [(row.key[0].label, row.value) for row in rows] == [
        *(("bob", value) for value in (0, 0, 1)),
        *(("zoe", value) for value in (1, 0, 0)),
    ]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (Query("velocity", "count", WEEK), "no measure"),
        (Query("merged_prs", "median", WEEK), "has no median"),
        (Query("merged_prs", "count", WEEK, by=("mood",)), "cannot be cut"),
        (Query("commits", "count", WEEK, by=("size",)), "cannot be cut"),
        (Query("commits", "count", WEEK, filters=Filters(sizes=("XS",))), "cannot be filtered"),
    ],
)
def test_what_no_measure_can_say_is_refused(query: Query, says: str, acme: Team) -> None:
    with tenant(acme.pk), pytest.raises(Unanswerable, match=says):
        answer([query])


def test_open_pull_requests_are_opened_and_not_merged(land: Land, ask: Ask) -> None:
    land(open_pull_request(1), merged(2, 8))
    assert ask("opened_prs").total.value == 2
    assert ask("merged_prs").total.value == 1


def test_the_coverage_says_how_far_the_data_reaches(land: Land, ask: Ask, acme: Team) -> None:
    land(merged(1, 8), merged(2, 9, files=None))
    coverage = ask("merged_prs").coverage
    assert (coverage.start, coverage.end) == (at(0), NOON)
    with tenant(acme.pk):
        assert fetched() == Fetched(pull_requests=2, fully=1)
    assert coverage.has_pull_requests
