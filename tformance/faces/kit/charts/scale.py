"""From values to pixels, with human ticks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

GRID_LINES = 4


@dataclass(frozen=True)
class Linear:
    """Maps 0..top to start..end."""

    top: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (self.end - self.start) * (value / self.top if self.top else 0)


@dataclass(frozen=True)
class Log:
    """Maps low..high to start..end by ratio; what lies outside sticks to the border."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.start + (self.end - self.start) * math.log(inside / self.low) / math.log(self.high / self.low)


def ticks(top: float, steps: Sequence[float]) -> list[float]:
    """Zero and at most four grid lines up to `top`, at the smallest step that allows it."""
    if top <= 0:
        return [0]
    step = next((step for step in steps if top / step <= GRID_LINES), math.ceil(top / GRID_LINES))
    return [step * index for index in range(int(top / step + 1e-9) + 1)]


def spread(wanted: Sequence[float], gap: float) -> list[float]:
    """The same order of positions, moved apart to at least `gap`, as near to the wanted ones as a sweep can."""
    placed: list[float] = []
    for position in wanted:
        placed.append(max(position, placed[-1] + gap) if placed else position)
    overshoot = placed[-1] - wanted[-1] if placed else 0
    for index in range(len(placed) - 1, -1, -1):
        limit = placed[index + 1] - gap if index + 1 < len(placed) else placed[index] - overshoot / 2
        placed[index] = min(placed[index], limit)
    return placed
