"""Bar charts by month as SVG, each with its table behind it. Colours are names of the page's tokens."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 860, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 10, 26


@dataclass(frozen=True, slots=True)
class Series:
    """One value a month; None where it is not known, which is drawn as nothing and written as a dash."""

    name: str
    colour: str
    values: Sequence[float | None]


def bar_chart(title: str, months: Sequence[str], series: Sequence[Series], percent: bool = False) -> str:
    """Stacked bars, a legend and a folded table of the same values."""
    totals = [sum(one.values[index] or 0 for one in series) for index in range(len(months))]
    step = _step(max(totals, default=0))
    top = max(step, math.ceil(max(totals, default=0) / step) * step)
    parts = [_grid(step, top, percent), _month_labels(months)]
    parts += [_bar(months, series, index, top, percent) for index in range(len(months))]
    return (
        f'<div class="fig"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}; table below">'
        f"{''.join(parts)}</svg></div>{_legend(series)}{_table(title, months, series, percent)}"
    )


def written(value: float | None, percent: bool = False) -> str:
    """A value as people read it."""
    if value is None:
        return "-"
    return f"{value:.0f} %" if percent else f"{value:,.0f}".replace(",", "\u202f")


def _step(largest: float) -> float:
    """The distance of grid lines: 1, 2 or 5 times a power of ten, at most five lines."""
    if largest <= 0:
        return 1
    raw = largest / 5
    power = float(10 ** math.floor(math.log10(raw)))
    return max(1.0, next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw))


def _x(index: int, count: int) -> tuple[float, float]:
    """Left edge and width of the bar of a month."""
    slot = (_WIDTH - _LEFT - _RIGHT) / count
    width = min(34, slot * 0.72)
    return _LEFT + slot * index + (slot - width) / 2, width


def _height(value: float, top: float) -> float:
    return value / top * (_HEIGHT - _TOP - _BOTTOM)


def _grid(step: float, top: float, percent: bool) -> str:
    lines = []
    for count in range(round(top / step) + 1):
        y = _HEIGHT - _BOTTOM - _height(count * step, top)
        label = written(count * step, percent)
        lines.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        lines.append(f'<text class="axis" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    return "".join(lines)


def _month_labels(months: Sequence[str]) -> str:
    """Every month's name while there is room, else only the years."""
    labels = []
    for index, month in enumerate(months):
        left, width = _x(index, len(months))
        label = month if len(months) <= 12 else month[:4] if month.endswith("-01") or index == 0 else ""
        if index == 0 and len(months) > 12 and month[5:] > "08":
            label = ""  # the next year's label stands too close
        if label:
            labels.append(f'<text class="axis" x="{left + width / 2:.1f}" y="{_HEIGHT - 8}">{label}</text>')
    return "".join(labels)


def _bar(months: Sequence[str], series: Sequence[Series], index: int, top: float, percent: bool) -> str:
    left, width = _x(index, len(months))
    y = float(_HEIGHT - _BOTTOM)
    pieces = []
    for one in series:
        value = one.values[index]
        if value:
            y -= _height(value, top)
            pieces.append(
                f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{_height(value, top):.1f}" rx="1.5" '
                f'style="fill:var({one.colour})"/>'
            )
    words = [months[index], *(f"{one.name}: {written(one.values[index], percent)}" for one in series)]
    return f"<g><title>{escape(chr(10).join(words))}</title>{''.join(pieces)}</g>"


def _legend(series: Sequence[Series]) -> str:
    items = (f'<span><i style="background:var({one.colour})"></i>{escape(one.name)}</span>' for one in series)
    return f'<div class="legend">{"".join(items)}</div>'


def _table(title: str, months: Sequence[str], series: Sequence[Series], percent: bool) -> str:
    head = "".join(f'<th class="num" scope="col">{escape(one.name)}</th>' for one in series)
    rows = []
    for index in reversed(range(len(months))):
        cells = "".join(f'<td class="num">{written(one.values[index], percent)}</td>' for one in series)
        rows.append(f'<tr><th scope="row">{months[index]}</th>{cells}</tr>')
    return (
        f'<details><summary>Table</summary><div class="scroll"><table><caption>{escape(title)}</caption>'
        f'<thead><tr><th scope="col">Month</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div></details>'
    )
