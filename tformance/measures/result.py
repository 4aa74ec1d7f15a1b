"""What is answered. Plain Python."""

from dataclasses import dataclass
from datetime import date, datetime

from tformance.measures.query import Query
from tformance.measures.shape import Measure, Unit


@dataclass(frozen=True, slots=True)
class Key:
    """One value of a dimension: what to filter by, and what to call it."""

    id: int | str | None
    label: str


@dataclass(frozen=True, slots=True)
class Row:
    """A value with how many rows it rests on, and how many had none (`missing`).

    Asked for every day, week or month, `day` is the bucket's first day in the team's zone and `start` its first
    instant in UTC; `partial` says that the period cuts the bucket, or that it is not over.
    `is_young` says that what happens later may still change it, as of a share of what was taken back since; that is
    partial too. `approximate` says that it was read from kept sums, to within 1 %; `is_read` that its data had been read
    in full from its start on.
    """

    key: tuple[Key, ...]
    day: date | None
    start: datetime | None
    value: float | None
    n: int
    missing: int
    partial: bool = False
    is_young: bool = False
    approximate: bool = False
    is_read: bool = True

    @property
    def rows(self) -> int:
        """All rows counted: what the list behind the number shows."""
        return self.n + self.missing

    @property
    def ceiling(self) -> float | None:
        """For a share: what it would be if every row without a value were a yes."""
        return None if self.value is None else self.value + self.missing / max(self.rows, 1)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How far the facts behind a result reach; `start` and `end` are None before anything was synced.

    `complete` says that all repositories were read over the whole period asked for; `repositories_read` of
    `repositories` asked for were read at all. `has_pull_requests` is about the whole team.
    """

    start: datetime | None
    end: datetime | None
    complete: bool
    has_pull_requests: bool
    repositories: int = 0
    repositories_read: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one query; `previous` has the rows of the period before, when asked to compare.

    `left_out` is how many people and groups have no rows here because their numbers are not the viewer's to see.
    """

    query: Query
    measure: Measure
    rows: tuple[Row, ...]
    previous: tuple[Row, ...]
    coverage: Coverage
    left_out: int = 0

    @property
    def approximate(self) -> bool:
        return any(row.approximate for row in self.rows)

    @property
    def unit(self) -> Unit:
        return self.measure.unit_of(self.query.statistic)

    @property
    def total(self) -> Row:
        """The only row of a query without dimensions and grain."""
        (row,) = self.rows
        return row

    @property
    def previous_total(self) -> Row:
        (row,) = self.previous
        return row
