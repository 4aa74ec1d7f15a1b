"""From the queries of a page to their results, in as few statements as can be. Call it inside `tenant()`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from tformance.core import clock
from tformance.measures.cached import remembered
from tformance.measures.compile import Ask, measure_of, run
from tformance.measures.coverage import reach
from tformance.measures.labels import labels_of
from tformance.measures.query import Query
from tformance.measures.reading import Answered, Reading
from tformance.measures.result import Result


def answer(queries: Sequence[Query]) -> list[Result]:
    """Results in the order of the queries; raises Unanswerable for what no measure can say.

    Queries over the same rows, period, filters and cuts share one statement.
    """
    now = clock.now()
    asks = _merged(queries, now)
    lookups = {ask.signature: partial(_look_up, ask) for ask in asks.values()}
    found = remembered(lookups, now)
    known = reach()  # how far was read moves on without a change of data
    return [Reading(query, found[asks[_shape(query)].signature], known, now).result() for query in queries]


def _shape(query: Query) -> tuple[object, ...]:
    """What two queries must have in common to be answered by one statement."""
    measure = measure_of(query)
    alone = measure.id if measure.finish else None
    return measure.rows, query.period, query.filters, query.by, query.every, alone


def _merged(queries: Sequence[Query], now: datetime) -> dict[tuple[object, ...], Ask]:
    asks: dict[tuple[object, ...], Ask] = {}
    for query in queries:
        measure = measure_of(query)
        shape = _shape(query)
        ask = asks.get(shape) or Ask(
            measure.rows, query.period, query.filters, query.by, query.every, finish=measure.finish
        )
        previous = query.period.previous(now) if query.compare else ask.previous
        wanted = dict.fromkeys((*ask.wanted, (measure, query.statistic)))
        asks[shape] = replace(ask, previous=previous, wanted=tuple(wanted))
    return asks


def _look_up(ask: Ask) -> Answered:
    groups = run(ask)
    seen = {name: {group.keys[place] for group in groups} for place, name in enumerate(ask.by)}
    return Answered(groups, labels_of(seen))
