"""Answers from what is kept: whole weeks and months as roll-ups, the rest of the periods from rows. Inside `tenant()`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import repeat
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Q

from tformance.accounts.tenancy import current_team_id
from tformance.facts.models.touched import TouchedDays
from tformance.facts.touched import joined
from tformance.measures.compile import Ask, Group
from tformance.measures.models.rollup import Rollup
from tformance.measures.rollups.cover import Whole, gaps, spans, wholes
from tformance.measures.rollups.kept import is_kept, name_of
from tformance.measures.rollups.rows import Counted, Counting
from tformance.measures.rollups.tally import Keys, Tally
from tformance.measures.shape import Measure
from tformance.measures.statistics import FRACTIONS

Key = tuple[bool, date | None, Keys]  # of a group: whether of the period before, bucket, dimensions
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
    """An ask, the kept parts that it can be put together from, and the histograms of those, by id."""

    ask: Ask
    parts: Sequence[Part]
    places: Mapping[int, Any] = field(default_factory=dict)

    @property
    def has_percentiles(self) -> bool:
        return bool(_distributed(self.ask))

    @property
    def rows(self) -> float:
        """How many rows it asks for, about: what is not kept has as many a day as what is."""
        first, _ = self.ask.wanted[0]
        kept = sum((part.whole.bucket.end - part.whole.bucket.start for part in self.parts), timedelta())
        asked = sum((span.end - span.start for span in spans(self.ask)), timedelta())
        return sum(part.stored[first].rows for part in self.parts) * (asked / kept)

    @property
    def distributions(self) -> Iterator[int]:
        wanted = _distributed(self.ask)
        for part in self.parts:
            yield from (stored.id for measure, stored in part.stored.items() if measure.id in wanted)

    def groups(self) -> list[Group]:
        """As `compile.run` gives them; percentiles are known to within 1 %."""
        found: defaultdict[Key, defaultdict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
        for part in self.parts:
            self._add(part, found)
        for counted in self._from_rows():
            tallies = found[counted.is_previous, counted.day, counted.keys]
            for measure, tally in counted.tallies.items():
                tallies[measure].add(tally.rows, tally.n, tally.total, tally.places.items())
        return [Group(*key, self._numbers(tallies)) for key, tallies in found.items()]

    def _add(self, part: Part, found: Mapping[Key, Mapping[str, Tally]]) -> None:
        span = part.whole.span
        for measure, stored in part.stored.items():
            histograms = self.places.get(stored.id) or repeat(((), ()))
            for (keys, rows, n, total), (places, counts) in zip(stored.sums, histograms, strict=False):
                tally = found[span.is_previous, span.day, tuple(keys)][measure.id]
                tally.add(rows, n, total, zip(places, counts, strict=True))

    def _numbers(self, tallies: Mapping[str, Tally]) -> dict[Any, Any]:
        return {
            (measure.id, statistic): tallies[measure.id].numbers(measure, statistic)
            for measure, statistic in self.ask.wanted
        }

    def _from_rows(self) -> Iterator[Counted]:
        used = [part.whole for part in self.parts]
        rest = [gap for span in spans(self.ask) for gap in gaps(span, (each for each in used if each.span == span))]
        if not rest:
            return iter(())
        return Counting(self.ask.rows, _measures(self.ask), _distributed(self.ask), self.ask.by).of(rest)


def kept(asks: Iterable[Ask]) -> dict[str, Kept]:
    """By their signatures those of the asks that are put together from kept parts: three statements, one where nothing is.

    Counts and sums are exact either way. Percentiles are read from rows as long as all rows asked for, each taken once,
    are few enough to be sorted.
    """
    possible = {ask: wanted for ask in asks if _may_be_kept(ask) and (wanted := wholes(ask))}
    stored = _stored(possible) if possible else {}
    found = [each for ask, wanted in possible.items() if (each := Kept(ask, list(_parts(ask, wanted, stored)))).parts]
    if _rows_of(each for each in found if each.has_percentiles) <= settings.EXACT_ROWS:
        return {each.ask.signature: each for each in found if not each.has_percentiles}
    places = _places({key for each in found for key in each.distributions})
    return {each.ask.signature: replace(each, places=places) for each in found}


def _rows_of(found: Iterable[Kept]) -> float:
    most: dict[str, float] = {}
    for each in found:
        most[each.ask.rows.id] = max(each.rows, most.get(each.ask.rows.id, 0))
    return sum(most.values())


def _places(ids: Collection[int]) -> dict[int, Any]:
    return dict(Rollup.objects.filter(id__in=sorted(ids)).values_list("id", "places"))


def _may_be_kept(ask: Ask) -> bool:
    return all(is_kept(measure, ask.by, ask.filters) for measure in _measures(ask))


def _measures(ask: Ask) -> list[Measure]:
    return list(dict.fromkeys(measure for measure, _ in ask.wanted))


def _distributed(ask: Ask) -> frozenset[str]:
    return frozenset(measure.id for measure, statistic in ask.wanted if statistic in FRACTIONS)


def _stored(wanted: Mapping[Ask, Sequence[Whole]]) -> dict[Address, Stored]:
    """Of these weeks and months what is kept and holds."""
    chosen = Q(pk__in=[])
    for ask, parts in wanted.items():
        names = [measure.id for measure in _measures(ask)]
        for grain in {part.grain for part in parts}:
            days = sorted({part.bucket.day for part in parts if part.grain == grain})
            chosen |= Q(measure__in=names, cut=name_of(ask.by), grain=grain, day__in=days)
    columns = ("measure", "version", "cut", "grain", "zone", "day", "first_day", "last_day", "id", "rows", "sums")
    rows = list(Rollup.objects.filter(chosen).values_list(*columns))
    marks = _marks() if rows else []
    return {
        tuple(address): Stored(key, count, sums)
        for *address, first, last, key, count, sums in rows
        if not any(start <= last and end >= first for start, end in marks)
    }


def _marks() -> list[tuple[date, date]]:
    """Days of changes that nobody has followed yet."""
    mine = TouchedDays.objects.filter(team_id=current_team_id()).exclude(concern=TouchedDays.Concern.WEEKS)
    return joined(mine.values_list("first_day", "last_day").distinct())


def _parts(ask: Ask, wanted: Sequence[Whole], stored: Mapping[Address, Stored]) -> Iterator[Part]:
    zone = str(ask.period.zone)
    for whole in wanted:
        addresses = {
            measure: (measure.id, measure.version, name_of(ask.by), whole.grain, zone, whole.bucket.day)
            for measure in _measures(ask)
        }
        if all(address in stored for address in addresses.values()):
            yield Part(whole, {measure: stored[address] for measure, address in addresses.items()})
