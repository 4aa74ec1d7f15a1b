"""How long something takes that has not happened to all yet."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ROUNDING = 1e-9  # three of four times two of three is a half


@dataclass(frozen=True, slots=True)
class Point:
    """`surviving` is the share to which it has not happened until this time, `at_risk` how many were seen so long."""

    time: float
    surviving: float
    at_risk: int


def survival(happened: Iterable[float], not_yet: Iterable[float]) -> Iterator[Point]:
    """After Kaplan and Meier: what has not happened counts for as long as it was seen. One point per time seen."""
    events, lost = Counter(happened), Counter(not_yet)
    at_risk = events.total() + lost.total()
    surviving = 1.0
    for time in sorted(events.keys() | lost.keys()):
        if events[time]:
            surviving *= 1 - events[time] / at_risk
        yield Point(time, surviving, at_risk)
        at_risk -= events[time] + lost[time]


def median_survival(happened: Iterable[float], not_yet: Iterable[float]) -> float | None:
    """When it has happened to half; None where it has not happened to half of those that were seen so long."""
    return next((point.time for point in survival(happened, not_yet) if point.surviving <= 0.5 + ROUNDING), None)
