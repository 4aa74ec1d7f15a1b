"""Where the hours went: every hour between the first commit and production belongs to one phase, so the parts add up.

A mean times its n is a sum. Between opening and merge an hour without a phase is not known: nobody reviewed, or the
reviews were not read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tformance.faces.kit import notation
from tformance.faces.kit.charts import columns
from tformance.faces.kit.charts.phases import UNKNOWN
from tformance.faces.kit.charts.ribbon import Slice, ribbon
from tformance.faces.kit.charts.spec import SHARE, ChartSpec, Series
from tformance.faces.kit.charts.twin import Twin, twin
from tformance.faces.kit.wording import row_text
from tformance.faces.web import figures
from tformance.faces.web.figures import Figure
from tformance.measures.query import Filters, Period, Query
from tformance.measures.result import Result, Row
from tformance.measures.shape import Grain

CODING, OPEN, SHIPPING = "coding_phase", "cycle_time", "deploy_phase"
BETWEEN = ("draft_phase", "pickup_time", "review_phase", "merge_phase")
PHASES = {
    **figures.PHASES,
    UNKNOWN: ("No review known", UNKNOWN),
    SHIPPING: ("To production", "f-deploy"),
}
ASKED = (CODING, *BETWEEN, OPEN, SHIPPING)
LEAST_REST = 0.05  # hours; less is rounding
WIDE, NARROW = 1180, 340


@dataclass(frozen=True)
class Part:
    """A phase's hours, all pull requests together, and its share of the whole."""

    phase: str
    name: str
    fill: str
    hours: float
    share: float


def queries(period: Period, filters: Filters, every: Grain) -> Iterator[tuple[str, Query]]:
    for measure in ASKED:
        yield f"{measure}, mean", Query(measure, "mean", period, filters=filters)
        yield f"{measure}, means", Query(measure, "mean", period, every=every, filters=filters)
        if measure != OPEN:
            yield f"{measure}, median", Query(measure, "median", period, filters=filters)


def parts(rows: Mapping[str, Row]) -> list[Part]:
    """In the order they happen; empty where no hour is known."""
    known = {measure: (row.value or 0) * row.n for measure, row in rows.items()}
    rest = known[OPEN] - sum(known[measure] for measure in BETWEEN)
    hours = {CODING: known[CODING], **{measure: known[measure] for measure in BETWEEN}}
    hours |= {UNKNOWN: rest if rest > LEAST_REST else 0, SHIPPING: known[SHIPPING]}
    whole = sum(hours.values())
    return [Part(phase, *PHASES[phase], spent, spent / whole) for phase, spent in hours.items()] if whole else []


def of_period(answers: Mapping[str, Result]) -> list[Part]:
    return parts({measure: answers[f"{measure}, mean"].total for measure in ASKED})


def whole(answers: Mapping[str, Result]) -> Figure:
    """The period as one ribbon, with the median of each phase below it."""
    found = of_period(answers)
    medians = {phase: _median(answers, phase) for phase in PHASES}
    slices = [Slice(part.name, part.fill, part.share, _under(medians[part.phase])) for part in found]
    rows = [_line(part, answers, medians[part.phase]) for part in found]
    merged = answers[f"{OPEN}, mean"].total.rows
    note = f"n {notation.number(merged)}. Hours of all pull requests together, so long ones weigh more."
    return Figure(
        "hours",
        ribbon(slices, WIDE),
        ribbon(slices, NARROW),
        Twin(["Phase", "Share of the time", "Half took less than", "n", "Missing"], rows),
        f"{note} Below each part: the median of the pull requests that have it.",
        is_empty=not found,
    )


def by_bucket(answers: Mapping[str, Result]) -> Figure:
    """The same shares for every week or month, each adding up to the whole."""
    results = {measure: answers[f"{measure}, means"] for measure in ASKED}
    first = results[OPEN]
    buckets = [parts({measure: result.rows[index] for measure, result in results.items()}) for index in _all(first)]
    series = tuple(
        Series(name, fill, tuple(next((p.share for p in found if p.phase == phase), None) for found in buckets))
        for phase, (name, fill) in PHASES.items()
    )
    spec = ChartSpec(
        identity="hours-by-bucket",
        says="Share of the time in each phase; the table says the values",
        unit=SHARE,
        buckets=figures.bucket_names(first),
        names=figures.long_names(first),
        series=series,
        ns=tuple(row.rows for row in first.rows),
        open_end=figures.is_open(first),
        unread=figures.unread(first),
    )
    return Figure(
        spec.identity,
        columns.stacked(spec, figures.WIDE, 320, labelled=True),
        columns.stacked(spec, figures.NARROW, 260, labelled=False),
        twin(spec, figures.first_header(first)),
        f"By the day of the merge. Pale: fewer than five pull requests.{figures.doubt(spec)}",
        is_empty=not any(buckets),
    )


def _all(result: Result) -> range:
    return range(len(result.rows))


def _median(answers: Mapping[str, Result], phase: str) -> Row | None:
    return None if phase == UNKNOWN else answers[f"{phase}, median"].total


def _under(median: Row | None) -> str:
    return "" if median is None or median.value is None else f"half under {row_text(median, 'hours')}"


def _line(part: Part, answers: Mapping[str, Result], median: Row | None) -> list[str]:
    if median is None:
        return [part.name, notation.percent(part.share), "no median", "", ""]
    value = "none" if median.value is None else row_text(median, "hours")
    return [part.name, notation.percent(part.share), value, notation.number(median.n), notation.number(median.missing)]
