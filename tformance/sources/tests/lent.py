"""A session as sync lends it, with what a test wants to know about it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tformance.sources.contract import Allowance

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def noon() -> datetime:
    return NOW


@dataclass
class Lent:
    token: str = "secret"
    memory: dict[str, Any] = field(default_factory=dict)
    clock: Callable[[], datetime] = noon
    requests: int = 0
    points: int = 0
    left: dict[str, Allowance] = field(default_factory=dict)

    def secret(self) -> str:
        return self.token

    def spend(self, requests: int, points: int, left: Allowance | None = None) -> None:
        self.requests += requests
        self.points += points
        if left:
            self.left[left.kind] = left
