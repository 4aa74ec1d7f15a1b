"""A session as sync lends it, with what a test wants to know about it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

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
    remaining: int | None = None
    limit: int | None = None
    reset_at: datetime | None = None

    def secret(self) -> str:
        return self.token

    def spend(
        self, requests: int, points: int, remaining: int | None, reset_at: datetime | None, limit: int | None = None
    ) -> None:
        self.requests += requests
        self.points += points
        self.remaining, self.reset_at, self.limit = remaining, reset_at, limit
