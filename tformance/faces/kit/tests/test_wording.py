from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tformance.faces.kit import wording
from tformance.faces.kit.wording import Compared
from tformance.measures.query import Period
from tformance.measures.result import Row


def row(value: float | None, n: int = 400, missing: int = 0) -> Row:
    return Row(key=(), day=None, start=None, value=value, n=n, missing=missing)


def hours(now: float | None, before: float | None, n: int = 400, spread: float = 2.0) -> Compared:
    upper = [None if value is None else value * spread for value in (now, before)]
    return Compared(row(now, n), row(before, n), row(upper[0], n), row(upper[1], n))


def said(compared: Compared) -> str:
    return wording.median_change(compared, "hours", "lower").text.replace("\u202f", " ")


def test_lower_is_better_is_said_in_words() -> None:
    assert said(hours(30, 60)) == "50 % shorter, better"
    assert said(hours(9, 6)) == "50 % longer, worse"
    assert wording.median_change(hours(9, 6), "hours", "lower").tone == "worse"


def test_nothing_is_compared_under_ten_on_either_side() -> None:
    for compared in (hours(30, 60, n=9), Compared(row(30), row(60, 9), row(60), row(120, 9))):
        change = wording.median_change(compared, "hours", "lower")
        assert change.text == "not enough data to compare"
        assert change.beyond_noise is None
        assert change.tone == ""


def test_what_may_still_change_is_not_compared_with_what_is_settled() -> None:
    young = replace(row(0.02), partial=True, is_young=True)
    assert wording.rate_change(young, row(0.5), "lower").text == "too recent to compare: it may still change"
    assert wording.count_change(young, row(400)).beyond_noise is None
    assert wording.pace_change(young, row(400)).beyond_noise is None
    compared = Compared(young, row(1), row(2), row(2))
    assert wording.median_change(compared, "hours", "lower").text.startswith("too recent")


def test_every_kind_of_number_needs_ten_on_both_sides() -> None:
    for few in (9, 1, 0):
        for now, before in ((row(0.5, few), row(0.1)), (row(0.5), row(0.1, few))):
            assert wording.rate_change(now, before, "lower").text == "not enough data to compare"
            assert wording.pace_change(now, before).text == "not enough data to compare"
        assert wording.count_change(row(few), row(400)).text == "not enough data to compare"
    assert wording.rate_change(row(0.9, 10), row(0.1, 10), "lower").tone == "worse"


@pytest.mark.parametrize("ratio", [0.80, 0.84, 1.16, 1.3])
def test_about_as_long_is_never_said_outside_the_band(ratio: float) -> None:
    assert said(hours(10 * ratio, 10, n=12)) == "no change we can detect"


@pytest.mark.parametrize("ratio", [0.86, 1.0, 1.14])
def test_about_as_long_inside_the_band(ratio: float) -> None:
    assert said(hours(10 * ratio, 10, n=12)) == "about as long"


def test_noise_is_never_amber() -> None:
    assert wording.median_change(hours(14, 10, n=12), "hours", "lower").tone == ""


@pytest.mark.parametrize(("ratio", "words"), [(1.02, "about as long"), (1.05, "5 % longer, worse")])
def test_what_is_not_known_exactly_is_no_change(ratio: float, words: str) -> None:
    """Two medians that are each known to within 1 % may differ by 2 % though nothing moved."""
    compared = hours(10 * ratio, 10, n=100_000)
    known = replace(
        compared, now=replace(compared.now, approximate=True), before=replace(compared.before, approximate=True)
    )
    assert said(known) == words
    assert said(compared) != "about as long"


def test_what_is_not_known_exactly_has_its_sign_and_no_tenths() -> None:
    assert wording.row_text(replace(row(175.6), approximate=True), "lines").replace("\u00a0", " ") == "≈ 176 lines"
    assert wording.row_text(row(175.5), "lines").replace("\u00a0", " ") == "175.5 lines"


def test_counts_change_by_what_they_are() -> None:
    assert wording.count_change(row(742), row(691)).text.replace("\u202f", " ") == "7 % more"
    assert wording.count_change(row(742), row(3)).text == "not enough data to compare"


def overview(cycle: Compared, pickup: Compared, merged: int = 742) -> str:
    phrases, *_ = wording.overview_sentence(row(merged), cycle, pickup, "in the last 90 days", "in the 90 days before")
    return "".join(phrase.text for phrase in phrases).replace("\u202f", " ").replace("\u00a0", " ")


def test_the_overview_answers_in_one_sentence_and_points_at_what_needs_attention() -> None:
    assert overview(hours(36, 48), hours(9, 6)) == (
        "Half of the 742 pull requests merged in the last 90 days were open for less than 1.5 d, 25 % shorter than "
        "in the 90 days before. But a first review took 9 h, 50 % longer."
    )
    phrases, *_ = wording.overview_sentence(row(742), hours(36, 48), hours(9, 6), "now", "before")
    assert [phrase.mark for phrase in phrases if phrase.mark] == ["m", "m w"]


def test_the_overview_claims_nothing_from_a_handful() -> None:
    assert overview(hours(36, 48, n=4), hours(9, 6, n=4), merged=4) == (
        "Only 4 pull requests were merged in the last 90 days: too few to say how long one takes."
    )
    assert overview(hours(None, None), hours(None, None), merged=0) == "Nothing was merged in the last 90 days."


def test_a_period_is_named_or_dated() -> None:
    zone, now = ZoneInfo("UTC"), datetime(2026, 11, 20, tzinfo=UTC)
    period = Period.last_days(90, zone, now)
    assert wording.period_words(period, "90d") == "in the last 90 days"
    chosen = Period.of_dates(now.date() - timedelta(days=10), now.date(), zone)
    assert wording.period_words(chosen, None).replace("\u00a0", " ") == "from 10 Nov to 19 Nov"
