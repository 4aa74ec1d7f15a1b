"""The table behind a chart."""

from dataclasses import dataclass

from tformance.faces.kit import notation
from tformance.faces.kit.charts.spec import ChartSpec


@dataclass(frozen=True)
class Twin:
    """Header cells and rows of text; the first cell of a row names its bucket."""

    header: list[str]
    rows: list[list[str]]


def twin(spec: ChartSpec, first: str) -> Twin:
    """Every value of the drawing in words; a gap is said, not left empty."""
    header = [first, *(series.name for series in spec.series), "n"]
    if spec.coverage:
        header.append("Analysed")
    return Twin(header, [_row(spec, index) for index in range(len(spec.buckets))])


def _row(spec: ChartSpec, index: int) -> list[str]:
    cells = [f"{spec.names[index]}{_doubt(spec, index)}"]
    for series in spec.series:
        value = series.values[index]
        cells.append("none" if value is None else spec.unit.write(value))
    cells.append(notation.number(spec.ns[index]))
    if spec.coverage:
        share = spec.coverage[index]
        cells.append("none" if share is None else notation.percent(share))
    return cells


def _doubt(spec: ChartSpec, index: int) -> str:
    if spec.open_end and index == len(spec.buckets) - 1:
        return " (not over)"
    return " (not read in full)" if spec.unread and spec.unread[index] else ""
