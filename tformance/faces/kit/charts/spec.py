"""What a chart shows, without how: the same spec is drawn wide, narrow, and as a table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tformance.faces.kit import notation


@dataclass(frozen=True)
class Unit:
    """How values of an axis are written and where its grid lines may lie."""

    write: Callable[[float], str]
    steps: tuple[float, ...]


def _hours(value: float) -> str:
    return notation.duration(timedelta(hours=value)) if value else "0"


HOURS = Unit(_hours, (1 / 60, 2 / 60, 5 / 60, 10 / 60, 0.25, 0.5, 1, 2, 4, 6, 12, 24, 48, 96, 168, 336, 672, 1344))
COUNT = Unit(notation.number, (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000))
SHARE = Unit(notation.percent, (0.01, 0.02, 0.05, 0.1, 0.2, 0.25))


@dataclass(frozen=True)
class Series:
    """One value per bucket; None where there is nothing to measure. `fill` is a CSS class of the charts."""

    name: str
    fill: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class ChartSpec:
    """`ns` counts what stands behind each bucket; `open_end` says that the last bucket is not over, `unread` which were
    not read in full.

    `buckets` are short names under the axis, `names` whole ones for the table.
    """

    identity: str
    says: str
    unit: Unit
    buckets: tuple[str, ...]
    names: tuple[str, ...]
    series: tuple[Series, ...]
    ns: tuple[int, ...]
    open_end: bool = False
    coverage: tuple[float | None, ...] = ()
    unread: tuple[bool, ...] = ()
