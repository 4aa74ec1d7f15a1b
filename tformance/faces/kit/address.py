"""The address of a page is its state: query parameters ↔ period, filters and sort order."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self, TypeVar, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import QueryDict

from tformance.measures.pull import Direction, Sort
from tformance.measures.query import DateAxis, Filters, Linked, Period, Signal, Size, State, Verdict, Waiting, YesNo

PERIOD_DAYS = {"30d": 30, "90d": 90, "180d": 180, "365d": 365}
DEFAULT_PERIOD = "90d"
STATES: dict[str, State | None] = {"open": "open", "merged": "merged", "closed": "closed", "all": None}
COLUMNS = ("size", "phases", "ai", "reviewers", "first_review", "rounds", "comments", "threads")
DEFAULT_COLUMNS = ("size", "phases", "ai", "reviewers")
NO_COLUMNS = "none"
OUTSIDE = "."  # stands for files outside of folders, no label, no kind of work and nobody asked
UNKNOWN = "unknown"  # stands for what has no value
MOST_YEARS = timedelta(days=366 * 30)
DAYS = range(date(1970, 1, 1).toordinal(), date(2200, 1, 1).toordinal())  # with room to compare with before and after

Word = TypeVar("Word", bound=str)


class BadAddress(Exception):
    """A parameter holds something it cannot mean; the message says which and what would work."""


@dataclass(frozen=True)
class View:
    """What a page shows. `period_name` is None for a period chosen by dates; `columns` are those of the list."""

    period: Period
    period_name: str | None
    filters: Filters
    now: datetime
    axis: DateAxis = "own"
    sort: Sort = "own"
    direction: Direction = "desc"
    after: str | None = None
    columns: tuple[str, ...] = DEFAULT_COLUMNS

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
            columns=_columns(params),
        )

    def with_filters(self, **changes: object) -> "View":
        """The same page with other filters, from its first row."""
        return replace(self, filters=replace(self.filters, **changes), after=None)  # type: ignore[arg-type]

    def of_scope(self) -> "View":
        """Without what only lists have."""
        filters = self.filters.of_scope().with_state("merged")
        plain = replace(self, filters=filters, axis="own", sort="own", direction="desc", after=None)
        return replace(plain, columns=DEFAULT_COLUMNS)

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
            *(("group", str(identity or UNKNOWN)) for identity in filters.groups),
            *(("ai", verdict) for verdict in filters.ai),
            *(("tool", tool) for tool in filters.ai_tools),
            *(("size", size or UNKNOWN) for size in filters.sizes),
            *(("label", name or OUTSIDE) for name in filters.labels),
            *(("base", name) for name in filters.base_branches),
            *(("work", name or OUTSIDE) for name in filters.work_types),
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
        filters = self.filters
        sort = ("-" if self.direction == "desc" else "") + self.sort
        return [
            *([("state", self.filters.state or "all")] if self.filters.state != "merged" else []),
            *([("waiting", self.filters.waiting)] if self.filters.waiting else []),
            *(("asked", name or OUTSIDE) for name in self.filters.asked),
            *(("reviewer", str(identity)) for identity in self.filters.reviewers),
            *(("reviewer_group", str(identity or UNKNOWN)) for identity in self.filters.reviewer_groups),
            *(("category", name) for name in self.filters.categories),
            *(("folder", name or OUTSIDE) for name in self.filters.directories),
            *([("draft", filters.draft)] if filters.draft else []),
            *([("linked", filters.linked)] if filters.linked else []),
            *(("signal", name) for name in filters.signals),
            *([("over", str(filters.over_days))] if filters.over_days else []),
            *([("by", self.axis)] if self.axis != "own" else []),
            *([("q", self.filters.text)] if self.filters.text else []),
            *([("sort", sort)] if sort != "-own" else []),
            *self._column_pairs(),
            *([("after", self.after)] if self.after else []),
        ]

    def _column_pairs(self) -> list[tuple[str, str]]:
        if self.columns == DEFAULT_COLUMNS:
            return []
        return [("column", name) for name in self.columns or (NO_COLUMNS,)]


def _columns(params: QueryDict) -> tuple[str, ...]:
    """In their own order, whatever that of the address is."""
    if not any(params.getlist("column")):
        return DEFAULT_COLUMNS
    asked = _several(params, "column", (*COLUMNS, NO_COLUMNS))
    return tuple(name for name in COLUMNS if name in asked)


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
        day = date.fromisoformat(params.get(name, ""))
    except ValueError:
        raise BadAddress(f"“{name}” must be a day such as 2026-11-20, and “from” and “to” come together.") from None
    if day.toordinal() not in DAYS:
        raise BadAddress(f"“{name}” must be a day from 1970 to 2199.")
    return day


def _filters(params: QueryDict) -> Filters:
    waiting, state = _waiting_and_state(params)
    return Filters(
        repositories=_numbers(params, "repository"),
        authors=_numbers(params, "author"),
        ai=_several(params, "ai", get_args(Verdict)),
        ai_tools=_texts(params, "tool"),
        sizes=(
            *_several(params, "size", get_args(Size), UNKNOWN),
            *([None] if UNKNOWN in params.getlist("size") else []),
        ),
        state=state,
        automation=_one_of(params, "automation", ("0", "1"), "0") == "1",
        text=params.get("q", "").replace("\0", "").strip()[:200],
        waiting=waiting,
        reviewers=_numbers(params, "reviewer"),
        categories=_texts(params, "category"),
        labels=_or_none(params, "label"),
        base_branches=_texts(params, "base"),
        work_types=_or_none(params, "work"),
        draft=_maybe(params, "draft", get_args(YesNo)),
        linked=_maybe(params, "linked", get_args(Linked)),
        signals=_several(params, "signal", get_args(Signal)),
        over_days=_days(params, "over"),
        directories=_or_none(params, "folder"),
        asked=tuple(sorted({name.lower() for name in _or_none(params, "asked")})),
        groups=_numbers_or_none(params, "group"),
        reviewer_groups=_numbers_or_none(params, "reviewer_group"),
    )


def _texts(params: QueryDict, name: str) -> tuple[str, ...]:
    """Any words; the database takes no NUL."""
    return tuple(sorted({value.replace("\0", "") for value in params.getlist(name)} - {""}))


def _or_none(params: QueryDict, name: str) -> tuple[str, ...]:
    """The same, with a sign for who has none."""
    return tuple(sorted("" if value == OUTSIDE else value for value in _texts(params, name)))


def _maybe(params: QueryDict, name: str, allowed: tuple[Word, ...]) -> Word | None:
    return _one_of(params, name, allowed, allowed[0]) if params.get(name) else None


def _waiting_and_state(params: QueryDict) -> tuple[Waiting | None, State | None]:
    """Only what is open waits."""
    name = next((name for name in ("waiting", "asked") if params.get(name)), None)
    if name is None:
        return None, STATES[_one_of(params, "state", tuple(STATES), "merged")]
    if _one_of(params, "state", tuple(STATES), "open") != "open":
        raise BadAddress(f"“{name}” is about open pull requests: “state” must be open.")
    return _maybe(params, "waiting", get_args(Waiting)), "open"


def _sort(text: str) -> tuple[Sort, Direction]:
    direction: Direction = "desc" if text.startswith("-") else "asc"
    for sort in get_args(Sort):
        if text.removeprefix("-") == sort:
            return sort, direction
    raise BadAddress(f"“sort” must be one of {_listed(get_args(Sort))}, with a minus for the other way round.")


def _days(params: QueryDict, name: str) -> int | None:
    value = params.get(name, "")
    if value and not (value.isdecimal() and len(value) < 6 and 0 < int(value) <= MOST_YEARS.days):
        raise BadAddress(f"“{name}” must be a number of days.")
    return int(value) if value else None


def _numbers(params: QueryDict, name: str) -> tuple[int, ...]:
    values = [value for value in params.getlist(name) if value]
    if not all(value.isdecimal() and len(value) < 19 for value in values):
        raise BadAddress(f"“{name}” must be a number.")
    return tuple(sorted({int(value) for value in values}))


def _numbers_or_none(params: QueryDict, name: str) -> tuple[int | None, ...]:
    """The same, with a sign for who has none."""
    known = params.copy()
    known.setlist(name, [value for value in params.getlist(name) if value != UNKNOWN])
    return (*_numbers(known, name), *([None] if UNKNOWN in params.getlist(name) else []))


def _one_of(params: QueryDict, name: str, allowed: tuple[Word, ...], default: Word) -> Word:
    value = params.get(name) or default
    for choice in allowed:
        if value == choice:
            return choice
    raise BadAddress(f"“{name}” must be one of {_listed(allowed)}.")


def _several(params: QueryDict, name: str, allowed: tuple[Word, ...], *others: str) -> tuple[Word, ...]:
    """The allowed words that are there; `others` may be there and are left to the caller."""
    asked = set(filter(None, params.getlist(name)))
    if asked - {*allowed, *others}:
        raise BadAddress(f"“{name}” must be one of {_listed((*allowed, *others))}.")
    return tuple(choice for choice in allowed if choice in asked)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
