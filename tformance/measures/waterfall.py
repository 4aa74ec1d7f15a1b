"""From all that was read of a period to what a number rests on, and what each reason leaves out. Call it inside `tenant()`."""

from dataclasses import dataclass

from django.db.models import Count, Q

from tformance.core import clock
from tformance.measures import guard
from tformance.measures.cached import remembered
from tformance.measures.compile import measure_of
from tformance.measures.narrow import filtered, within
from tformance.measures.query import Filters, Query
from tformance.measures.shape import Rows


@dataclass(frozen=True, slots=True)
class Waterfall:
    """How many rows were read of the period; which of them something leaves out; how many are counted.

    `other` are not what the measure is about, `carried` only bring merged work on to another branch, `filtered` are
    outside of this view, `unread` have no value as long as their pull request is not read to its end, and `none` have
    no such value. Every row is in one of them: they add up to `read`.
    """

    read: int
    other: int
    automation: int
    carried: int
    filtered: int
    unread: int
    none: int
    counted: int

    @property
    def unfiltered(self) -> int:
        """What the number would count if the view were not narrowed."""
        return self.filtered + self.rows

    @property
    def rows(self) -> int:
        """What the list behind the number shows."""
        return self.unread + self.none + self.counted


def waterfall(query: Query) -> Waterfall:
    """Of a query without cuts; three statements. Raises Unanswerable like the query itself."""
    measure = measure_of(query)
    guard.admit(query.filters)
    name = repr(("waterfall", measure.id, measure.version, query.period, query.filters))
    found: Waterfall = remembered({name: lambda: _counted(query)}, clock.now())[name]
    return found


def _counted(query: Query) -> Waterfall:
    measure = measure_of(query)
    rows, filters = measure.rows, query.filters
    period = within(rows.anchor, query.period.start, query.period.end)
    read, fitting, of_people, own = _stages(rows, period, filters)
    has_none = Q(pk__in=[]) if measure.value is None else Q(of_measure__isnull=True)
    matching = filtered(rows, filters).filter(period)
    if measure.value is not None:
        matching = matching.alias(of_measure=measure.value)
    kept = matching.aggregate(rows=Count("*"), without=Count("pk", filter=has_none))
    unread = 0
    if kept["without"] and rows.pull:  # few are, and an index has them by themselves
        unread = matching.filter(has_none, **{f"{_path(rows)}is_complete": False}).count()
    return Waterfall(
        read=read,
        other=read - fitting,
        automation=fitting - of_people,
        carried=of_people - own,
        filtered=own - kept["rows"],
        unread=unread,
        none=kept["without"] - unread,
        counted=kept["rows"] - kept["without"],
    )


def _stages(rows: Rows, period: Q, filters: Filters) -> tuple[int, int, int, int]:
    """Rows of the period, those that the measure is about, those not by automation, and those that stand for themselves."""
    fitting = rows.where
    for condition in rows.unless_cut.values():
        fitting &= condition
    by_people = own = fitting
    if rows.not_automation and not filters.automation:
        by_people = fitting & Q(**{f"{_path(rows)}by_automation": False})
        own = fitting & rows.not_automation
    read = rows.model.objects.all()
    stages = {"fitting": fitting, "by_people": by_people, "own": own}
    counts = {name: Count("pk", filter=stage) for name, stage in stages.items() if stage}
    found = read.filter(period).aggregate(read=Count("*"), **counts)
    return found["read"], *(found.get(name, found["read"]) for name in stages)


def _path(rows: Rows) -> str:
    """From a row to its pull request."""
    return "" if rows.pull == "pk" else f"{rows.pull}__"
