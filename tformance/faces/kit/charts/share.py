"""A share over time between a floor that was seen and a ceiling that nobody can rule out, with its coverage below."""

from django.utils.html import escape
from django.utils.safestring import SafeString

from tformance.faces.kit.charts.frame import Frame, around, bucket_labels, doubts, frame, grid
from tformance.faces.kit.charts.marks import Point, drawing, hatch, line, segments, tag
from tformance.faces.kit.charts.scale import spread
from tformance.faces.kit.charts.spec import ChartSpec

LEVELS = 6
HEADROOM = 1.08


def band(spec: ChartSpec, width: float, height: float, *, labelled: bool) -> SafeString:
    """`spec.series` are the floor and the ceiling; what lies between is hatched."""
    floor, ceiling = spec.series
    highest = max((value for value in (*ceiling.values, *floor.values) if value is not None), default=0)
    plot = frame(width, height, min(1, highest * HEADROOM), room_right=110 if labelled else 6, room_bottom=44)
    places = [plot.centre(index, len(spec.buckets)) for index in range(len(spec.buckets))]
    lows, highs = (_points(plot, places, series.values) for series in spec.series)
    pattern = f"{spec.identity}-{width:.0f}"
    parts = [hatch(pattern), *grid(plot, spec), *doubts(plot, spec, around(plot, places))]
    for high_run, low_run in zip(segments(highs), segments(lows), strict=False):
        parts.append(tag("path", d=line(high_run + low_run[::-1]) + "Z", fill=f"url(#{pattern})"))
        ends = [(low_run[-1][0], plot.bottom), (low_run[0][0], plot.bottom)]
        parts.append(tag("path", d=line(low_run + ends) + "Z", cls=floor.fill))
        parts.append(tag("path", d=line(high_run), cls="s-ceiling"))
        parts.append(tag("path", d=line(low_run), cls="s-ai-assisted"))
    parts += bucket_labels(plot, spec, places) + _coverage(plot, spec)
    if labelled:
        parts += _end_labels(plot, spec, lows, highs)
    return drawing(width, height, *parts, says=spec.says)


def _points(plot: Frame, places: list[float], values: tuple[float | None, ...]) -> list[Point | None]:
    return [
        None if value is None else (x, plot.scale(min(value, plot.scale.top)))
        for x, value in zip(places, values, strict=True)
    ]


def _coverage(plot: Frame, spec: ChartSpec) -> list[str]:
    """One block per bucket: the stronger, the more of it was analysed."""
    pitch = (plot.right - plot.left) / max(len(spec.coverage), 1)
    return [
        tag(
            "rect",
            x=plot.left + pitch * index + 1,
            y=plot.bottom + 28,
            width=max(pitch - 2, 1),
            height=8,
            rx=1.5,
            cls="f-hollow" if share is None else f"f-seq-{round(share * LEVELS)}",
        )
        for index, share in enumerate(spec.coverage)
    ]


def _end_labels(plot: Frame, spec: ChartSpec, lows: list[Point | None], highs: list[Point | None]) -> list[str]:
    ends = [index for index, point in enumerate(lows) if point is not None]
    if not ends:
        return []
    last = ends[-1]
    low, high = (spec.unit.write(series.values[last] or 0) for series in spec.series)
    texts = [(low, "seen")] if low == high else [(high, "at most"), (low, "at least")]
    wanted = [(points[last] or (0, 0))[1] + 4 for points in (highs, lows)][-len(texts) :]
    return [
        tag(
            "text",
            tag("tspan", escape(value), cls="ink strong"),
            escape(f" {words}"),
            x=plot.right + 8,
            y=y,
            cls="ink2",
        )
        for y, (value, words) in zip(spread(wanted, 16), texts, strict=True)
    ]
