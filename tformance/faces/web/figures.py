"""The charts of the overview, from results to specs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from tformance.faces.kit import notation
from tformance.faces.kit.charts import columns, lines, share
from tformance.faces.kit.charts.spec import COUNT, HOURS, SHARE, ChartSpec, Series, Unit
from tformance.faces.kit.charts.twin import Twin, twin
from tformance.measures.result import Result

PHASES = {
    "coding_phase": ("Coding", "f-coding"),
    "draft_phase": ("Draft", "f-draft"),
    "pickup_time": ("Waiting for review", "f-pickup"),
    "review_phase": ("In review", "f-review"),
    "merge_phase": ("Waiting to merge", "f-merge"),
}
WIDE, NARROW = 660, 340


@dataclass(frozen=True)
class Figure:
    """Two drawings of one spec and the table behind them."""

    identity: str
    wide: SafeString
    narrow: SafeString
    twin: Twin
    note: str
    is_empty: bool


def phases(results: Sequence[Result]) -> Figure:
    """Median of each phase per bucket; `results` are in the order of PHASES."""
    spec = ChartSpec(
        identity="phases",
        says="Median time in each phase per week; the table says the values",
        unit=HOURS,
        buckets=bucket_names(results[0]),
        names=long_names(results[0]),
        series=tuple(Series(*PHASES[result.measure.id], tuple(row.value for row in result.rows)) for result in results),
        ns=tuple(max(rows) for rows in zip(*([row.n for row in result.rows] for result in results), strict=True)),
        open_end=is_open(results[0]),
        unread=unread(results[0]),
    )
    total = sum(row.rows for row in results[0].rows)
    note = f"n {notation.number(total)}. Medians of phases do not add up to the median of the whole.{about(results)}"
    return Figure(
        spec.identity,
        columns.stacked(spec, WIDE, 320, labelled=True),
        columns.stacked(spec, NARROW, 260, labelled=False),
        twin(spec, first_header(results[0])),
        f"{note}{open_bar(spec)}{doubt(spec)}",
        is_empty=not any(any(series.values) for series in spec.series),
    )


def trend(identity: str, says: str, results: Sequence[tuple[str, str, Result]]) -> Figure:
    """Lines of one unit over the same buckets: name, stroke and values of each; shares have the whole as their top."""
    first = results[0][2]
    unit: Unit = SHARE if first.unit == "share" else HOURS if first.unit == "hours" else COUNT
    spec = ChartSpec(
        identity=identity,
        says=says,
        unit=unit,
        buckets=bucket_names(first),
        names=long_names(first),
        series=tuple(Series(name, stroke, tuple(row.value for row in result.rows)) for name, stroke, result in results),
        ns=tuple(row.n for row in first.rows),
        open_end=is_open(first),
        unread=unread(first),
    )
    top = 1.0 if unit is SHARE else None
    total = notation.number(sum(row.n for row in first.rows))
    return Figure(
        spec.identity,
        lines.trend(spec, WIDE, 260, top=top),
        lines.trend(spec, NARROW, 240, top=top),
        twin(spec, first_header(first)),
        f"n {total}. A hollow point rests on fewer than five, or stands alone.{about(each for _, _, each in results)}{doubt(spec)}",
        is_empty=not any(value is not None for series in spec.series for value in series.values),
    )


def deliveries(counts: Result, failures: Result) -> Figure:
    """Deployments per bucket, those with a signal of failure on top of the others."""
    failed = tuple(row.value for row in failures.rows)
    fine = tuple(
        None if row.value is None else row.value - (bad or 0) for row, bad in zip(counts.rows, failed, strict=True)
    )
    spec = ChartSpec(
        identity="deliveries",
        says="Deployments to production, with and without a signal of failure; the table says the values",
        unit=COUNT,
        buckets=bucket_names(counts),
        names=long_names(counts),
        series=(Series("No signal of failure", "f-seq-4", fine), Series("Failed", "f-late", failed)),
        ns=tuple(max(int(row.value or 0), columns.FEW) for row in counts.rows),
        open_end=is_open(counts),
        unread=unread(counts),
    )
    return Figure(
        spec.identity,
        columns.stacked(spec, WIDE, 260, labelled=True),
        columns.stacked(spec, NARROW, 240, labelled=False),
        twin(spec, first_header(counts)),
        f"{open_bar(spec)}{doubt(spec)}".strip(),
        is_empty=not any(any(series.values) for series in spec.series),
    )


def ai_share(result: Result) -> Figure:
    """From what evidence shows to what it cannot rule out."""
    rows = result.rows
    spec = ChartSpec(
        identity="ai-share",
        says="Share of merged pull requests with signs of AI, from a lower to an upper bound; the table says the values",
        unit=SHARE,
        buckets=bucket_names(result),
        names=long_names(result),
        series=(
            Series("At least", "f-ai-assisted", tuple(row.value for row in rows)),
            Series("At most", "", tuple(row.ceiling for row in rows)),
        ),
        ns=tuple(row.rows for row in rows),
        open_end=is_open(result),
        unread=unread(result),
        coverage=tuple(row.n / row.rows if row.rows else None for row in rows),
    )
    return Figure(
        spec.identity,
        share.band(spec, WIDE, 320, labelled=True),
        share.band(spec, NARROW, 260, labelled=True),
        twin(spec, first_header(result)),
        doubt(spec).strip(),
        is_empty=not any(row.rows for row in rows),
    )


def unread(result: Result) -> tuple[bool, ...]:
    return tuple(not row.is_read for row in result.rows)


def about(results: Iterable[Result]) -> str:
    return " ≈ Medians are known to within 1 %." if any(result.approximate for result in results) else ""


def open_bar(spec: ChartSpec) -> str:
    return " The last bar is not over (striped)." if spec.open_end else ""


def doubt(spec: ChartSpec) -> str:
    return " What is hatched was not read in full." if any(spec.unread) else ""


def bucket_names(result: Result) -> tuple[str, ...]:
    days = [row.day for row in result.rows if row.day]
    if result.query.every == "month":
        return tuple(f"{day:%b}" for day in days)
    return tuple(
        f"{day.day}{notation.NBSP}{day:%b}" if not index or day.month != days[index - 1].month else f"{day.day}"
        for index, day in enumerate(days)
    )


def long_names(result: Result) -> tuple[str, ...]:
    days = [row.day for row in result.rows if row.day]
    if result.query.every == "month":
        return tuple(f"{day:%B %Y}" for day in days)
    return tuple(notation.day(day, days[-1]) for day in days)


def first_header(result: Result) -> str:
    return "Month" if result.query.every == "month" else "Week from"


def is_open(result: Result) -> bool:
    return bool(result.rows) and result.rows[-1].partial
