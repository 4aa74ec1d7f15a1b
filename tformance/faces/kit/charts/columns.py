"""Stacked columns per bucket, labelled at the right end."""

from django.utils.html import escape
from django.utils.safestring import SafeString

from tformance.faces.kit.charts.frame import Frame, bucket_labels, doubts, frame, grid
from tformance.faces.kit.charts.marks import drawing, hatch, tag
from tformance.faces.kit.charts.phases import UNKNOWN
from tformance.faces.kit.charts.scale import spread
from tformance.faces.kit.charts.spec import ChartSpec

FEW = 5
LABEL_GAP = 16


def stacked(spec: ChartSpec, width: float, height: float, *, labelled: bool) -> SafeString:
    """Columns from zero; fewer than five behind one are drawn pale, an unfinished bucket striped."""
    plot = frame(width, height, _highest(spec), room_right=170 if labelled else 4)
    stripes = f"{spec.identity}-{width:.0f}"
    parts = [hatch(stripes, "stripe-line"), *grid(plot, spec), *doubts(plot, spec, plot.cells(len(spec.buckets)))]
    for index in range(len(spec.buckets)):
        parts += _column(plot, spec, index, stripes)
    centres = [x + w / 2 for x, w in (plot.column(i, len(spec.buckets)) for i in range(len(spec.buckets)))]
    parts += bucket_labels(plot, spec, centres)
    if labelled:
        parts += _end_labels(plot, spec)
    return drawing(width, height, *parts, says=spec.says)


def _stack(spec: ChartSpec, index: int) -> list[tuple[float, float]]:
    """Bottom and top of each series in one bucket."""
    floor, stack = 0.0, []
    for series in spec.series:
        ceiling = floor + (series.values[index] or 0)
        stack.append((floor, ceiling))
        floor = ceiling
    return stack


def _highest(spec: ChartSpec) -> float:
    return max((_stack(spec, index)[-1][1] for index in range(len(spec.buckets))), default=0)


def _column(plot: Frame, spec: ChartSpec, index: int, stripes: str) -> list[str]:
    x, width = plot.column(index, len(spec.buckets))
    unfinished = spec.open_end and index == len(spec.buckets) - 1
    few = spec.ns[index] < FEW
    parts = []
    for series, (low, high) in zip(spec.series, _stack(spec, index), strict=True):
        top, bottom = plot.scale(high), plot.scale(low)
        box = {"x": x, "y": top + 0.5, "width": width, "height": max(bottom - top - 1, 0), "rx": 1.5}
        if high > low:
            hatched = "url(#doubt)" if series.fill == UNKNOWN else None
            parts.append(tag("rect", cls=f"{series.fill}{' pale' if few else ''}", fill=hatched, **box))
            if unfinished:
                parts.append(tag("rect", fill=f"url(#{stripes})", **box))
    return parts


def _end_labels(plot: Frame, spec: ChartSpec) -> list[str]:
    """Name and value of each series in the last bucket that has any."""
    filled = [index for index in range(len(spec.buckets)) if _stack(spec, index)[-1][1] > 0]
    if not filled:
        return []
    last = filled[-1]
    shown = [
        (plot.scale((low + high) / 2) + 4, series.name, high - low)
        for series, (low, high) in zip(spec.series, _stack(spec, last), strict=True)
        if high > low
    ]
    shown.reverse()
    places = spread([y for y, _, _ in shown], LABEL_GAP)
    return [
        tag(
            "text",
            escape(f"{name} "),
            tag("tspan", escape(spec.unit.write(value)), cls="ink strong"),
            x=plot.right + 6,
            y=y,
            cls="ink2",
        )
        for y, (_, name, value) in zip(places, shown, strict=True)
    ]
