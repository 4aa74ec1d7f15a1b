"""What open pull requests wait for right now, in five statements. Call it inside `tenant()`."""

from dataclasses import replace
from typing import get_args

from tformance.measures.compile import filtered
from tformance.measures.pull import WaitingNow, WaitingPull
from tformance.measures.query import Filters, Waiting
from tformance.measures.records import COLUMNS, rows_of
from tformance.measures.rows.listed import LISTED
from tformance.measures.waits import waits_of


def waiting_now(filters: Filters, *, limit: int = 200) -> WaitingNow:
    """All open pull requests that the filters leave, whatever their `state` says, and the `limit` longest waiting."""
    matching = filtered(LISTED, replace(filters, state="open", waiting=None))
    waits = waits_of(matching)
    counts: dict[Waiting, int] = dict.fromkeys(get_args(Waiting), 0)
    for state, _ in waits.values():
        counts[state] += 1
    longest = sorted(waits, key=lambda pull: waits[pull][1])[:limit]
    rows = {row.id: row for row in rows_of(matching.filter(pk__in=longest).values_list(*COLUMNS))}
    return WaitingNow(counts, tuple(WaitingPull(rows[pull], *waits[pull]) for pull in longest if pull in rows))
