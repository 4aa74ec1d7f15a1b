"""A distribution as counts of places on a logarithmic scale: each is 2 % above the one before. Plain Python.

A value is known to within 1 %, and a whole number below 50 exactly, for there each has a place of its own.
"""

import math
from collections.abc import Mapping
from typing import Final

RATIO: Final = 1.02
LOGARITHM: Final = math.log(RATIO)
NOTHING: Final = -8_000  # the place of 0, which has no logarithm; what is positive is above
NEGATIVE: Final = -16_000  # of what is negative the place of its size is taken from this
EXACT_BELOW: Final = 50

Histogram = Mapping[int, int]  # rows by place


def percentile(histogram: Histogram, fraction: float, *, whole: bool) -> float:
    """As PostgreSQL's percentile_cont; `whole` says that the values are whole numbers. There has to be one row."""
    position = (sum(histogram.values()) - 1) * fraction
    lower = math.floor(position)
    first, second = (value(_place(histogram, rank), whole=whole) for rank in (lower, math.ceil(position)))
    return first + (second - first) * (position - lower)


def place(value: float) -> int:
    if value == 0:
        return NOTHING
    size = round(math.log(abs(value)) / LOGARITHM)
    return size if value > 0 else NEGATIVE - size


def value(place: int, *, whole: bool) -> float:
    """The middle of a place."""
    if place == NOTHING:
        return 0.0
    if place < NOTHING:
        return -value(NEGATIVE - place, whole=whole)
    middle = RATIO**place
    return float(round(middle)) if whole and middle < EXACT_BELOW else middle


def _place(histogram: Histogram, rank: int) -> int:
    """The place of the row with this rank, counted from 0."""
    passed = 0
    for place in sorted(histogram):
        passed += histogram[place]
        if rank < passed:
            return place
    raise ValueError("there are not so many rows")
