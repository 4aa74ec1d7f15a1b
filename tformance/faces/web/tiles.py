"""The tiles of a page: a value, its line, how it moved in words, and what it rests on."""

from dataclasses import dataclass, replace

from django.utils.safestring import SafeString

from tformance.faces.kit import notation, wording
from tformance.faces.kit.charts.spark import few, spark
from tformance.faces.kit.wording import Change, Compared
from tformance.measures.result import Result, Row


@dataclass(frozen=True)
class Tile:
    """`href` is None when no list of exactly these rows exists; `lead` is 'at least' for a bound."""

    label: str
    href: str | None
    explain: str
    value: str
    unit: str
    lead: str
    spark: SafeString
    before: str
    change: str
    tone: str
    base: str
    is_few: bool = False


@dataclass(frozen=True)
class Lines:
    """A measure per bucket, now and in the period before."""

    now: Result
    before: Result

    @classmethod
    def of(cls, compared: Result) -> "Lines":
        """From one result with both."""
        return cls(compared, replace(compared, rows=compared.previous, previous=()))

    def values(self) -> tuple[list[float | None], list[float | None]]:
        return [row.value for row in self.now.rows], [row.value for row in self.before.rows]


@dataclass(frozen=True)
class Doors:
    """Where a tile leads: the list behind the number, and what explains it."""

    href: str | None
    explain: str


def count_tile(total: Row, previous: Row, lines: Lines, doors: Doors) -> Tile:
    now, before = lines.values()
    change = wording.count_change(total, previous)
    shown = replace(lines.now, rows=(total,), previous=(previous,))
    return _tile(shown, doors, spark(now, before), change, base=f"n {notation.number(total.value or 0)}")


def median_tile(result: Result, upper: Result, lines: Lines, doors: Doors, stroke: str = "s-accent") -> Tile:
    """A median with its comparison; without any value the tile says what is missing."""
    if result.total.value is None:
        return _few(result, doors, _base(result.total))
    now, before = lines.values()
    change = wording.median_change(compared(result, upper), result.unit, result.measure.better)
    return _tile(result, doors, spark(now, before, stroke=stroke), change, base=_base(result.total))


def plain_tile(result: Result, line: Result | None, doors: Doors) -> Tile:
    """A rate, a number per week, an index or a median without its spread; its line has this period only."""
    total, before = result.total, result.previous_total
    if total.value is None:
        return _few(result, doors, _base(total))
    if result.query.statistic in ("rate", "share"):
        change = wording.rate_change(total, before, result.measure.better)
    elif result.query.statistic in ("per_week", "sum", "count", "distinct"):
        change = wording.pace_change(total, before)
    else:
        change = Change("", "", None)
    picture = spark([row.value for row in line.rows]) if line else SafeString("")
    return _tile(result, doors, picture, change, base=_base(total))


def share_tile(result: Result, lines: Lines, doors: Doors) -> Tile:
    """A lower bound, written as one, with the upper bound below it."""
    total = result.total
    if total.value is None or total.ceiling is None:
        return _few(result, doors, _base(total))
    now, _ = lines.values()
    ceiling = [row.ceiling for row in lines.now.rows]
    picture = spark(now, stroke="s-ai-assisted", ceiling=ceiling, identity="tile-ai")
    most = f"at most {notation.percent(total.ceiling)}" if total.missing else "all of them analysed"
    change = Change(most, "", None)
    analysed = notation.percent(total.n / total.rows) if total.rows else notation.percent(0)
    return _tile(
        result, doors, picture, change, base=f"n {notation.number(total.rows)} · {analysed} analysed", lead=True
    )


def compared(result: Result, upper: Result) -> Compared:
    return Compared(result.total, result.previous_total, upper.total, upper.previous_total)


def _tile(result: Result, doors: Doors, picture: SafeString, change: Change, *, base: str, lead: bool = False) -> Tile:
    value, unit = wording.value_parts(wording.told(result.total, result.unit), result.unit)
    return Tile(
        label=result.measure.title,
        href=doors.href,
        explain=doors.explain,
        value=f"{wording.about(result.total)}{value}",
        unit=f"{unit} median" if result.query.statistic == "median" else unit,
        lead="at least" if lead else "",
        spark=picture,
        before=_before(result),
        change=change.text,
        tone=change.tone,
        base=base,
    )


def _before(result: Result) -> str:
    before = result.previous_total
    if before.value is None and before.partial:
        return ""
    return "none before" if before.value is None else f"{wording.row_text(before, result.unit)} before"


def _few(result: Result, doors: Doors, base: str) -> Tile:
    return Tile(
        label=result.measure.title,
        href=doors.href,
        explain=doors.explain,
        value="Not enough data",
        unit="",
        lead="",
        spark=few(result.measure.id),
        before=_before(result),
        change="",
        tone="",
        base=base,
        is_few=True,
    )


def summed(result: Result, *, partial: bool) -> Row:
    """A count of all buckets together; `partial` where the period was not read in full."""
    known = [row.value for row in result.rows if row.value is not None]
    return Row(
        key=(),
        day=None,
        start=None,
        value=sum(known) if known else None,
        n=sum(row.n for row in result.rows),
        missing=0,
        partial=partial,
    )


def _base(row: Row) -> str:
    missing = f"{notation.number(row.missing)} missing" if row.missing else "none missing"
    return f"n {notation.number(row.n)} · {missing}"
