"""SVG text: elements with escaped attributes. Colours are classes, so a strict CSP and both themes hold."""

from collections.abc import Iterable
from html import escape

from django.utils.safestring import SafeString, mark_safe

Value = str | float
Point = tuple[float, float]


def tag(name: str, *children: str, **attributes: Value | None) -> str:
    """`cls` becomes class, underscores become hyphens, None is left out; children are SVG already."""
    written = "".join(
        f' {_attribute(key)}="{_written(value)}"' for key, value in attributes.items() if value is not None
    )
    return f"<{name}{written}>{''.join(children)}</{name}>"


def label(x: float, y: float, text: str, *, anchor: str = "start", cls: str | None = None) -> str:
    return tag("text", escape(text), x=x, y=y, text_anchor=anchor, cls=cls)


def line(points: Iterable[Point]) -> str:
    """The `d` of a path through the points."""
    return "M" + "L".join(f"{_text(x)} {_text(y)}" for x, y in points)


def segments(points: Iterable[Point | None]) -> list[list[Point]]:
    """Runs of neighbouring points: a gap in the data is a gap in the line."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def hatch(identity: str, cls: str = "hatch-line", gap: float = 5) -> str:
    """A pattern of slanted lines: doubt has a texture."""
    stripes = tag("path", d=f"M0 0V{_text(gap)}", cls=cls)
    return tag(
        "defs",
        tag(
            "pattern",
            stripes,
            id=identity,
            width=gap,
            height=gap,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    )


def drawing(width: float, height: float, *children: str, says: str | None, cls: str | None = None) -> SafeString:
    """The whole picture; `says` is its text alternative, None marks it as decoration."""
    role = {"role": "img", "aria_label": says} if says else {"aria_hidden": "true"}
    return mark_safe(tag("svg", *children, viewBox=f"0 0 {_text(width)} {_text(height)}", cls=cls, **role))


def _attribute(key: str) -> str:
    return "class" if key == "cls" else key.replace("_", "-")


def _written(value: Value) -> str:
    return escape(value) if isinstance(value, str) else _text(value)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
