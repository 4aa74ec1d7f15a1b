"""The address of a page is its state: query parameters ↔ period, filters and sort order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self, TypeVar, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from tformance.measures.pull import Direction, Sort
from tformance.measures.query import DateAxis, Filters, Period, Size, State, Verdict, Waiting

PERIOD_DAYS = {"30d": 30, "90d": 90, "180d": 180, "365d": 365}
DEFAULT_PERIOD = "90d"
STATES: dict[str, State | None] = {"open": "open", "merged": "merged", "closed": "closed", "all": None}
OUTSIDE = "."  # stands for files outside of folders
MOST_YEARS = timedelta(days=366 * 30)

Word = TypeVar("Word", bound=str)


class BadAddress(Exception):
    """A parameter holds something it cannot mean; the message says which and what would work."""


@dataclass(frozen=True)
class View:
    """What a page shows. `period_name` is None for a period chosen by dates."""

    period: Period
    period_name: str | None
    filters: Filters
    now: datetime
    axis: DateAxis = "own"
    sort: Sort = "own"
    direction: Direction = "desc"
    after: str | None = None

    @classmethod
    def read(cls, params: QueryDict, zone: ZoneInfo, now: datetime) -> Self:
        """Raises BadAddress rather than showing another view than the one asked for."""
        name, period = _period(params, zone, now)
        sort, direction = _sort(params.get("sort", "-own"))
        return cls(
            period=period,
            period_name=name,
            filters=_filters(params),
            now=now,
            axis=_one_of(params, "by", get_args(DateAxis), "own"),
            sort=sort,
            direction=direction,
            after=params.get("after") or None,
        )

    def with_filters(self, **changes: object) -> "View":
        """The same page with other filters, from its first row."""
        return replace(self, filters=replace(self.filters, **changes), after=None)  # type: ignore[arg-type]

    def of_scope(self) -> "View":
        """Without what only lists have."""
        filters = self.filters.of_scope().with_state("merged")
        return replace(self, filters=filters, axis="own", sort="own", direction="desc", after=None)

    def from_row(self, after: str | None) -> "View":
        return replace(self, after=after)

    @property
    def query(self) -> str:
        """The canonical query string with its question mark, or '' for the default view."""
        pairs = self.pairs()
        return f"?{urlencode(pairs)}" if pairs else ""

    def pairs(self) -> list[tuple[str, str]]:
        return [*self._scope_pairs(), *self._list_pairs()]

    @property
    def scope_query(self) -> str:
        """The same without what only lists have."""
        pairs = self._scope_pairs()
        return f"?{urlencode(pairs)}" if pairs else ""

    def _scope_pairs(self) -> list[tuple[str, str]]:
        filters = self.filters
        return [
            *self._period_pairs(),
            *(("repository", str(identity)) for identity in filters.repositories),
            *(("author", str(identity)) for identity in filters.authors),
            *(("ai", verdict) for verdict in filters.ai),
            *(("tool", tool) for tool in filters.ai_tools),
            *(("size", size) for size in filters.sizes),
            *([("automation", "1")] if filters.automation else []),
        ]

    def _period_pairs(self) -> list[tuple[str, str]]:
        if self.period_name == DEFAULT_PERIOD:
            return []
        if self.period_name:
            return [("period", self.period_name)]
        last = self.period.end_day - timedelta(days=1)
        return [("from", self.period.first_day.isoformat()), ("to", last.isoformat())]

    def _list_pairs(self) -> list[tuple[str, str]]:
        sort = ("-" if self.direction == "desc" else "") + self.sort
        return [
            *([("state", self.filters.state or "all")] if self.filters.state != "merged" else []),
            *([("waiting", self.filters.waiting)] if self.filters.waiting else []),
            *(("reviewer", str(identity)) for identity in self.filters.reviewers),
            *(("category", name) for name in self.filters.categories),
            *(("folder", name or OUTSIDE) for name in self.filters.directories),
            *([("by", self.axis)] if self.axis != "own" else []),
            *([("q", self.filters.text)] if self.filters.text else []),
            *([("sort", sort)] if sort != "-own" else []),
            *([("after", self.after)] if self.after else []),
        ]


def _period(params: QueryDict, zone: ZoneInfo, now: datetime) -> tuple[str | None, Period]:
    if "from" in params or "to" in params:
        first, last = _date(params, "from"), _date(params, "to")
        if not timedelta() <= last - first <= MOST_YEARS:
            raise BadAddress("The period must start before it ends.")
        return None, Period.of_dates(first, last + timedelta(days=1), zone)
    name = _one_of(params, "period", tuple(PERIOD_DAYS), DEFAULT_PERIOD)
    return name, Period.last_days(PERIOD_DAYS[name], zone, now)


def _date(params: QueryDict, name: str) -> date:
    try:
        return date.fromisoformat(params.get(name, ""))
    except ValueError:
        raise BadAddress(f"“{name}” must be a day such as 2026-11-20, and “from” and “to” come together.") from None


def _filters(params: QueryDict) -> Filters:
    waiting, state = _waiting_and_state(params)
    return Filters(
        repositories=_numbers(params, "repository"),
        authors=_numbers(params, "author"),
        ai=_several(params, "ai", get_args(Verdict)),
        ai_tools=tuple(sorted(set(params.getlist("tool")))),
        sizes=_several(params, "size", get_args(Size)),
        state=state,
        automation=_one_of(params, "automation", ("0", "1"), "0") == "1",
        text=params.get("q", "").replace("\0", "").strip()[:200],
        waiting=waiting,
        reviewers=_numbers(params, "reviewer"),
        categories=tuple(sorted(set(params.getlist("category")))),
        directories=tuple(sorted({"" if name == OUTSIDE else name for name in params.getlist("folder")})),
    )


def _waiting_and_state(params: QueryDict) -> tuple[Waiting | None, State | None]:
    """Only what is open waits."""
    if not params.get("waiting"):
        return None, STATES[_one_of(params, "state", tuple(STATES), "merged")]
    waiting = _one_of(params, "waiting", get_args(Waiting), "draft")
    if _one_of(params, "state", tuple(STATES), "open") != "open":
        raise BadAddress("“waiting” is about open pull requests: “state” must be open.")
    return waiting, "open"


def _sort(text: str) -> tuple[Sort, Direction]:
    direction: Direction = "desc" if text.startswith("-") else "asc"
    for sort in get_args(Sort):
        if text.removeprefix("-") == sort:
            return sort, direction
    raise BadAddress(f"“sort” must be one of {_listed(get_args(Sort))}, with a minus for the other way round.")


def _numbers(params: QueryDict, name: str) -> tuple[int, ...]:
    values = [value for value in params.getlist(name) if value]
    if not all(value.isdecimal() and len(value) < 19 for value in values):
        raise BadAddress(f"“{name}” must be a number.")
    return tuple(sorted({int(value) for value in values}))


def _one_of(params: QueryDict, name: str, allowed: tuple[Word, ...], default: Word) -> Word:
    value = params.get(name) or default
    for choice in allowed:
        if value == choice:
            return choice
    raise BadAddress(f"“{name}” must be one of {_listed(allowed)}.")


def _several(params: QueryDict, name: str, allowed: tuple[Word, ...]) -> tuple[Word, ...]:
    asked = set(filter(None, params.getlist(name)))
    if asked - set(allowed):
        raise BadAddress(f"“{name}” must be one of {_listed(allowed)}.")
    return tuple(choice for choice in allowed if choice in asked)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
