"""Comparing what is told of flowing work with the truth: answers, what is open, taken back or given up."""

from datetime import datetime
from typing import Any

from tests.journeys.agreement import EVER, STATISTICS, Cell
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.measures.answer import answer
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.query import Filters, Query
from tformance.measures.waiting import ageing, waiting_for
from tformance.sandbox import truth_flow

ASKED = {
    "opened_prs": ("count",),
    "abandoned_share": ("share",),
    "reviews_after_merge": ("share",),
    "reverted_share": ("rate", "sum"),
    "time_to_revert": STATISTICS,
    "time_open": STATISTICS,
    "time_to_merge": ("median",),
    "active_authors": ("distinct",),
    "prs_per_author": ("median",),
    "active_reviewers": ("distinct",),
}
NAMES = {"share": "value"}


def planted(pulls: list[dict[str, Any]], now: datetime) -> dict[Cell, float | None]:
    return {
        ("flow", group, measure, what): value
        for group, measures in truth_flow.flow(pulls, now).items()
        for measure, values in measures.items()
        for what, value in values.items()
    }


def answered(team: Team) -> dict[Cell, float | None]:
    cells: dict[Cell, float | None] = {}
    asked = [(measure, statistic) for measure, statistics in ASKED.items() for statistic in statistics]
    with tenant(team.pk), looking(EVERYBODY):
        for by in ((), ("repository",)):
            for result in answer([Query(measure, statistic, EVER, by) for measure, statistic in asked]):  # type: ignore[arg-type]
                measure, statistic = result.measure.id, result.query.statistic
                for row in result.rows:
                    cell = "flow", row.key[0].label if by else "all", measure
                    cells[*cell, NAMES.get(statistic, statistic)] = row.value
                    if statistic != "distinct":
                        cells[*cell, "n"] = row.n
                    if measure not in ("time_to_merge", "prs_per_author", "active_authors", "active_reviewers"):
                        cells[*cell, "missing"] = row.missing
    return cells


def queues(team: Team) -> dict[str, int]:
    with tenant(team.pk), looking(EVERYBODY):
        return {queue.asked: queue.count for queue in waiting_for(Filters()).queues}


def old(team: Team) -> list[int]:
    with tenant(team.pk), looking(EVERYBODY):
        found = ageing(Filters(), EVER)
    return [found.opened, found.count]
