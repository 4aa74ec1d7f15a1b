"""What a week's columns are made of: the catalogue's measures, and what people say in surveys."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, F, IntegerField, Q, When

from tformance.facts.models.survey import PRSurvey, PRSurveyReview
from tformance.measures.catalogue import MEASURES
from tformance.measures.shape import ADDITIVE, Rows, Statistic


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column by its name; `value` as a measure's. `zero` says that of no rows the number is 0 and not absent."""

    name: str
    statistic: Statistic
    value: Any
    zero: bool
    version: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Columns of the same rows; `member` is the path from a row to the member it belongs to."""

    rows: Rows
    member: str
    columns: tuple[Column, ...]


def _measured(name: str, measure: str, statistic: Statistic) -> Column:
    found = MEASURES[measure]
    return Column(name, statistic, found.value, statistic in ADDITIVE, found.version)


def _is(condition: Q, otherwise: Q) -> Any:
    """1 where the one holds, else 0 where the other does."""
    return Case(When(condition, then=1), When(otherwise, then=0), output_field=IntegerField())


def _counted(name: str, condition: Q) -> Column:
    value = Case(When(condition, then=1), default=0, output_field=IntegerField())
    return Column(name, "sum", value, zero=True)


def _of_pull_request(identifier: str, model: Any, path: str) -> Rows:
    """What is said of merged pull requests, on the day of the merge; the same pull requests count as elsewhere."""
    return Rows(
        id=identifier,
        model=model,
        anchor=f"{path}merged_at",
        where=Q(**{f"{path}merged_at__isnull": False, f"{path}gone_at__isnull": True}),
        not_automation=Q(**{f"{path}by_automation": False, f"{path}carries": ""}),
    )


MERGED, COMMITTED = MEASURES["merged_prs"].rows, MEASURES["commits"].rows
SURVEYED = _of_pull_request("surveys", PRSurvey, "pull_request__")
REVIEWED = _of_pull_request("survey_reviews", PRSurveyReview, "survey__pull_request__")
BY_HUMAN = Q(source=PRSurvey.Source.HUMAN, author_ai_assisted__isnull=False)

PARTS: Final = (
    Part(
        MERGED,
        "author__member",
        (
            _measured("prs_merged", "merged_prs", "count"),
            _measured("avg_cycle_time_hours", "cycle_time", "mean"),
            _measured("median_cycle_time_hours", "cycle_time", "median"),
            _measured("avg_review_time_hours", "review_time", "mean"),
            _measured("median_review_time_hours", "review_time", "median"),
            _measured("lines_added", "lines_added", "sum"),
            _measured("lines_removed", "lines_removed", "sum"),
            _measured("revert_count", "revert_share", "sum"),
            _measured("hotfix_count", "hotfix_share", "sum"),
            _measured("ai_detected_prs", "ai_marked_share", "sum"),
            _measured("ai_authored_prs", "ai_authored_share", "sum"),
            _counted("ai_unknown_prs", Q(ai_marked="unknown")),
        ),
    ),
    Part(COMMITTED, "author__member", (_measured("commits_count", "commits", "count"),)),
    Part(
        SURVEYED,
        "pull_request__author__member",
        (
            Column("ai_assisted_prs", "sum", _is(BY_HUMAN & Q(author_ai_assisted=True), BY_HUMAN), zero=False),
            _counted("surveys_completed", BY_HUMAN),
            _counted("surveys_auto", Q(source=PRSurvey.Source.AUTO, author_ai_assisted__isnull=False)),
        ),
    ),
    Part(
        REVIEWED,
        "survey__pull_request__author__member",
        (Column("avg_quality_rating", "mean", F("quality_rating"), zero=False),),
    ),
    Part(
        REVIEWED,
        "reviewer__member",
        (Column("guess_accuracy", "rate", _is(Q(guess_correct=True), Q(guess_correct=False)), zero=False),),
    ),
)
NAMES: Final = tuple(column.name for part in PARTS for column in part.columns)
OWN_VERSION: Final = 1  # moves on when the columns or the way they are worked out change
VERSION: Final = OWN_VERSION + sum(column.version - 1 for part in PARTS for column in part.columns)
