from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tformance.faces.kit.charts import columns, lines, phases, share, spark, strip
from tformance.faces.kit.charts.scale import spread, ticks
from tformance.faces.kit.charts.spec import HOURS, SHARE, ChartSpec, Series
from tformance.faces.kit.charts.twin import twin

START = datetime(2026, 11, 9, 10, tzinfo=UTC)


def weeks(*values: float | None, ns: tuple[int, ...] | None = None, open_end: bool = False) -> ChartSpec:
    """Two series with the same values."""
    return ChartSpec(
        identity="weeks",
        says="Weeks",
        unit=HOURS,
        buckets=tuple(str(index) for index in range(len(values))),
        names=tuple(f"week {index}" for index in range(len(values))),
        series=(Series("Coding", "f-coding", values), Series("Review", "f-review", values)),
        ns=ns or (10,) * len(values),
        open_end=open_end,
    )


def elements(svg: str, name: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter(name))


def test_a_gap_draws_nothing_and_is_said_in_the_table() -> None:
    spec = weeks(4, None, 8)
    assert len(elements(columns.stacked(spec, 740, 348, labelled=False), "rect")) == 4
    assert twin(spec, "Week").rows[1][1] == "none"


def test_fewer_than_five_are_drawn_pale() -> None:
    svg = columns.stacked(weeks(4, 8, ns=(4, 5)), 740, 348, labelled=False)
    assert [("pale" in rect.attrib["class"]) for rect in elements(svg, "rect")] == [True, True, False, False]


def test_what_is_not_over_is_striped_and_said() -> None:
    spec = weeks(4, 8, open_end=True)
    striped = [r for r in elements(columns.stacked(spec, 740, 348, labelled=False), "rect") if "fill" in r.attrib]
    assert len(striped) == 2
    assert twin(spec, "Week").rows[-1][0] == "week 1 (not over)"


@pytest.mark.parametrize("draw", [partial(columns.stacked, labelled=False), lines.trend])
def test_what_was_not_read_is_hatched_over_its_width_and_said(draw: Callable[..., str]) -> None:
    spec = replace(weeks(None, 4, 8), unread=(True, False, False))
    hatched = [r for r in elements(draw(spec, 740, 348), "rect") if r.attrib.get("fill") == "url(#doubt)"]
    assert len(hatched) == 1
    assert float(hatched[0].attrib["width"]) > 100
    assert [row[0] for row in twin(spec, "Week").rows] == ["week 0 (not read in full)", "week 1", "week 2"]


def test_charts_without_any_value_still_draw() -> None:
    for svg in (columns.stacked(weeks(None, None), 740, 348, labelled=True), spark.spark([None, None])):
        ET.fromstring(svg)


def test_a_chart_needs_no_inline_style() -> None:
    assert "style=" not in columns.stacked(weeks(4, None, 8, open_end=True), 740, 348, labelled=True)


def test_text_of_people_cannot_become_markup() -> None:
    parts = [phases.Part("<script>", "f-coding", timedelta(hours=3))]
    assert "<script>" not in phases.bar(parts)
    assert "<script>" not in phases.ruler(START, parts, [phases.Moment("<b>", START)], 740)


def test_a_share_is_drawn_between_its_bounds_with_coverage_below() -> None:
    spec = ChartSpec(
        identity="ai",
        says="AI",
        unit=SHARE,
        buckets=("a", "b", "c"),
        names=("a", "b", "c"),
        series=(Series("At least", "f-ai-assisted", (0.1, None, 0.3)), Series("At most", "", (0.2, None, 0.3))),
        ns=(20, 0, 20),
        coverage=(0.9, None, 1.0),
    )
    svg = share.band(spec, 440, 300, labelled=True)
    assert len([rect for rect in elements(svg, "rect") if rect.attrib["class"] == "f-seq-6"]) == 1
    assert twin(spec, "Week").rows[2][-1].endswith("100\u202f%")


@pytest.mark.parametrize("top", [0, 0.1, 3, 11.9, 40, 500, 9000])
def test_at_most_four_grid_lines_besides_zero(top: float) -> None:
    found = ticks(top, HOURS.steps)
    assert found[0] == 0
    assert len(found) <= 5


@given(st.lists(st.floats(0, 300), max_size=8).map(sorted))
def test_labels_never_overlap_and_keep_their_order(wanted: list[float]) -> None:
    placed = spread(wanted, 16)
    assert all(low + 16 <= high + 1e-6 for low, high in pairwise(placed))


def test_a_longer_pull_request_has_a_longer_bar() -> None:
    def width(hours: float) -> float:
        svg = phases.bar([phases.Part("Coding", "f-coding", timedelta(hours=hours))])
        return float(elements(svg, "rect")[0].attrib["width"])

    assert width(2) < width(20) < width(200)


def test_long_waits_are_filled() -> None:
    svg = strip.strip([timedelta(hours=3), timedelta(days=3)], 560)
    assert [circle.attrib["class"] for circle in elements(svg, "circle")] == ["f-hollow", "f-late"]
