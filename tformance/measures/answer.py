"""From the queries of a page to their results, in as few statements as can be. Call it inside `tenant()`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tformance.core import clock
from tformance.measures import guard
from tformance.measures.cached import Version, data_version, remembered_together
from tformance.measures.compile import Ask, Group, measure_of, run
from tformance.measures.coverage import reach
from tformance.measures.labels import labels_of
from tformance.measures.query import Query
from tformance.measures.reading import Answered, Reading
from tformance.measures.result import Result
from tformance.measures.rollups.kept import is_kept
from tformance.measures.rollups.reading import kept


def answer(queries: Sequence[Query]) -> list[Result]:
    """Results in the order of the queries, as the current viewer may see them.

    Raises Unanswerable for what no measure can say, and NotYours for filters by people who are not the viewer's to see.
    Queries over the same rows, period, filters and cuts share one statement.
    """
    for filters in dict.fromkeys(query.filters for query in queries):
        guard.admit(filters)
    now, version = clock.now(), data_version()
    shapes = {query: _shape(query, version) for query in queries}
    asks = _merged(shapes, now)
    by_signature = {ask.signature: ask for ask in asks.values()}

    def look_up(missing: list[str]) -> dict[str, Answered]:
        return _look_up([by_signature[each] for each in missing], version)

    found = remembered_together(by_signature, look_up, version, now)
    known = reach()  # how far was read moves on without a change of data
    return guard.cut([Reading(query, found[asks[shapes[query]].signature], known, now).result() for query in queries])


def _shape(query: Query, version: Version) -> tuple[object, ...]:
    """What two queries must have in common to be answered by one statement."""
    measure = measure_of(query)
    alone = measure.id if measure.finish else None
    apart = version.has_rollups and is_kept(measure, query.by, query.filters)
    return measure.rows, query.period, query.filters, query.by, query.every, alone, apart


def _merged(shapes: Mapping[Query, tuple[object, ...]], now: datetime) -> dict[tuple[object, ...], Ask]:
    asks: dict[tuple[object, ...], Ask] = {}
    for query, shape in shapes.items():
        measure = measure_of(query)
        ask = asks.get(shape) or Ask(
            measure.rows, query.period, query.filters, query.by, query.every, finish=measure.finish
        )
        previous = query.period.previous(now) if query.compare else ask.previous
        wanted = dict.fromkeys((*ask.wanted, (measure, query.statistic)))
        compared = ask.compared | {measure.id} if query.compare else ask.compared
        asks[shape] = replace(ask, previous=previous, wanted=tuple(wanted), compared=compared)
    return asks


def _look_up(asks: Sequence[Ask], version: Version) -> dict[str, Answered]:
    groups = kept(asks, version.changed) if version.has_rollups else {}
    return {ask.signature: _answered(ask, groups.get(ask.signature)) for ask in asks}


def _answered(ask: Ask, from_parts: list[Group] | None) -> Answered:
    groups = run(ask) if from_parts is None else from_parts
    seen = {name: {group.keys[place] for group in groups} for place, name in enumerate(ask.by)}
    return Answered(groups, labels_of(seen), approximate=from_parts is not None)
