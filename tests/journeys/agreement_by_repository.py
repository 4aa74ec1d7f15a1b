"""Comparing what is told by repository with the truth: deployments, checks, reviewers among each other, seats and use."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count

from tests.journeys.agreement import EVER, STATISTICS, Cell
from tformance.accounts.models import Team
from tformance.accounts.tenancy import tenant
from tformance.facts.models.organization import AiUsageDay, Organization, OrganizationMember, ProviderTeam, Seat
from tformance.facts.models.people import Actor
from tformance.measures.agreement import pairs
from tformance.measures.answer import answer
from tformance.measures.guard import EVERYBODY, looking
from tformance.measures.query import Filters, Query
from tformance.measures.result import Result, Row

RATED = ("rate", "sum")
DELIVERY: Mapping[str, tuple[str, ...]] = {
    "deployment_frequency": ("count",),
    "change_failure_rate": RATED,
    "recovery_time": STATISTICS,
    "unlinked_deployments": RATED,
    "failed_deployments": RATED,
    "deploy_time": STATISTICS,
    "lead_time_for_changes": STATISTICS,
}
CHECKS: Mapping[str, tuple[str, ...]] = {
    "check_pass_rate": RATED,
    "check_duration": STATISTICS,
    "flaky_share": ("rate",),
}
CONTENT: Mapping[str, tuple[str, ...]] = {
    "commits": ("count",),
    "ai_marked_commits": ("sum", "share"),
    "churn": ("sum",),
    "touching_prs": ("distinct",),
    "resolved_share": RATED,
    "comment_response": STATISTICS,
    "thread_resolution_time": STATISTICS,
}
REVIEWING = {"review_load": "gini", "review_agreement": "rate"}
ORGANIZATION = (
    *("members", "teams", "copilot_seats", "copilot_usage"),
    *("never_used_seats", "seats_to_end", "report_days", "active_by_day"),
)
COUNTED_ONLY = ("flaky_share", "deployment_frequency", *REVIEWING)  # every row has its value


def planted(truth: dict[str, Any]) -> dict[Cell, float | None]:
    """Every value of these parts of the truth, one entry a cell; groups in which nothing happened are left out."""
    cells = dict(_planted("deployments", truth["delivery"], DELIVERY))
    for depth, groups in truth["checks"].items():
        cells |= dict(_planted(f"checks {depth}", groups, CHECKS))
    cells |= dict(_planted("content", truth["content"], CONTENT))
    for measure, statistic in REVIEWING.items():
        groups = {name: {measure: values} for name, values in truth[measure].items()}
        cells |= dict(_planted("reviewing", groups, {measure: (statistic,)}))
    for kind, count in truth["delivery"]["all"]["failures"].items():
        cells["failures", kind, "change_failure_rate", "sum"] = count
    return {cell: value for cell, value in cells.items() if value != 0 or cell[0] != "failures"}


def _planted(
    part: str, groups: dict[str, Any], measures: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[Cell, float | None]]:
    for group, values in groups.items():
        for measure, statistics in measures.items():
            found = values[measure]
            if any(found.get(name) for name in ("n", "missing", "count")):
                names = statistics if measure in COUNTED_ONLY else (*statistics, "n", "missing")
                yield from (((part, group, measure, name), found[name]) for name in names)
                if measure in REVIEWING or measure == "flaky_share":
                    yield (part, group, measure, "n"), found["n"]


def answered(team: Team) -> dict[Cell, float | None]:
    """The same cells as the product answers them."""
    cells: dict[Cell, float | None] = {}
    reviewing = {measure: (statistic,) for measure, statistic in REVIEWING.items()}
    with tenant(team.pk), looking(EVERYBODY):
        for by in ((), ("repository",)):
            cells |= dict(_answered("deployments", DELIVERY, by))
            cells |= dict(_answered("checks every", CHECKS, by))
            cells |= dict(_answered("checks last", CHECKS, (*by, "head")))
            cells |= dict(_answered("content", CONTENT, by))
            cells |= dict(_answered("reviewing", reviewing, by))
        cells |= dict(_answered("failures", {"change_failure_rate": ("sum",)}, ("failure",)))
    return cells


def _answered(
    part: str, measures: Mapping[str, tuple[str, ...]], by: tuple[str, ...]
) -> Iterator[tuple[Cell, float | None]]:
    asked = [(measure, statistic) for measure, statistics in measures.items() for statistic in statistics]
    for result in answer([Query(measure, statistic, EVER, by) for measure, statistic in asked]):  # type: ignore[arg-type]
        for row in result.rows:
            if row.rows and _concerns(part, row):
                yield from _cells(part, result, row)


def _concerns(part: str, row: Row) -> bool:
    ids = [key.id for key in row.key]
    return "earlier" not in ids and (part != "failures" or ids != [""])


def _cells(part: str, result: Result, row: Row) -> Iterator[tuple[Cell, float | None]]:
    measure, statistic = result.measure.id, result.query.statistic
    labels = [str(key.id) if part == "failures" else key.label for key in row.key if key.id != "last"]
    cell = part, labels[0] if labels else "all", measure
    yield (*cell, statistic), row.value
    if part == "failures" or measure == "deployment_frequency":
        return
    yield (*cell, "n"), row.n
    if measure not in COUNTED_ONLY:
        yield (*cell, "missing"), row.missing


def planted_pairs(truth: dict[str, Any]) -> list[list[Any]]:
    return [_rounded(pair) for pair in truth["review_agreement"]["all"]["matrix"]]


def _rounded(pair: list[Any]) -> list[Any]:
    """What is computed in another order differs in the last digits."""
    return [round(value, 9) if isinstance(value, float) else value for value in pair]


def agreeing_pairs(team: Team) -> list[list[Any]]:
    """Names of both, on how many pull requests both decided, the share on which alike, and kappa."""
    with tenant(team.pk), looking(EVERYBODY):
        logins = {actor.pk: actor.login for actor in Actor.everything.all()}
        found = [
            [*sorted(logins[int(str(key.id))] for key in (pair.first, pair.second)), pair.n, pair.share, pair.kappa]
            for pair in pairs(Filters(), EVER)
        ]
    return sorted(_rounded(pair) for pair in found)


def planted_organization(truth: dict[str, Any]) -> dict[str, Any]:
    (told,) = truth["organizations"].values()
    return {name: told[name] for name in ORGANIZATION}


def organization(team: Team) -> dict[str, Any]:
    """What is stored of the one organisation, by the names of the truth."""
    with tenant(team.pk):
        stored = Organization.objects.get()
        used = AiUsageDay.objects.filter(is_active=True).values("day").annotate(people=Count("actor", distinct=True))
        values: tuple[Any, ...] = (
            *(model.objects.count() for model in (OrganizationMember, ProviderTeam, Seat, AiUsageDay)),
            Seat.objects.filter(last_active_at=None).count(),
            Seat.objects.filter(cancels_on__isnull=False).count(),
            stored.report_days.count(),
            {str(row["day"]): row["people"] for row in used.order_by("day")},
        )
    return dict(zip(ORGANIZATION, values, strict=True))
