"""How far figures follow what the team changed about counting: pull requests by its rules, weeks by its zone."""

from dataclasses import dataclass

from tformance.faces.kit import notation
from tformance.faces.web.door import Place
from tformance.measures.weekly.follow import Step
from tformance.measures.weekly.standing import standing


@dataclass(frozen=True)
class Part:
    """So much of a whole is done; `share` is from 0 to 1."""

    words: str
    share: float


def parts(place: Place) -> list[Part]:
    """Empty where every figure follows. Inside `tenant()`."""
    pulls, weeks = standing(place.team.pk)
    found = []
    if pulls.left:
        done, total = notation.number(pulls.done), notation.number(pulls.done + pulls.left)
        words = f"The rules have changed: {done} of {total} pull requests are read by the new ones."
        found.append(Part(words, _share(pulls)))
    if weeks.left:
        done, total = notation.number(weeks.done), notation.counted(weeks.done + weeks.left, "week")
        found.append(Part(f"{done} of {total} are worked out.", _share(weeks)))
    return found


def _share(step: Step) -> float:
    return step.done / (step.done + step.left)
