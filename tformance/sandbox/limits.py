"""GitHub's hourly budgets, one for GraphQL points and one for REST requests."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock


@dataclass
class Budget:
    """Points of one resource; a window begins with the first request after the last window ended."""

    resource: str
    limit: int
    seconds: int
    used: int = 0
    reset_at: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def spend(self, points: int) -> bool:
        """False when nothing is left; the last points may be overdrawn, as at GitHub."""
        with self._lock:
            now = time.time()
            if now >= self.reset_at:
                self.used, self.reset_at = 0, now + self.seconds
            if self.used >= self.limit:
                return False
            self.used += points
            return True

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Used": str(min(self.used, self.limit)),
            "X-RateLimit-Reset": str(int(self.reset_at) + 1),
            "X-RateLimit-Resource": self.resource,
        }

    def state(self) -> dict[str, int]:
        """As REST's `/rate_limit` shows it."""
        reset = int(self.reset_at or time.time() + self.seconds) + 1
        return {
            "limit": self.limit,
            "used": min(self.used, self.limit),
            "remaining": self.remaining,
            "reset": reset,
        }

    def columns(self, cost: int, nodes: int) -> dict[str, int | str]:
        """Columns of the GraphQL type `RateLimit`."""
        reset = datetime.fromtimestamp(int(self.reset_at) + 1, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = self.state()
        return {
            "cost": cost,
            "limit": known["limit"],
            "remaining": known["remaining"],
            "used": known["used"],
            "reset_at": reset,
            "node_count": nodes,
        }
