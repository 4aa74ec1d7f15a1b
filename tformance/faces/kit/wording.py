"""What numbers say in words. The same rows always give the same sentence."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from tformance.faces.kit import notation
from tformance.measures.query import Period
from tformance.measures.result import Row
from tformance.measures.shape import Better, Unit

LEAST_TO_COMPARE = 10
LEAST_TO_TELL = 5
NOT_READ = "not read far enough back to compare"
TOO_FEW = "not enough data to compare"
TOO_YOUNG = "too recent to compare: it may still change"
BAND = 0.15
KNOWN_TO = 0.01  # what is approximate
Z_95 = 1.96
QUARTILE_Z = 0.6745  # the upper quartile of a normal distribution, in standard deviations
MEDIAN_WIDENS = 1.2533  # how much less sure a median is than a mean

MORE_LESS: dict[Unit, tuple[str, str, str]] = {
    "hours": ("longer", "shorter", "about as long"),
    "lines": ("larger", "smaller", "about as large"),
}
COUNTED = ("more", "fewer", "about as many")
SMALL_UNITS: dict[Unit, str] = {"lines": "lines", "per week": "a week"}

Tone = Literal["", "worse"]


@dataclass(frozen=True)
class Phrase:
    """A piece of a sentence; `mark` is '' or the marker under the finding or under what needs attention."""

    text: str
    mark: Literal["", "m", "m w"] = ""


@dataclass(frozen=True)
class Change:
    """How a value moved, in words; `tone` is 'worse' only beyond noise. `beyond_noise` None: not compared."""

    text: str
    tone: Tone
    beyond_noise: bool | None


@dataclass(frozen=True)
class Compared:
    """A median now and before, each with its upper quartile, which says how sure the median is."""

    now: Row
    before: Row
    now_p75: Row
    before_p75: Row


def value_parts(value: float, unit: Unit) -> tuple[str, str]:
    """The figure and its small unit: ('6.5', 'h'), ('33', '%'), ('742', '')."""
    if unit == "hours":
        return notation.duration_parts(timedelta(hours=value))
    if unit == "share":
        return notation.percent(value).rstrip("%").rstrip(notation.THIN), "%"
    if unit == "index":
        return f"{value:.2f}", ""
    return notation.number(value), f"{notation.NBSP}{SMALL_UNITS[unit]}" if unit in SMALL_UNITS else ""


def value_text(value: float, unit: Unit) -> str:
    if unit == "hours":
        return notation.duration(timedelta(hours=value))
    if unit == "share":
        return notation.percent(value)
    return "".join(value_parts(value, unit))


def row_text(row: Row, unit: Unit) -> str:
    """The value of a row that has one; ≈ where it is known to within 1 %."""
    return f"{about(row)}{value_text(told(row, unit), unit)}"


def told(row: Row, unit: Unit) -> float:
    """As exactly as it is known: no tenths of a line where one in a hundred is open."""
    value = row.value or 0.0
    return float(round(value)) if row.approximate and unit != "hours" and value >= 1 / KNOWN_TO / 2 else value


def about(row: Row) -> str:
    return f"≈{notation.NBSP}" if row.approximate else ""


def _why_not(now: Row, before: Row, n: float) -> str:
    """Why the two are not compared, or ''; `n` is on how many the smaller side rests."""
    if now.is_young or before.is_young:
        return TOO_YOUNG
    if before.partial:
        return NOT_READ
    return TOO_FEW if n < LEAST_TO_COMPARE else ""


def count_change(now: Row, before: Row) -> Change:
    """Counts are exact, so their change is said as it is, once both sides are large enough."""
    a, b = now.value or 0, before.value or 0
    if reason := _why_not(now, before, min(a, b)):
        return Change(reason, "", None)
    return Change(_by(a / b, COUNTED), "", abs(a - b) > Z_95 * math.sqrt(a + b))


def pace_change(now: Row, before: Row) -> Change:
    """Of rates by time: as sure as the numbers of things behind them."""
    if reason := _why_not(now, before, min(now.n, before.n)):
        return Change(reason, "", None)
    if not now.value or not before.value:
        return Change(TOO_FEW, "", None)
    return Change(
        _by(now.value / before.value, COUNTED), "", abs(now.n - before.n) > Z_95 * math.sqrt(now.n + before.n)
    )


def rate_change(now: Row, before: Row, better: Better) -> Change:
    """Of shares, in points; better or worse is said only beyond noise."""
    if reason := _why_not(now, before, min(now.n, before.n)):
        return Change(reason, "", None)
    if now.value is None or before.value is None:
        return Change(TOO_FEW, "", None)
    together = (now.value * now.n + before.value * before.n) / (now.n + before.n)
    error = math.sqrt(together * (1 - together) * (1 / now.n + 1 / before.n))
    points = round((now.value - before.value) * 100)
    if abs(now.value - before.value) <= Z_95 * error or not points:
        return Change("no change we can detect", "", False)
    is_better = (points < 0) == (better == "lower")
    verdict = "" if better == "neither" else ", better" if is_better else ", worse"
    words = f"{notation.counted(abs(points), 'point')} {'higher' if points > 0 else 'lower'}{verdict}"
    return Change(words, "worse" if verdict == ", worse" else "", True)


def median_change(compared: Compared, unit: Unit, better: Better) -> Change:
    """Better or worse is said only beyond noise; 'about as long' only inside the 15 % band."""
    now, before = compared.now, compared.before
    if reason := _why_not(now, before, min(now.n, before.n)):
        return Change(reason, "", None)
    if not now.value or not before.value:
        return Change(TOO_FEW, "", None)
    ratio = now.value / before.value
    words = MORE_LESS.get(unit, COUNTED)
    if abs(math.log(ratio)) <= Z_95 * math.hypot(*_uncertainty(compared)) + _inexactness(compared):
        inside = abs(ratio - 1) <= BAND
        return Change(words[2] if inside else "no change we can detect", "", False)
    if round(ratio * 100) == 100:
        return Change(words[2], "", False)
    is_better = (ratio < 1) == (better == "lower")
    verdict = "" if better == "neither" else ", better" if is_better else ", worse"
    return Change(_by(ratio, words) + verdict, "worse" if verdict == ", worse" else "", True)


def _inexactness(compared: Compared) -> float:
    """What two medians may differ by, as a logarithm, only because they are not known exactly."""
    return KNOWN_TO * (compared.now.approximate + compared.before.approximate)


def _uncertainty(compared: Compared) -> tuple[float, float]:
    """Standard errors of the logarithm of both medians, for values as skewed as a log-normal."""

    def error(median: Row, upper: Row) -> float:
        if not median.value or not upper.value or upper.value <= median.value:
            return 0.0
        spread = math.log(upper.value / median.value) / QUARTILE_Z
        return MEDIAN_WIDENS * spread / math.sqrt(median.n)

    return error(compared.now, compared.now_p75), error(compared.before, compared.before_p75)


def _by(ratio: float, words: tuple[str, str, str]) -> str:
    """'27 % longer'; from double on in multiples, because 240 % is hard to read."""
    if ratio >= 2:
        return f"{notation.number(ratio)} times as {_base(words)}"
    points = round(abs(ratio - 1) * 100)
    if points == 0:
        return words[2]
    return f"{points}{notation.THIN}% {words[0] if ratio > 1 else words[1]}"


def _base(words: tuple[str, str, str]) -> str:
    return words[2].removeprefix("about as ")


def period_words(period: Period, name: str | None) -> str:
    """'in the last 90 days', or the days themselves."""
    if name:
        return f"in the last {name.removesuffix('d')} days"
    today = period.end_day - timedelta(days=1)
    if today == period.first_day:
        return f"on {notation.span(today, today, today)}"
    return f"from {notation.span(period.first_day, today, today).replace(f' {notation.DASH} ', ' to ')}"


def nothing_merged(merged: Row, when: str) -> Phrase:
    """Only where everything was read it is known that there is nothing."""
    if merged.value is None:
        return Phrase(f"What was merged {when} has not been read yet.")
    return Phrase(f"Nothing was merged {when}.")


def days_before(period: Period) -> str:
    """What a period is compared with."""
    days = (period.end_day - period.first_day).days
    return "the day before" if days == 1 else f"the {days} days before"


def overview_sentence(
    merged: Row, cycle: Compared, pickup: Compared, when: str, before: str
) -> tuple[list[Phrase], Change, Change]:
    """The answer of the overview, and the two comparisons it rests on."""
    cycle_change = median_change(cycle, "hours", "lower")
    pickup_change = median_change(pickup, "hours", "lower")
    count = int(merged.value or 0)
    if count == 0:
        return [nothing_merged(merged, when)], cycle_change, pickup_change
    if cycle.now.value is None or cycle.now.n < LEAST_TO_TELL:
        text = f"Only {notation.counted(count, 'pull request')} {'was' if count == 1 else 'were'} merged {when}"
        return [Phrase(f"{text}: too few to say how long one takes.")], cycle_change, pickup_change
    phrases = [
        Phrase(f"Half of the {notation.number(count)} pull requests merged {when} were open for less than "),
        Phrase(row_text(cycle.now, "hours"), "m"),
        Phrase(f"{_than(cycle_change, before)}."),
        *_pickup_phrases(pickup, pickup_change),
    ]
    return phrases, cycle_change, pickup_change


def _pickup_phrases(pickup: Compared, change: Change) -> list[Phrase]:
    """The wait for the first review; amber only when it grew beyond noise."""
    if pickup.now.value is None or pickup.now.n < LEAST_TO_TELL:
        return []
    value = row_text(pickup.now, "hours")
    if change.tone == "worse":
        return [Phrase(" But a first review took "), Phrase(value, "m w"), Phrase(f", {_bare(change)}.")]
    tail = f", {_bare(change)}" if change.beyond_noise else ""
    return [Phrase(f" A first review took {value}{tail}.")]


def _than(change: Change, before: str) -> str:
    if change.beyond_noise is None:
        return ""
    if change.beyond_noise:
        return f", {_bare(change)} than {before}"
    return f", {change.text} as {before}" if change.text.startswith("about as") else ""


def _bare(change: Change) -> str:
    """The change without its verdict: a sentence says how much, the tile says which way is better."""
    return change.text.removesuffix(", better").removesuffix(", worse")
