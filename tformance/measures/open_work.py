"""How long what was opened stays open, also of what still is. Call it inside `tenant()`."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from tformance.core import clock
from tformance.measures import guard
from tformance.measures.cached import remembered
from tformance.measures.compile import Ask, selection
from tformance.measures.definitions.time_to_merge import MEASURE
from tformance.measures.query import Filters, Period
from tformance.measures.survival import Point, survival


@dataclass(frozen=True, slots=True)
class StillOpen:
    """Of what was opened, the share not merged after `hours`; None where nothing was seen so long.

    `n` is how many were seen for that long or longer.
    """

    hours: float
    share: float | None
    n: int


def still_open(filters: Filters, period: Period, hours: Sequence[float]) -> tuple[StillOpen, ...]:
    """One statement; the same estimate that the time until merged is the median of."""
    guard.admit(filters)
    name = repr(("still open", MEASURE.version, filters, period, tuple(hours)))
    found: tuple[StillOpen, ...] = remembered({name: lambda: _still_open(filters, period, hours)}, clock.now())[name]
    return found


def _still_open(filters: Filters, period: Period, hours: Sequence[float]) -> tuple[StillOpen, ...]:
    ask = Ask(MEASURE.rows, period, filters, (), None, finish=MEASURE.finish)
    lines = list(selection(ask))
    merged = [each for line in lines for each in line["merged"] or ()]
    unmerged = [each for line in lines for each in line["unmerged"] or ()]
    points = list(survival(merged, unmerged))
    return tuple(_at(each, points, [*merged, *unmerged]) for each in hours)


def _at(hours: float, points: Sequence[Point], seen: Sequence[float]) -> StillOpen:
    n = sum(each >= hours for each in seen)
    passed = list(takewhile(lambda point: point.time <= hours, points))
    surviving = passed[-1].surviving if passed else 1.0
    return StillOpen(hours, surviving if n else None, n)
