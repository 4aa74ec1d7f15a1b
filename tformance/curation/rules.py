"""What admins decide about how the team's facts are read: what a hotfix is, and which environments are production.

Each change is one transaction with its lines of the audit log, and all that is stored follows in the background. Raises
Outdated where somebody else changed the rules meanwhile, and Refused where they cannot be so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Count, Max

from tformance.accounts import audit
from tformance.accounts.models import User
from tformance.accounts.tenancy import current_team_id
from tformance.curation.deciding import deciding
from tformance.curation.groups import Refused
from tformance.facts.derive.deployments import EnvironmentRule, is_called_production
from tformance.facts.derive.outcome import HotfixRule
from tformance.facts.derive.rules import Rules
from tformance.facts.models.delivery import Deployment
from tformance.facts.rules import NewRules, in_force
from tformance.facts.write import write_rules
from tformance.measures.narrow import filtered, within
from tformance.measures.query import Filters, Period
from tformance.measures.rows.pull_requests import MERGED
from tformance.sync import hint

MOST_WORDS: Final = 20  # of a kind
LONGEST_WORD: Final = 60
MOST_ENVIRONMENTS: Final = 500
MOST_SHOWN: Final = 100
KINDS: Final = {"labels": "label", "branches": "branch prefix", "titles": "title prefix"}

Decided = bool | None  # production, not production, or as by its name


@dataclass(frozen=True, slots=True)
class Environment:
    """One that deployments went to, in any repository; what was decided about it, and what its name says."""

    name: str
    deployments: int
    latest: datetime | None
    decided: Decided
    by_name: bool


@dataclass(frozen=True, slots=True)
class Environments:
    """Those that are shown, of so many that there are."""

    shown: tuple[Environment, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Share:
    hotfixes: int
    merged: int


def environments(rule: EnvironmentRule, words: str = "") -> Environments:
    """Those with these words in their name, what was decided first, then what was deployed to last. Inside `tenant()`."""
    rows = Deployment.objects.values("environment").annotate(of=Count("*"), latest=Max("deployed_at")).order_by()
    if words:
        rows = rows.filter(environment__icontains=words)
    seen = {name: (of, latest) for name, of, latest in rows.values_list("environment", "of", "latest")}
    silent = {name for name in rule.production | rule.others if name not in seen and words.lower() in name.lower()}
    found = [
        Environment(name, of, latest, decided(rule, name), is_called_production(name))
        for name, (of, latest) in {**seen, **dict.fromkeys(silent, (0, None))}.items()
    ]
    found.sort(key=lambda each: (each.decided is None, -(each.latest.timestamp() if each.latest else 0), each.name))
    return Environments(tuple(found[:MOST_SHOWN]), len(found))


def decided(rule: EnvironmentRule, name: str) -> Decided:
    return True if name in rule.production else False if name in rule.others else None


def hotfixes(rule: HotfixRule, period: Period) -> Share:
    """How many of the pull requests that were merged in a period are hotfixes by this rule, automation aside. Inside `tenant()`."""
    merged = filtered(MERGED, Filters()).filter(within(MERGED.anchor, period.start, period.end))
    found = [rule.matches(*said) for said in merged.values_list("labels", "head_ref", "title").iterator()]
    return Share(sum(found), len(found))


def change_hotfixes(team_id: int, user: User, rule: HotfixRule, seen: int) -> bool:
    """Returns whether that is news; `seen` is the version of the rules that it was made of."""
    _check(rule)
    with deciding(team_id):
        before = in_force().rules
        return _store(user, before, replace(before, hotfix=rule), seen, "rules_hotfix", _words(before.hotfix, rule))


def change_environments(team_id: int, user: User, said: Mapping[str, Decided], seen: int) -> bool:
    """As `change_hotfixes`; environments that nothing is said of stay what they are."""
    with deciding(team_id):
        before = in_force().rules
        rule = _with(before.environments, said)
        unknown = sorted(said.keys() - before.environments.production - before.environments.others - _deployed(said))
        if unknown:
            raise Refused(f"Nothing was deployed to “{unknown[0]}”, so nothing can be decided about it.")
        changes = _moves(before.environments, rule, said)
        return _store(user, before, replace(before, environments=rule), seen, "rules_environment", changes)


def _deployed(names: Iterable[str]) -> set[str]:
    return set(Deployment.objects.filter(environment__in=sorted(names)).values_list("environment", flat=True))


def _store(user: User, before: Rules, after: Rules, seen: int, what: str, changes: Iterable[str]) -> bool:
    """The same again is no change, whatever was seen."""
    if before == after:
        return False
    write_rules(NewRules(after, seen), team_id=current_team_id())
    for about in changes:
        audit.record(user, what, about)
    transaction.on_commit(hint.follow_rules)
    return True


def _check(rule: HotfixRule) -> None:
    for kind, name in KINDS.items():
        words: tuple[str, ...] = getattr(rule, kind)
        if len(words) > MOST_WORDS:
            raise Refused(f"There can be {MOST_WORDS} of these at most.")
        if not all(0 < len(word) <= LONGEST_WORD for word in words):
            raise Refused(f"A {name} has 1 to {LONGEST_WORD} characters.")


def _words(before: HotfixRule, after: HotfixRule) -> Iterator[str]:
    for kind, name in KINDS.items():
        had, has = getattr(before, kind), getattr(after, kind)
        yield from (f"{name} “{word}”: not named → a hotfix" for word in has if word not in had)
        yield from (f"{name} “{word}”: a hotfix → not named" for word in had if word not in has)


def _with(rule: EnvironmentRule, said: Mapping[str, Decided]) -> EnvironmentRule:
    production = (rule.production - said.keys()) | {name for name, is_one in said.items() if is_one}
    others = (rule.others - said.keys()) | {name for name, is_one in said.items() if is_one is False}
    if len(production) + len(others) > MOST_ENVIRONMENTS:
        raise Refused(f"At most {MOST_ENVIRONMENTS} environments can be decided about; all others go by their name.")
    return EnvironmentRule(frozenset(production), frozenset(others))


def _moves(before: EnvironmentRule, after: EnvironmentRule, names: Iterable[str]) -> Iterator[str]:
    words: dict[Decided, str] = {True: "production", False: "not production", None: "as by its name"}
    for name in sorted(names):
        had, has = decided(before, name), decided(after, name)
        if had != has:
            yield f"{name}: {words[had]} → {words[has]}"
