"""Axes that all bucket charts share."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

from tformance.faces.kit.charts.marks import label, tag
from tformance.faces.kit.charts.scale import Linear, ticks
from tformance.faces.kit.charts.spec import ChartSpec

LABEL_PIXELS = 40


@dataclass(frozen=True)
class Frame:
    """The plot inside a drawing: pixels of its borders and the vertical scale."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    scale: Linear

    def column(self, index: int, count: int) -> tuple[float, float]:
        """Left edge and width of a bucket's column, with a gap of a third of it between neighbours."""
        pitch = (self.right - self.left) / count
        return self.left + pitch * (index + 1 / 6), pitch * 2 / 3

    def cells(self, count: int) -> list[tuple[float, float]]:
        """Left and right edge of each bucket, columns with the gaps beside them."""
        pitch = (self.right - self.left) / max(count, 1)
        return [(self.left + pitch * index, self.left + pitch * (index + 1)) for index in range(count)]

    def centre(self, index: int, count: int) -> float:
        """The x of a bucket on a line that spans the whole plot."""
        return self.left if count < 2 else self.left + (self.right - self.left) * index / (count - 1)


def frame(width: float, height: float, highest: float, *, room_right: float, room_bottom: float = 26) -> Frame:
    top, bottom = 14.0, height - room_bottom
    return Frame(width, height, 40, width - room_right, top, bottom, Linear(highest or 1, bottom, top))


def grid(plot: Frame, spec: ChartSpec) -> list[str]:
    """Horizontal lines with their values, at most four besides zero."""
    parts = []
    for value in ticks(plot.scale.top, spec.unit.steps):
        y = plot.scale(value)
        parts.append(tag("path", d=f"M{plot.left:.1f} {y:.1f}H{plot.right:.1f}", cls="grid-line"))
        parts.append(label(plot.left - 8, y + 4, spec.unit.write(value), anchor="end"))
    return parts


def doubts(plot: Frame, spec: ChartSpec, edges: Sequence[tuple[float, float]]) -> list[str]:
    """Buckets that were not read in full are hatched behind what is drawn of them."""
    height = plot.bottom - plot.top
    return [
        tag("rect", fill="url(#doubt)", x=left, y=plot.top, width=max(right - left, 2), height=height)
        for left, right in compress(edges, spec.unread)
    ]


def around(plot: Frame, places: list[float]) -> list[tuple[float, float]]:
    """From halfway to the point before until halfway to the next, within the plot."""
    middles = [(left + right) / 2 for left, right in pairwise(places)]
    return list(pairwise([plot.left, *middles, plot.right]))


def bucket_labels(plot: Frame, spec: ChartSpec, places: list[float]) -> list[str]:
    """As many bucket names as fit without touching."""
    room = max(1, int((plot.right - plot.left) / LABEL_PIXELS))
    every = -(-len(spec.buckets) // room)
    return [
        label(places[index], plot.bottom + 18, name, anchor="middle")
        for index, name in enumerate(spec.buckets)
        if index % every == 0
    ]
