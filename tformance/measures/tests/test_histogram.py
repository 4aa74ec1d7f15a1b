"""A distribution that is kept gives percentiles to within 1 %."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.measures.rollups.histogram import EXACT_BELOW, percentile, place, value

SIZES = st.floats(1e-4, 1e6)


def places(values: list[float]) -> Counter[int]:
    return Counter(map(place, values))


def exact(values: list[float], fraction: float) -> float:
    ordered, position = sorted(values), (len(values) - 1) * fraction
    lower, upper = ordered[math.floor(position)], ordered[math.ceil(position)]
    return lower + (upper - lower) * (position - math.floor(position))


def nearest(values: list[float], fraction: float) -> float:
    """The larger of the two that a percentile lies between."""
    ordered, position = sorted(values), (len(values) - 1) * fraction
    return max(abs(ordered[math.floor(position)]), abs(ordered[math.ceil(position)]))


@given(
    st.lists(st.one_of(st.just(0.0), SIZES, SIZES.map(lambda size: -size)), min_size=1, max_size=50),
    st.sampled_from([0.5, 0.75, 0.85, 0.9]),
)
def test_a_percentile_is_within_one_percent(values: list[float], fraction: float) -> None:
    found = percentile(places(values), fraction, whole=False)
    assert found == pytest.approx(exact(values, fraction), abs=0.0101 * nearest(values, fraction))


@given(st.lists(st.integers(0, EXACT_BELOW - 1), min_size=1, max_size=50), st.sampled_from([0.5, 0.75, 0.9]))
def test_of_small_whole_numbers_a_percentile_is_exact(values: list[int], fraction: float) -> None:
    numbers = [float(each) for each in values]
    assert percentile(places(numbers), fraction, whole=True) == pytest.approx(exact(numbers, fraction))


def test_every_small_whole_number_has_a_place_of_its_own() -> None:
    numbers = [float(each) for each in range(EXACT_BELOW)]
    assert [value(place, whole=True) for place in sorted(places(numbers))] == numbers
