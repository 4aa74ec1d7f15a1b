"""The rules by which a team's facts are read: held while something is derived by them, and stored when they change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F

from tformance.accounts.models import Team
from tformance.accounts.tenancy import current_team_id
from tformance.facts import bulk
from tformance.facts.decisions import Outdated
from tformance.facts.derive.deployments import EnvironmentRule
from tformance.facts.derive.outcome import HOTFIX, HotfixRule
from tformance.facts.derive.rules import PLAIN, Rules
from tformance.facts.models.rules import TeamRules

HOTFIXES: Final = ("hotfix_labels", "hotfix_branches", "hotfix_titles")
COLUMNS: Final = (*HOTFIXES, "production", "not_production")
CHANGED_MEANWHILE: Final = "Somebody else changed these rules meanwhile."


@dataclass(frozen=True, slots=True)
class NewRules:
    """Rules that were made of those with the version `seen`."""

    rules: Rules
    seen: int


@dataclass(frozen=True, slots=True)
class InForce:
    rules: Rules
    version: int


def in_force() -> InForce:
    """To be shown: nothing is held. Inside `tenant()`."""
    found = TeamRules.objects.values_list(*COLUMNS, "version").first()
    return InForce(PLAIN, 1) if found is None else InForce(_rules(found[:-1]), found[-1])


def hold_rules() -> Rules:
    """The rules, which nobody changes until the caller's transaction ends. To be asked first: others wait for it in turn."""
    found = bulk.shared(TeamRules, current_team_id(), COLUMNS)
    if found is not None:
        return _rules(found)
    _make_row()
    return hold_rules()


def store_rules(new: NewRules) -> None:
    """Waits for whoever derives by older rules. Raises Outdated where they are not those that were seen any more."""
    _make_row()
    mine = TeamRules.objects.select_for_update().get()
    if mine.version != new.seen:
        raise Outdated(CHANGED_MEANWHILE)
    mine.version += 1
    lists = (None, None, None) if new.rules.hotfix == HOTFIX else _lists(new.rules.hotfix)
    mine.hotfix_labels, mine.hotfix_branches, mine.hotfix_titles = lists
    mine.production = sorted(new.rules.environments.production)
    mine.not_production = sorted(new.rules.environments.others)
    mine.save()
    Team.objects.filter(pk=current_team_id()).update(definition_version=F("definition_version") + 1)


def _make_row() -> None:
    """Unless there is one: what nobody can hold, nobody waits for."""
    columns = ("version", "production", "not_production")
    bulk.insert(TeamRules, current_team_id(), columns, [(1, [], [])], keep_existing=True)


def _lists(rule: HotfixRule) -> tuple[list[str], ...]:
    return list(rule.labels), list(rule.branches), list(rule.titles)


def _rules(row: Sequence[Any]) -> Rules:
    *lists, production, others = row
    hotfix = HOTFIX if lists[0] is None else HotfixRule(*map(tuple, lists))
    return Rules(hotfix, EnvironmentRule(frozenset(production), frozenset(others)))
