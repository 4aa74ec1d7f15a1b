"""How long something takes that has not happened to all yet."""

from collections import Counter
from collections.abc import Iterable

ROUNDING = 1e-9  # three of four times two of three is a half


def median_survival(happened: Iterable[float], not_yet: Iterable[float]) -> float | None:
    """When it has happened to half, after Kaplan and Meier: what has not happened counts for as long as it was seen.

    None where it has not happened to half of those that were seen so long.
    """
    events, lost = Counter(happened), Counter(not_yet)
    at_risk = events.total() + lost.total()
    surviving = 1.0
    for time in sorted(events.keys() | lost.keys()):
        if events[time]:
            surviving *= 1 - events[time] / at_risk
        if surviving <= 0.5 + ROUNDING:
            return time
        at_risk -= events[time] + lost[time]
    return None
