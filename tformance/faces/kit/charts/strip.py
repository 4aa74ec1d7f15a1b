"""Open pull requests as dots on a logarithmic line of waiting time."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils.safestring import SafeString

from tformance.faces.kit.charts.marks import drawing, label, tag
from tformance.faces.kit.charts.scale import Log

LONG_WAIT = timedelta(days=2)
TICKS = ((4.0, "4 h"), (24.0, "1 d"), (168.0, "1 w"), (672.0, "4 w"), (4368.0, "26 w"))
RADIUS = 4.0
MOST_DOTS = 200


def _scale(width: float) -> Log:
    return Log(1.0, 24 * 365.0, RADIUS + 1, width - RADIUS - 1)


def strip(waits: Sequence[timedelta], width: float) -> SafeString:
    """Each dot is one pull request, filled after two days; neighbours are stacked so that none hides another."""
    scale, height = _scale(width), 30.0
    marks = [tag("path", d=f"M{scale(hours):.1f} 2V{height - 2:.0f}", cls="grid-line") for hours, _ in TICKS]
    marks.append(tag("path", d=f"M2 {height / 2:.0f}H{width - 2:.0f}", cls="grid-line"))
    last, lane = -99.0, 0
    for wait in sorted(waits)[-MOST_DOTS:]:
        x = scale(wait / timedelta(hours=1))
        lane = (lane + 1) % 3 if x - last < 2 * RADIUS else 0
        last = x
        y = height / 2 - (0, 8, -8)[lane]
        marks.append(tag("circle", cx=x, cy=y, r=RADIUS, cls="f-late" if wait >= LONG_WAIT else "f-hollow"))
    return drawing(width, height, *marks, says=None)


def axis(width: float) -> SafeString:
    scale = _scale(width)
    return drawing(width, 16, *[label(scale(hours), 12, text, anchor="middle") for hours, text in TICKS], says=None)
