"""How far figures follow what the team changed about counting: pull requests by its rules, weeks by its zone."""

from dataclasses import dataclass

from tformance.faces.kit import notation
from tformance.faces.web.door import Place
from tformance.facts.rules_round import progress
from tformance.measures.weekly.follow import standing


@dataclass(frozen=True)
class Part:
    """So much of a whole is done; `share` is from 0 to 1."""

    words: str
    share: float


def parts(place: Place) -> list[Part]:
    """Empty where every figure follows. Inside `tenant()`."""
    found = []
    if held := progress(place.team.pk):
        done, total = notation.number(held.done), notation.number(held.total)
        words = f"The rules have changed: {done} of {total} pull requests are read by the new ones."
        found.append(Part(words, held.done / held.total if held.total else 1))
    weeks = standing(place.team.pk)
    if weeks.left:
        done, total = notation.number(weeks.done), notation.counted(weeks.done + weeks.left, "week")
        found.append(Part(f"{done} of {total} are worked out.", weeks.done / (weeks.done + weeks.left)))
    return found
