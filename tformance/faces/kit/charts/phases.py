"""Where one pull request's time went: the bar of a table row and the ruler of its own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.html import escape
from django.utils.safestring import SafeString

from tformance.faces.kit import notation
from tformance.faces.kit.charts.marks import drawing, label, tag
from tformance.faces.kit.charts.scale import Linear, Log

SHORTEST, LONGEST = 0.25, 24 * 60.0
BAR_WIDTH = 160
RULER_HEIGHT = 84
LETTER_PIXELS = 6.6


UNKNOWN = "f-unknown"  # hatched with a pattern that every page of a team carries


@dataclass(frozen=True)
class Part:
    """A phase of a pull request; `fill` is the CSS class of its colour, UNKNOWN for time nothing is known of."""

    name: str
    fill: str
    length: timedelta


@dataclass(frozen=True)
class Moment:
    """Something that happened at one instant, named under the ruler."""

    name: str
    at: datetime


def bar(parts: Sequence[Part]) -> SafeString:
    """Length follows the logarithm of the whole, so that 2 hours and 7 days both stay readable."""
    total = sum((part.length for part in parts), timedelta())
    if not total:
        return SafeString("")
    width = Log(SHORTEST, LONGEST, 12, BAR_WIDTH)(total / timedelta(hours=1))
    room = width - 1.5 * (len(parts) - 1)
    x, marks = 0.0, []
    for part in parts:
        size = max(2.0, room * (part.length / total))
        marks.append(_box(part, x=x, y=0.8, width=size, height=6.4, rx=1))
        x += size + 1.5
    says = " · ".join(f"{part.name} {notation.duration(part.length)}" for part in parts)
    picture = drawing(BAR_WIDTH + 8, 8, tag("title", escape(says)), *marks, says=says, cls="pm")
    return SafeString(picture.replace("<svg ", '<svg preserveAspectRatio="none" ', 1))


def ruler(start: datetime, parts: Sequence[Part], moments: Sequence[Moment], width: float) -> SafeString:
    """The phases to scale with what happened underneath; names that do not fit are left to the list below it."""
    total = sum((part.length for part in parts), timedelta())
    if not total:
        return SafeString("")
    scale = Linear(total / timedelta(hours=1), 2, width - 2)
    marks, begin = [], timedelta()
    for part in parts:
        left, right = (scale(edge / timedelta(hours=1)) for edge in (begin, begin + part.length))
        marks.append(_box(part, x=left, y=24, width=max(right - left - 1, 1), height=12, rx=2))
        text = f"{part.name} {notation.duration(part.length)}"
        if len(text) * LETTER_PIXELS < right - left:
            marks.append(label(left, 16, text, cls="ink2"))
        begin += part.length
    marks += _moments(start, moments, scale, width)
    says = ", ".join(f"{part.name} {notation.duration(part.length)}" for part in parts)
    return drawing(width, RULER_HEIGHT, *marks, says=says)


def _box(part: Part, **place: float) -> str:
    return tag("rect", cls=part.fill, fill="url(#doubt)" if part.fill == UNKNOWN else None, **place)


def _moments(start: datetime, moments: Sequence[Moment], scale: Linear, width: float) -> list[str]:
    marks: list[str] = []
    ends = [-9.0, -9.0]
    for moment in sorted(moments, key=lambda moment: moment.at):
        hours = min(max((moment.at - start) / timedelta(hours=1), 0), scale.top)
        x, size = scale(hours), len(moment.name) * LETTER_PIXELS
        left = min(max(x - size / 2, 0), width - size)
        row = next((row for row, end in enumerate(ends) if left > end + 6), None)
        depth = 46 if row is None else 48 + 16 * row
        marks.append(tag("path", d=f"M{x:.1f} 38V{depth:.1f}", cls="base-line"))
        if row is not None:
            ends[row] = left + size
            marks.append(label(left, 60 + 16 * row, moment.name))
    return marks
