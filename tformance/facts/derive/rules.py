"""What a team may decide about how its facts are read. Plain Python."""

from dataclasses import dataclass
from typing import Final

from tformance.facts.derive.deployments import BY_NAME, EnvironmentRule
from tformance.facts.derive.outcome import HOTFIX, HotfixRule


@dataclass(frozen=True, slots=True)
class Rules:
    hotfix: HotfixRule = HOTFIX
    environments: EnvironmentRule = BY_NAME


PLAIN: Final = Rules()  # of a team that decided nothing, and where there is no team
