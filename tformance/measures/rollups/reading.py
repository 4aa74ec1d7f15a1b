"""Answers from what is kept: whole weeks and months as roll-ups, the rest of the periods from rows. Inside `tenant()`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import repeat
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import Q

from tformance.facts.touched import Days
from tformance.measures.compile import Ask, Group, Numbers
from tformance.measures.models.rollup import Rollup
from tformance.measures.rollups.cover import Whole, gaps, spans, wholes
from tformance.measures.rollups.kept import is_kept, name_of
from tformance.measures.rollups.rows import Counted, Counting
from tformance.measures.rollups.tally import Keys, Tally
from tformance.measures.shape import Measure, Statistic
from tformance.measures.statistics import FRACTIONS

MOSTLY: Final = 0.5  # with less that is kept, the database adds up what is asked for faster than this does

Key = tuple[bool, date | None, Keys]  # of a group: whether of the period before, bucket, dimensions
Tallies = defaultdict[Key, defaultdict[str, Tally]]  # by measure
Address = tuple[str, int, str, str, str, date]  # measure, version, cut, grain, zone, first day


class Stored(NamedTuple):
    """A roll-up without its histograms, which are read by its id where they are needed."""

    id: int
    rows: int
    sums: Any


@dataclass(frozen=True, slots=True)
class Part:
    """A week or month of which every measure is kept."""

    whole: Whole
    stored: Mapping[Measure, Stored]


@dataclass(frozen=True, slots=True)
class Kept:
    """An ask, and the kept parts that it can be put together from."""

    ask: Ask
    parts: Sequence[Part]

    @property
    def share(self) -> float:
        """How much of the time asked for is kept."""
        kept = sum((part.whole.bucket.end - part.whole.bucket.start for part in self.parts), timedelta())
        return kept / sum((span.end - span.start for span in spans(self.ask)), timedelta())

    @property
    def rows(self) -> float:
        """How many rows it asks for, about: what is not kept has as many a day as what is."""
        first, _ = self.ask.wanted[0]
        return sum(part.stored[first].rows for part in self.parts) / self.share

    @property
    def distributions(self) -> Iterator[int]:
        wanted = _distributed(self.ask)
        for part in self.parts:
            yield from (stored.id for measure, stored in part.stored.items() if measure.id in wanted)

    def tallies(self, places: Mapping[int, Any]) -> Tallies:
        """What is kept and what is counted of the rest, added up; `places` are the histograms by id."""
        found: Tallies = defaultdict(lambda: defaultdict(Tally))
        for part in self.parts:
            _add(part, places, found)
        for counted in self._from_rows():
            tallies = found[counted.is_previous, counted.day, counted.keys]
            for measure, tally in counted.tallies.items():
                tallies[measure].add(tally.rows, tally.n, tally.total, tally.places.items())
        return found

    def _from_rows(self) -> Iterator[Counted]:
        used = [part.whole for part in self.parts]
        rest = [gap for span in spans(self.ask) for gap in gaps(span, (each for each in used if each.span == span))]
        if not rest:
            return iter(())
        return Counting(self.ask.rows, _measures(self.ask), _distributed(self.ask), self.ask.by).of(rest)


def kept(asks: Iterable[Ask], changed: Sequence[Days]) -> dict[str, list[Group]]:
    """By their signatures the groups of those asks that are put together from kept parts, as `compile.run` gives them.

    `changed` are the days of which nothing that is kept holds. Counts and sums are exact either way. Percentiles are read
    from rows as long as all rows asked for, each taken once, are few enough to be sorted, and else known to within 1 %.
    """
    possible = [ask for ask in asks if _may_be_kept(ask) and wholes(ask)]
    stored = _stored({*possible, *_joined(possible)}, changed) if possible else {}
    found = [each for ask in possible if (each := _kept(ask, stored)).share >= MOSTLY]
    if _rows_of(each for each in found if _distributed(each.ask)) <= settings.EXACT_ROWS:
        found = [each for each in found if not _distributed(each.ask)]
    joined = [(_kept(ask, stored), members) for ask, members in _joined(each.ask for each in found).items()]
    places = _places({key for each, _ in joined for key in each.distributions})
    groups: dict[str, list[Group]] = {}
    for each, members in joined:
        tallies = each.tallies(places)
        groups |= {member.signature: _groups(member, tallies) for member in members}
    return groups


def _joined(asks: Iterable[Ask]) -> dict[Ask, list[Ask]]:
    """Asks of the same rows, period and cut, with one that answers them all: a whole is the sum of its buckets."""
    alike: dict[tuple[Any, ...], list[Ask]] = {}
    for ask in sorted(asks, key=lambda ask: not ask.every):
        same = next((key for key in alike if key[:3] == _likeness(ask) and ask.every in (None, key[3])), None)
        alike.setdefault(same or (*_likeness(ask), ask.every), []).append(ask)
    return {_together(members): members for members in alike.values()}


def _likeness(ask: Ask) -> tuple[Any, ...]:
    return ask.rows, ask.period, ask.by


def _together(members: Sequence[Ask]) -> Ask:
    wanted = tuple(dict.fromkeys(each for member in members for each in member.wanted))
    previous = next((member.previous for member in members if member.previous), None)
    return replace(members[0], wanted=wanted, previous=previous)


def _groups(ask: Ask, tallies: Tallies) -> list[Group]:
    """Of tallies that answer other asks as well."""
    found: Tallies = defaultdict(lambda: defaultdict(Tally))
    measures = {measure.id for measure in _measures(ask)}
    for (is_previous, day, keys), by_measure in tallies.items():
        if is_previous and not ask.previous:
            continue
        mine = found[is_previous, day if ask.every else None, keys]
        for name in measures:
            tally = by_measure[name]
            mine[name].add(tally.rows, tally.n, tally.total, tally.places.items())
    return [Group(*key, _numbers(ask, by_measure)) for key, by_measure in found.items()]


def _numbers(ask: Ask, tallies: Mapping[str, Tally]) -> dict[tuple[str, Statistic], Numbers]:
    return {
        (measure.id, statistic): tallies[measure.id].numbers(measure, statistic) for measure, statistic in ask.wanted
    }


def _add(part: Part, places: Mapping[int, Any], found: Tallies) -> None:
    span = part.whole.span
    for measure, stored in part.stored.items():
        histograms = places.get(stored.id) or repeat(((), ()))
        for (keys, rows, n, total), (at, counts) in zip(stored.sums, histograms, strict=False):
            tally = found[span.is_previous, span.day, tuple(keys)][measure.id]
            tally.add(rows, n, total, zip(at, counts, strict=True))


def _rows_of(found: Iterable[Kept]) -> float:
    most: dict[str, float] = {}
    for each in found:
        most[each.ask.rows.id] = max(each.rows, most.get(each.ask.rows.id, 0))
    return sum(most.values())


def _places(ids: Collection[int]) -> dict[int, Any]:
    return dict(Rollup.objects.filter(id__in=sorted(ids)).values_list("id", "places")) if ids else {}


def _may_be_kept(ask: Ask) -> bool:
    return all(is_kept(measure, ask.by, ask.filters) for measure in _measures(ask))


def _measures(ask: Ask) -> list[Measure]:
    return list(dict.fromkeys(measure for measure, _ in ask.wanted))


def _distributed(ask: Ask) -> frozenset[str]:
    return frozenset(measure.id for measure, statistic in ask.wanted if statistic in FRACTIONS)


def _stored(asks: Collection[Ask], changed: Sequence[Days]) -> dict[Address, Stored]:
    """Of the weeks and months of these what is kept and holds."""
    chosen = Q(pk__in=[])
    for ask in asks:
        parts = wholes(ask)
        names = [measure.id for measure in _measures(ask)]
        for grain in {part.grain for part in parts}:
            days = sorted({part.bucket.day for part in parts if part.grain == grain})
            chosen |= Q(measure__in=names, cut=name_of(ask.by), grain=grain, day__in=days)
    columns = ("measure", "version", "cut", "grain", "zone", "day", "first_day", "last_day", "id", "rows", "sums")
    return {
        tuple(address): Stored(key, count, sums)
        for *address, first, last, key, count, sums in Rollup.objects.filter(chosen).values_list(*columns)
        if not any(start <= last and end >= first for start, end in changed)
    }


def _kept(ask: Ask, stored: Mapping[Address, Stored]) -> Kept:
    zone = str(ask.period.zone)
    parts = []
    for whole in wholes(ask):
        addresses = {
            measure: (measure.id, measure.version, name_of(ask.by), whole.grain, zone, whole.bucket.day)
            for measure in _measures(ask)
        }
        if all(address in stored for address in addresses.values()):
            parts.append(Part(whole, {measure: stored[address] for measure, address in addresses.items()}))
    return Kept(ask, parts)
