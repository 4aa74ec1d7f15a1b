"""How far a team's figures follow what it changed about counting: pull requests its rules, weeks all that concerns them."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from tformance.accounts.models import Team
from tformance.core import clock
from tformance.facts.models.rules import RulesRound
from tformance.facts.models.touched import TouchedDays
from tformance.facts.touched import ALWAYS
from tformance.measures.coverage import reach
from tformance.measures.models.weekly import WeeklyRound
from tformance.measures.weekly.follow import Step, is_stale, known_weeks, missing_weeks

NOTHING = Step()


class Standing(NamedTuple):
    """Each is what is done and what is left; nothing of both where nothing is known to be left."""

    pulls: Step
    weeks: Step


def standing(team_id: int) -> Standing:
    """Inside `tenant()`; one statement where everything follows."""
    marks = TouchedDays.objects.filter(team=OuterRef("pk")).exclude(concern=TouchedDays.Concern.ROLLUPS)
    found = Team.objects.select_related("rules_round", "weekly_round").annotate(is_marked=Exists(marks))
    team = found.get(pk=team_id)
    return Standing(
        _pulls(getattr(team, "rules_round", None)), _weeks(getattr(team, "weekly_round", None), team.is_marked)
    )


def _pulls(mine: RulesRound | None) -> Step:
    if mine is None:
        return NOTHING
    done = min(mine.done, mine.total)
    return Step(done, mine.total - done)


def _weeks(mine: WeeklyRound | None, is_marked: bool) -> Step:
    now = clock.now()
    if mine is None or not (is_marked or is_stale(mine) or mine.due_at <= now):
        return NOTHING
    zone = ZoneInfo(mine.team.zone)
    known = known_weeks(reach(), zone, now)
    if known is None:
        return NOTHING
    marks = TouchedDays.objects.filter(team=mine.team_id).exclude(concern=TouchedDays.Concern.ROLLUPS)
    spans = [*marks.values_list("first_day", "last_day"), *([ALWAYS] if is_stale(mine) else [])]
    left = {day for span in spans for day in known.touched_by(span, zone)} | missing_weeks(known)
    return Step(len(known) - len(left), len(left))
