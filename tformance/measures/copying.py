"""A list of pull requests as lines of comma-separated values that PostgreSQL writes: Python would take most of the time.

They are what Python's own writer makes of the same rows, to the byte.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Func, OuterRef, Subquery, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import NullIf

from tformance.accounts.tenancy import tenant
from tformance.facts.models.pull_request import PullRequest
from tformance.facts.models.review import PRReview
from tformance.measures import guard
from tformance.measures.query import DateAxis, Filters, Period
from tformance.measures.records import COLUMNS, listing

FORMULA_STARTS: Final = ("-", "=", "+", "@", "\t", "\r")
RUNS: Final = f"^[{''.join(FORMULA_STARTS)}]"
IDS: Final = ("repository_id", "author_id")  # lines have the names only
AFTER: Final = "author__login"  # who reviewed it comes next


class YesNo(Func):
    template = "CASE %(expressions)s WHEN true THEN 'True' WHEN false THEN 'False' END"
    output_field: Any = TextField()


class Hours(Func):
    """Whole numbers too are written with a point."""

    template = "%(expressions)s || CASE WHEN %(expressions)s = trunc(%(expressions)s) THEN '.0' ELSE '' END"
    output_field: Any = TextField()


class Instant(Func):
    """In the session's zone, with parts of a second only where there are any."""

    template = "replace(to_char(%(expressions)s, 'YYYY-MM-DD\"T\"HH24:MI:SS.USTZH:TZM'), '.000000', '')"
    output_field: Any = TextField()


class Listed(Func):
    """The texts of an array."""

    template = "array_to_string(%(expressions)s, ', ')"
    output_field: Any = TextField()


def pull_request_lines(team_id: int, filters: Filters, period: Period, axis: DateAxis) -> Iterator[bytes]:
    """The whole list, latest first, in flat memory; each line ends. It enters the tenant itself: streams outlive their request.

    Instants are in the period's zone, nothing is an empty cell, and a text that a spreadsheet would run starts with '.
    Raises NotYours at once, inside `tenant()`, not while the stream is read.
    """
    return _lines(team_id, filters, period, axis, guard.admit(filters))


def _lines(team_id: int, filters: Filters, period: Period, axis: DateAxis, viewer: guard.Viewer) -> Iterator[bytes]:
    with tenant(team_id), _clocks_of(period.zone), connection.cursor() as cursor:
        with guard.looking(viewer):
            rows = listing(filters, period, axis).order_by("-listed_at", "-id").values_list(*_cells())
        try:
            statement, values = rows.query.sql_with_params()
        except EmptyResultSet:  # nothing can fit, so there is no statement
            return
        with cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv)", values) as lines:
            for line in lines:
                yield bytes(line[:-1]) + b"\r\n"


def _cells() -> Iterator[Combinable]:
    for name in COLUMNS:
        if name not in IDS:
            yield _cell(name)
        if name == AFTER:
            yield _text(Listed(_reviewed_by()))


def _cell(name: str) -> Combinable:
    if "__" in name:
        return _text(_looked_up(*name.split("__")))
    kind = PullRequest._meta.get_field(name).get_internal_type()
    write = {
        "BooleanField": YesNo,
        "FloatField": Hours,
        "DateTimeField": Instant,
        "CharField": _text,
        "TextField": _text,
    }
    return write[kind](F(name)) if kind in write else F(name)


def _text(text: Any) -> Combinable:
    """Nothing rather than no letters, which PostgreSQL would put in quotes. The text is named once: it may be a subquery."""
    marked = Func(text, Value(RUNS), Value("'\\&"), function="regexp_replace", output_field=TextField())
    return NullIf(marked, Value(""), output_field=TextField())


def _looked_up(of: str, name: str) -> Subquery:
    """Not joined: after a join PostgreSQL would sort all rows before it gives the first."""
    model: Any = PullRequest._meta.get_field(of).related_model
    return Subquery(model.everything.filter(pk=OuterRef(f"{of}_id")).values(name))


def _reviewed_by() -> ArraySubquery:
    """Each person once, by name."""
    reviews = PRReview.objects.filter(counts=True, pull_request=OuterRef("pk"))
    people = reviews.values("author", "author__login").annotate(given=Count("pk"))
    return ArraySubquery(people.order_by("author__login", "author").values("author__login"))


@contextmanager
def _clocks_of(zone: ZoneInfo) -> Iterator[None]:
    """The database writes instants in this zone; an error undoes that with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [str(zone)])
        yield
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [connection.timezone_name])
