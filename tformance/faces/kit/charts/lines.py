"""One or more values over time as lines; a gap in the data is a gap, and what rests on few is hollow."""

from django.utils.html import escape
from django.utils.safestring import SafeString

from tformance.faces.kit.charts.frame import Frame, around, bucket_labels, doubts, frame, grid
from tformance.faces.kit.charts.marks import drawing, line, segments, tag
from tformance.faces.kit.charts.scale import spread
from tformance.faces.kit.charts.spec import ChartSpec

FEW = 5
HEADROOM = 1.08
LABEL_GAP = 16


def trend(spec: ChartSpec, width: float, height: float, *, top: float | None = None) -> SafeString:
    """`series.fill` names the stroke; `top` fixes the end of the scale, as of a share."""
    known = [value for series in spec.series for value in series.values if value is not None]
    plot = frame(width, height, top or max(known, default=0) * HEADROOM, room_right=110)
    places = [plot.centre(index, len(spec.buckets)) for index in range(len(spec.buckets))]
    parts = [*grid(plot, spec), *doubts(plot, spec, around(plot, places))]
    for series in spec.series:
        points = [
            None if value is None else (x, plot.scale(min(value, plot.scale.top)))
            for x, value in zip(places, series.values, strict=True)
        ]
        parts += [tag("path", d=line(run), cls=series.fill) for run in segments(points) if len(run) > 1]
        for point, n in zip(points, spec.ns, strict=True):
            if point is not None and (n < FEW or [point] in segments(points)):
                parts.append(tag("circle", cx=point[0], cy=point[1], r=3.5, cls="f-hollow"))
    return drawing(width, height, *parts, *bucket_labels(plot, spec, places), *_ends(plot, spec), says=spec.says)


def _ends(plot: Frame, spec: ChartSpec) -> list[str]:
    """The last value of each line, beside its end."""
    ends = [
        (plot.scale(min(values[-1], plot.scale.top)) + 4, series.name, values[-1])
        for series in spec.series
        if (values := [value for value in series.values if value is not None])
    ]
    ends.sort()
    return [
        tag(
            "text",
            tag("tspan", escape(spec.unit.write(value)), cls="ink strong"),
            escape(f" {name}"),
            x=plot.right + 8,
            y=y,
            cls="ink2",
        )
        for y, (_, name, value) in zip(spread([y for y, _, _ in ends], LABEL_GAP), ends, strict=True)
    ]
