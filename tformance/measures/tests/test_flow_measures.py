"""Measures of what is and is not merged, of answers and of what is taken back, each worked out by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from tformance.facts.testing import actor, at, comment, event, open_pull_request, review, whole
from tformance.measures.query import Filters, Period
from tformance.measures.survival import median_survival
from tformance.measures.tests.conftest import BERLIN, NOON, Ask, Land, everyone, merged


def closed(number: int, opened: float, ended: float, **fields: Any) -> Any:
    """Closed without a merge."""
    times = {"opened_at": at(opened), "updated_at": at(ended), "closed_at": at(ended)}
    return open_pull_request(number, state="closed", **times, **fields)


@pytest.mark.parametrize(
    ("happened", "not_yet", "median"),
    [
        ([], [], None),
        ([1, 2, 3], [], 2),
        ([1, 2, 3, 4], [], 2),
        ([5], [1, 1, 1], 5),  # the others were lost sight of before anything could happen
        ([1, 2], [9, 9, 9], None),  # three of five still open
        ([1, 3, 4], [2, 2], 3),  # 4/5 after 1, of the two left 4/5 x 1/2 after 3
        ([1, 1, 2], [2], 1),  # 1/2 are left after 1
        ([2, 3], [2, 9], 3),  # who is lost at 2 was still there when it happened at 2: 3/4, then 3/8
        ([0, 0], [7], 0),
    ],
)
def test_what_has_not_happened_counts_for_as_long_as_it_was_seen(
    happened: list[float], not_yet: list[float], median: float | None
) -> None:
    assert median_survival(happened, not_yet) == median


@pytest.mark.parametrize("many", range(2, 90, 2))
def test_without_anything_lost_half_is_half(many: int) -> None:
    assert median_survival(range(1, many + 1), ()) == many / 2


def test_unmerged_work_is_not_dropped_from_the_time_until_merged(land: Land, ask: Ask) -> None:
    land(
        merged(1, 10),
        merged(2, 20),
        closed(3, 0, 15),
        open_pull_request(4),
        merged(5, 8, author=actor("dependabot", kind="bot")),
    )
    # 3/4 after 10, one is closed at 15, then half of those: 3/8 after 20.
    total = ask("time_to_merge").total
    assert (total.value, total.n, total.missing) == (20, 4, 0)
    assert ask("cycle_time").total.value == 15, "of merged ones alone"
    land(*(open_pull_request(number) for number in range(6, 10)))
    assert ask("time_to_merge").total.value is None, "not half are merged"


def test_time_open_runs_until_closing_or_now(land: Land, ask: Ask, at_noon: time_machine.Traveller) -> None:
    land(merged(1, 10), closed(2, 0, 15), open_pull_request(3, opened_at=NOON - timedelta(hours=100)))
    total = ask("time_open").total
    assert (total.value, total.n) == (57.5, 2)
    at_noon.shift(timedelta(hours=10))
    assert ask("time_open").total.value == 62.5


def test_ready_to_merged_begins_when_the_draft_was_ready(land: Land, ask: Ask) -> None:
    ready = whole([event(1, kind="ready_for_review", occurred_at=at(3))])
    land(merged(1, 8, events=ready), merged(2, 9), merged(3, 30, events=None))
    total = ask("ready_to_merge").total
    assert (total.value, total.n, total.missing) == (7, 2, 1)  # of 5 and 9


def test_the_first_response_is_anybodys_but_the_authors(land: Land, ask: Ask) -> None:
    bot, ada = actor("coderabbitai", kind="bot"), actor("ada")
    land(
        merged(1, 8, reviews=whole([review(1, submitted_at=at(3))]), comments=whole([comment(1, created_at=at(2))])),
        merged(2, 8, reviews=whole([review(2, author=bot, submitted_at=at(1)), review(3, submitted_at=at(6))])),
        merged(3, 8, comments=whole([comment(3, author=ada, created_at=at(1)), comment(4, created_at=at(9))])),
        merged(4, 8, reviews=whole([review(4, state="pending", submitted_at=None), review(5, submitted_at=at(7))])),
    )
    total = ask("time_to_first_response").total
    assert (total.value, total.n, total.missing) == (2, 3, 1)  # of 2, 1 and 7
    assert ask("review_time").total.value == 6  # of 3, 6 and 7
    assert ask("time_to_first_bot_review").total.value == 1


def test_reviews_after_the_merge_are_told_apart(land: Land, ask: Ask) -> None:
    late = [review(1, submitted_at=at(3)), review(2, submitted_at=at(9))]
    land(merged(1, 8, reviews=whole(late)), open_pull_request(2, reviews=whole([review(3), review(4)])))
    total = ask("reviews_after_merge").total
    assert (total.value, total.n) == (0.25, 4)
    assert ask("reviews_after_merge", "sum").total.value == 1


def test_abandoned_is_what_was_closed_of_all_that_ended(land: Land, ask: Ask) -> None:
    land(
        merged(1, 8),
        merged(2, 9),
        merged(3, 30, opened=-100),
        closed(4, -100, 5),
        closed(5, -100, -50),
        open_pull_request(6),
    )
    total = ask("abandoned_share").total
    assert (total.value, total.rows) == (0.25, 4)
    assert [row.value for row in ask("abandoned_share", "sum", every="week").rows] == [1]


def test_a_revert_within_two_weeks_takes_back_and_what_is_younger_is_not_known(
    land: Land, ask: Ask, at_noon: time_machine.Traveller
) -> None:
    land(
        merged(1, 8),
        merged(2, 12, opened=9, body="Reverts acme/shop#1"),
        merged(3, 20),
        merged(4, 20 + 15 * 24, opened=20 + 14 * 24, body="Reverts acme/shop#3"),
    )
    total = ask("reverted_share").total
    assert (total.value, total.n, total.missing, total.partial) == (1, 1, 2, True)
    at_noon.shift(timedelta(days=21))
    land()
    total = ask("reverted_share").total
    assert (total.value, total.n, total.missing, total.partial) == (pytest.approx(1 / 3), 3, 0, False)
    assert ask("reverted_share", "sum").total.value == 1
    soon = ask("time_to_revert").total
    assert (soon.value, soon.n, soon.missing) == (4, 1, 2)


def test_weeks_that_may_still_change_are_marked(land: Land, ask: Ask) -> None:
    land(merged(1, 8), merged(2, -24 * 7, opened=-24 * 8), merged(3, -24 * 14, opened=-24 * 15))
    period = Period.of_dates(date(2026, 2, 16), date(2026, 3, 9), BERLIN)
    rows = ask("reverted_share", period=period, every="week").rows
    assert [(row.value, row.partial) for row in rows] == [(0, False), (0, True), (None, True)]
    assert [row.is_young for row in rows] == [False, True, True]
    assert [row.partial for row in ask("merged_prs", period=period, every="week").rows] == [False, False, False]


def test_active_people_count_once_and_agents_are_none(land: Land, ask: Ask) -> None:
    agent, ghost = actor("copilot-swe-agent", kind="bot"), actor("ghost", kind="ghost")
    bob, ann = actor("bob"), actor("ann")
    land(
        *(merged(number, number) for number in (1, 2, 3)),
        merged(4, 30, author=bob, reviews=whole([review(1, author=ann), review(2, author=ann), review(3)])),
        *(merged(number, 8, author=agent) for number in (5, 6)),
        merged(7, 8, author=ghost),
    )
    assert ask("merged_prs").total.value == 7
    assert ask("active_authors").total.value == 2
    per_author = ask("prs_per_author").total
    assert (per_author.value, per_author.n) == (2, 2)  # of 3 and 1
    assert ask("active_reviewers").total.value == 2
    days = ask("active_authors", every="day").rows
    assert [row.value for row in days] == [1, 1, 0, 0, 0, 0, 0]


def test_assisted_is_a_person_with_a_tool_and_an_agent_alone_is_not(land: Land, ask: Ask) -> None:
    from_agent = merged(2, 8, author=actor("copilot-swe-agent", kind="bot"))
    land(merged(1, 8, body="🤖 Generated with [Claude Code](https://claude.com/claude-code)"), from_agent, merged(3, 8))
    assert ask("ai_assisted_share", "sum").total.value == 1
    assert ask("ai_authored_share", "sum").total.value == 1
    assert ask("ai_marked_share", "sum").total.value == 2


def test_a_rate_by_week_counts_the_days_that_have_passed(land: Land, ask: Ask) -> None:
    land(*(merged(number, number) for number in range(1, 7)))
    three_days = Period.of_dates(date(2026, 3, 2), date(2026, 3, 5), BERLIN)
    assert ask("merged_prs", "per_week", period=three_days).total.value == 14
    assert ask("merged_prs", "per_week").total.value == 6
    running = Period.of_dates(date(2026, 3, 2), date(2026, 3, 16), BERLIN)
    passed = (NOON - running.start) / timedelta(days=1)
    assert ask("merged_prs", "per_week", period=running, filters=Filters()).total.value == pytest.approx(6 / passed * 7)
    assert ask("opened_prs", "per_week", filters=everyone()).total.value == 6
