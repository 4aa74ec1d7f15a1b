"""The words a measure is written in. Plain Python: a `value` is an ORM expression, but nothing here looks into it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

Statistic = Literal[
    "count", "sum", "distinct", "per_week", "share", "rate", "gini", "median", "p75", "p85", "p90", "mean"
]
Unit = Literal[
    "pull requests",
    "reviews",
    "reviewers",
    "authors",
    "rounds",
    "comments",
    "threads",
    "pushes",
    "commits",
    "lines",
    "checks",
    "deployments",
    "per week",
    "index",
    "hours",
    "share",
]
Better = Literal["lower", "higher", "neither"]
Grain = Literal["day", "week", "month"]

# Nothing happened means 0; for all others it means no value.
ADDITIVE: frozenset[Statistic] = frozenset({"count", "sum", "distinct", "per_week"})
UNITS: dict[Statistic, Unit] = {"share": "share", "rate": "share", "per_week": "per week", "gini": "index"}


@dataclass(frozen=True, slots=True)
class Dimension:
    """A way to cut rows. `names` says where labels come from: the key itself, or the row the key is the id of.

    `absent` is what rows without a key are called.
    """

    id: str
    title: str
    names: Literal["key", "repository", "actor", "group"] = "key"
    absent: str = "not known"
    order: tuple[str, ...] = ()  # keys in their natural order, where they have one


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Which facts count, and when: the only place that says so.

    `anchor` is the column with the instant that puts a row in a bucket, `where` an ORM condition that every row
    meets. `columns` maps dimension ids and filter names to the column or expression of these rows; a dimension or
    filter that is not in it cannot be used. For rows that are pull requests `state` and `axis` name the list of
    exactly these rows. `stream` is the reading that brings them, which says how far they reach. `holds` makes the
    condition of a filter, by its name, that no single column can answer, `pull` names the column with a row's pull request.
    `about` tells readers who and what counts.
    `unless_cut` maps a dimension to a condition that rows meet as long as they are not cut by it.
    """

    id: str
    model: Any
    anchor: str
    where: Any
    not_automation: Any  # the condition that leaves automation out
    columns: Mapping[str, Any] = field(default_factory=dict)
    state: str | None = None
    axis: str | None = None
    stream: str = "pull_requests"
    holds: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    pull: str = ""
    about: str = ""
    unless_cut: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """A number that no aggregate gives: `columns` are aggregated per value of `per`, and `number` makes one of them.

    Without `per` there is one such line. `number` gives the value and the n it rests on.
    """

    columns: Mapping[str, Any]
    number: Callable[[Sequence[tuple[Any, ...]]], tuple[float | None, int]]
    per: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Measure:
    """One definition. `value` is an ORM expression over a row, null where the row has no such value; None counts rows.

    `share` is the part of all rows whose value is 1 (rows without a value are in the whole: a lower bound), `rate` the
    part of the rows that have a value. A measure with `finish` has the one statistic that it names. Rows younger than `matures`
    may still change, which makes every stretch of time that has some of them partial.
    """

    id: str
    question: str
    title: str
    unit: Unit
    rows: Rows
    value: Any
    statistics: tuple[Statistic, ...]
    better: Better
    source: str
    notes: str
    version: int = 1
    finish: Finish | None = None
    matures: timedelta | None = None

    @property
    def default_statistic(self) -> Statistic:
        return self.statistics[0]

    def unit_of(self, statistic: Statistic) -> Unit:
        """The unit of a result: a share is a share whatever is counted."""
        return UNITS.get(statistic, self.unit)
