"""What is kept: the measures that pages ask of the whole team, by the cuts they show. Everything else is read from rows.

A measure can be kept when the parts of a time add up: rows, sums, means, shares and distributions do. People are counted
once in however many weeks they work, so they do not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tformance.measures.catalogue import MEASURES
from tformance.measures.query import Filters
from tformance.measures.shape import Grain, Measure, Rows

Cut = tuple[str, ...]

GRAINS: Final[tuple[Grain, ...]] = ("week", "month")

KEPT: Final[dict[Cut, tuple[str, ...]]] = {
    (): (
        "merged_prs",
        "cycle_time",
        "lead_time",
        "pickup_time",
        "coding_phase",
        "draft_phase",
        "review_phase",
        "merge_phase",
        "deploy_phase",
        "size",
        "review_rounds",
        "comments",
        "unresolved_at_merge",
        "force_pushes_after_review",
        "time_to_first_bot_review",
        "resolved_share",
        "comment_response",
        "thread_resolution_time",
        "revert_share",
        "hotfix_share",
        "self_merged_unreviewed",
        "ai_marked_share",
        "opened_prs",
        "reviews_given",
        "lead_time_for_changes",
        "deploy_time",
        "check_pass_rate",
        "check_duration",
        "flaky_share",
        "churn",
        "touching_prs",
    ),
    ("repository",): ("merged_prs",),
    ("size",): ("merged_prs", "cycle_time"),
    ("author",): ("reviews_given",),
    ("check",): ("check_pass_rate", "check_duration", "flaky_share"),
    ("category",): ("churn", "touching_prs"),
    ("directory",): ("churn", "touching_prs"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """Measures of the same rows by the same cut: one statement gives all of them."""

    rows: Rows
    cut: Cut
    measures: tuple[Measure, ...]


def families() -> Iterator[Family]:
    for cut, names in KEPT.items():
        by_rows: dict[str, list[Measure]] = {}
        for measure in (MEASURES[name] for name in names):
            by_rows.setdefault(measure.rows.id, []).append(measure)
        yield from (Family(measures[0].rows, cut, tuple(measures)) for measures in by_rows.values())


def is_kept(measure: Measure, cut: Cut, filters: Filters) -> bool:
    return filters == Filters() and measure.id in KEPT.get(cut, ())


def name_of(cut: Cut) -> str:
    """As it is stored."""
    return ",".join(cut)
