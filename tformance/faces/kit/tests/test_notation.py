from datetime import UTC, date, datetime, timedelta

import pytest

from tformance.faces.kit import notation


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.005, "under 1 min"),
        (0.5, "30 min"),
        (0.999, "1 h"),
        (1, "1 h"),
        (6.5, "6.5 h"),
        (9.96, "10 h"),
        (22.3, "22 h"),
        (36, "1.5 d"),
        (60, "2.5 d"),
        (24 * 14, "14 d"),
    ],
)
def test_durations_are_said_as_people_say_them(hours: float, said: str) -> None:
    assert notation.duration(timedelta(hours=hours)).replace(notation.NBSP, " ") == said


def test_spaces_inside_a_value_never_break() -> None:
    assert notation.number(1420) == f"1{notation.THIN}420"
    assert notation.percent(0.2) == f"20{notation.THIN}%"
    assert notation.duration(timedelta(hours=3)) == f"3{notation.NBSP}h"


def test_a_share_says_all_or_nothing_only_when_it_is() -> None:
    assert notation.percent(0.001) == f"under 1{notation.THIN}%"
    assert notation.percent(0.999) == f"over 99{notation.THIN}%"
    assert notation.percent(0) == f"0{notation.THIN}%"
    assert notation.percent(1) == f"100{notation.THIN}%"


def test_the_year_is_said_when_it_is_not_this_one() -> None:
    today = date(2026, 11, 20)
    assert notation.day(date(2026, 8, 24), today) == f"24{notation.NBSP}Aug"
    assert notation.day(date(2025, 8, 24), today).endswith("2025")


def test_how_long_ago() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert notation.ago(now - timedelta(seconds=20), now) == "just now"
    assert notation.ago(now - timedelta(minutes=4), now) == f"4{notation.NBSP}min ago"


@pytest.mark.parametrize(("name", "letters"), [("Maren Aldous", "MA"), ("tokafor", "TO"), ("jo-weil", "JW")])
def test_initials(name: str, letters: str) -> None:
    assert notation.initials(name) == letters
