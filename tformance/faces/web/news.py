"""Messages of providers in words: whether they come, what became of them, and what nobody understood."""

from collections import defaultdict
from dataclasses import dataclass

from tformance.faces.kit import notation
from tformance.faces.web.door import Place
from tformance.sync.inbox import Summary, Tally, Trouble

BECAME = {
    "received": "not taken up yet",
    "applied": "taken up",
    "ignored": "not needed",
    "unknown": "not understood",
    "failed": "failed",
}
LOUD = ("unknown", "failed")


@dataclass(frozen=True)
class Kind:
    """Messages of one kind: how many came, and what became of how many in the last seven days."""

    event: str
    day: int
    week: int
    became: str
    is_loud: bool


@dataclass(frozen=True)
class News:
    """`sentence` says whether messages come; `troubles` are those not understood or failed, with their age."""

    sentence: str
    warning: str
    kinds: tuple[Kind, ...]
    troubles: tuple[tuple[Trouble, str, str], ...]


def shown(found: Summary, place: Place) -> News:
    return News(
        sentence=_sentence(found, place),
        warning=_warning(found),
        kinds=tuple(_kinds(found)),
        troubles=tuple(
            (each, BECAME[each.state], notation.ago(each.received_at, place.now)) for each in found.troubles
        ),
    )


def _sentence(found: Summary, place: Place) -> str:
    if not found.endpoints:
        return (
            "GitHub sends no messages here, so it is asked: every repository regularly for news, and for everything in "
            "daily and weekly rounds. With a GitHub App and an address that GitHub can reach, news come within a minute."
        )
    if found.last_at is None:
        return (
            "No message has come yet. Until one does, every repository is asked regularly for news. If that stays so, "
            "GitHub may not reach this server."
        )
    waiting = f" {notation.counted(found.waiting, 'message')} not taken up yet." if found.waiting else ""
    return f"The last message came {notation.ago(found.last_at, place.now)}.{waiting}"


def _warning(found: Summary) -> str:
    """Loud, because what is not understood may be missing from the numbers."""
    counts = {state: sum(tally.week for tally in found.tallies if tally.state == state) for state in LOUD}
    parts = []
    if counts["unknown"]:
        parts.append(f"{notation.counted(counts['unknown'], 'message')} of the last seven days not understood")
    if counts["failed"]:
        parts.append(f"{notation.counted(counts['failed'], 'message')} could not be taken up")
    if not parts:
        return ""
    return f"{' and '.join(parts)}. What they told is found by the next round of reading."


def _kinds(found: Summary) -> list[Kind]:
    by_event: defaultdict[str, list[Tally]] = defaultdict(list)
    for tally in found.tallies:
        by_event[tally.event].append(tally)
    return [
        Kind(
            event=event,
            day=sum(tally.day for tally in tallies),
            week=sum(tally.week for tally in tallies),
            became=", ".join(f"{notation.number(tally.week)} {BECAME[tally.state]}" for tally in tallies),
            is_loud=any(tally.state in LOUD for tally in tallies),
        )
        for event, tallies in sorted(by_event.items())
    ]
