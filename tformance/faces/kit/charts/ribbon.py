"""One whole and its parts in a row, to scale: they add up, and what nothing is known of is hatched."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString

from tformance.faces.kit import notation
from tformance.faces.kit.charts.marks import drawing, label, tag
from tformance.faces.kit.charts.phases import LETTER_PIXELS, UNKNOWN

HEIGHT, BAR_TOP, BAR_HEIGHT, GAP = 72, 24, 20, 2


@dataclass(frozen=True)
class Slice:
    """A part of the whole; `share` of 1, `under` what is written below it where there is room."""

    name: str
    fill: str
    share: float
    under: str = ""


def ribbon(slices: Sequence[Slice], width: float) -> SafeString:
    """Names above and details below where they fit; the table behind it has all of them."""
    shown = [each for each in slices if each.share > 0]
    room = width - GAP * max(len(shown) - 1, 0)
    x, marks = 0.0, []
    for each in shown:
        size = room * each.share
        marks.append(_box(each, x, size))
        marks += _words(each, x, size)
        x += size + GAP
    says = ", ".join(f"{each.name} {notation.percent(each.share)}" for each in shown)
    return drawing(width, HEIGHT, *marks, says=says)


def _box(each: Slice, x: float, size: float) -> str:
    fill = "url(#doubt)" if each.fill == UNKNOWN else None
    return tag(
        "rect",
        tag("title", escape(f"{each.name} {notation.percent(each.share)}")),
        cls=each.fill,
        fill=fill,
        x=x,
        y=BAR_TOP,
        width=max(size, 1),
        height=BAR_HEIGHT,
        rx=3,
    )


def _words(each: Slice, x: float, size: float) -> list[str]:
    share = notation.percent(each.share)
    marks = []
    for text, y in ((f"{each.name} {share}", 14), (each.under, 62)):
        if text and len(text) * LETTER_PIXELS < size:
            marks.append(label(x, y, text, cls="ink2"))
    if not marks and len(share) * LETTER_PIXELS < size:
        marks.append(label(x, 14, share, cls="ink2"))
    return marks
