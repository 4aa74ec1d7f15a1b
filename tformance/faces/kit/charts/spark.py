"""The 36 pixel line of a tile: this period solid, the previous one dashed, the last point a dot."""

from collections.abc import Sequence

from django.utils.safestring import SafeString

from tformance.faces.kit.charts.marks import Point, drawing, hatch, line, segments, tag

WIDTH, HEIGHT, EDGE = 160, 36, 4


def spark(
    now: Sequence[float | None],
    before: Sequence[float | None] = (),
    *,
    stroke: str = "s-accent",
    ceiling: Sequence[float | None] = (),
    identity: str = "",
) -> SafeString:
    """`ceiling` draws the hatched room between what was seen and what is possible; it needs an `identity`."""
    known = [value for value in (*now, *before, *ceiling) if value is not None]
    if not known:
        return few(identity or "few")
    low, high = min(known), max(known)
    places = _places(now, low, high)
    parts = []
    if ceiling:
        parts += [hatch(identity), *_room(segments(places), segments(_places(ceiling, low, high)), identity)]
    parts += [_path(run, "s-prev") for run in segments(_places(before, low, high))]
    runs = segments(places)
    parts += [_path(run, stroke) for run in runs if len(run) > 1]
    x, y = runs[-1][-1]
    parts.append(tag("path", d=f"M{x:.1f} {y:.1f}h.01", cls=f"{stroke} s-dot", vector_effect="non-scaling-stroke"))
    return _picture(parts)


def few(identity: str) -> SafeString:
    """The hatched strip that stands for 'not enough data'."""
    pattern = f"few-{identity}"
    return _picture(
        [hatch(pattern), tag("rect", x=0, y=4, width=WIDTH, height=28, rx=3, fill=f"url(#{pattern})", opacity=0.7)]
    )


def _picture(parts: list[str]) -> SafeString:
    picture = drawing(WIDTH, HEIGHT, *parts, says=None)
    return SafeString(picture.replace("<svg ", '<svg preserveAspectRatio="none" ', 1))


def _places(values: Sequence[float | None], low: float, high: float) -> list[Point | None]:
    step = (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    height = HEIGHT - 2 * EDGE
    return [
        None if value is None else (EDGE + step * i, HEIGHT - EDGE - height * ((value - low) / ((high - low) or 1)))
        for i, value in enumerate(values)
    ]


def _room(lows: list[list[Point]], highs: list[list[Point]], identity: str) -> list[str]:
    return [
        tag("path", d=line(high + low[::-1]) + "Z", fill=f"url(#{identity})")
        for low, high in zip(lows, highs, strict=False)
    ]


def _path(run: list[Point], cls: str) -> str:
    return tag("path", d=line(run), cls=cls, vector_effect="non-scaling-stroke")
