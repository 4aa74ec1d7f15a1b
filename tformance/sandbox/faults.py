"""Failures on demand, decided by a seed and the request itself, so that every run fails in the same places."""

from collections import Counter
from dataclasses import dataclass, fields
from enum import StrEnum
from hashlib import blake2b
from threading import Lock
from typing import Any, TypeVar


class Fault(StrEnum):
    BAD_GATEWAY = "502"
    GATEWAY_TIMEOUT = "504"
    RESET = "reset"
    TIMEOUT = "timeout"
    SECONDARY = "secondary"
    EXPIRED = "expired"
    PARTIAL = "partial"


@dataclass(frozen=True)
class Chances:
    """What may go wrong at any provider; shares are between 0 and 1. Written as `fail=0.1,hook_lose=0.2,…`."""

    fail: float = 0.0  # share of answers that are 502, 504 or a closed connection
    timeout: float = 0.0  # share of answers that come as 504 after `timeout_seconds`
    timeout_seconds: float = 10.0
    partial: float = 0.0  # share of GraphQL answers with one object missing and an error beside the data
    retry_after: int = 1
    repeat: int = 2  # the same request fails at most so many times by chance
    window: int = 3600  # seconds
    seed: int = 0
    hook_lose: float = 0.0  # share of webhook messages that never arrive and stand in the log as failed
    hook_silent: float = 0.0  # share that never arrive and stand nowhere
    hook_repeat: float = 0.0  # share that arrive twice
    hook_swap: float = 0.0  # share that arrive after the next one
    hook_delay: float = 0.0  # share that arrive `hook_delay_seconds` late
    hook_delay_seconds: float = 5.0


@dataclass(frozen=True)
class Spec(Chances):
    """What may go wrong at GitHub."""

    expire_after: int = 0  # the first token expires after so many requests
    max_page: int = 0  # 502 for every query that asks for more pull requests than this
    secondary_after: int = 0  # after so many requests all are refused with 403 or 429 for `retry_after` seconds
    limit: int = 1_000_000  # GraphQL points and REST requests per window; GitHub's own is 5000
    no_reports: int = 0  # 1: the policy that Copilot's usage reports need is missing
    late_days: int = 0  # so many of the newest days have no usage report yet
    link_seconds: float = 300.0  # how long the link to a usage report lives


Of = TypeVar("Of", bound=Chances)


def parse_spec(text: str, kind: type[Of] = Spec) -> Of:  # type: ignore[assignment]
    """Raises ValueError with one clear sentence."""
    kinds: dict[str, Any] = {each.name: each.type for each in fields(kind)}
    values: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, value = part.partition("=")
        if name not in kinds:
            raise ValueError(f"Unknown fault '{name}'; known are {', '.join(kinds)}")
        try:
            values[name] = kinds[name](value)
        except ValueError:
            raise ValueError(f"The fault '{name}' needs a number, not '{value}'") from None
    return kind(**values)


class Luck:
    """Failures by chance; the same request is let through after `repeat` of them."""

    def __init__(self, spec: Chances) -> None:
        self.chances = spec
        self._attempts: Counter[bytes] = Counter()
        self._lock = Lock()

    def draw(self, digest: bytes) -> Fault | None:
        """Asked once per request."""
        spec = self.chances
        if not (spec.fail or spec.timeout or spec.partial):
            return None
        with self._lock:
            attempt = self._attempts[digest]
            if attempt >= spec.repeat:
                return None
            fault = self._chance(digest, attempt)
            self._attempts[digest] += 1 if fault else spec.repeat
        return fault

    def _chance(self, digest: bytes, attempt: int) -> Fault | None:
        spec = self.chances
        key = blake2b(digest, digest_size=16, salt=f"{spec.seed}/{attempt}".encode()[:16]).digest()
        draw, choice = int.from_bytes(key[:8]) / 2**64, key[8] % 3
        for share, fault in (
            (
                spec.fail,
                (Fault.BAD_GATEWAY, Fault.GATEWAY_TIMEOUT, Fault.RESET)[choice],
            ),
            (spec.timeout, Fault.TIMEOUT),
            (spec.partial, Fault.PARTIAL),
        ):
            if draw < share:
                return fault
            draw -= share
        return None


class Faults(Luck):
    """The failures of one local GitHub; `strike` is asked once per request."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.spec = spec
        self.requests = 0
        self._blocked_until = 0.0

    def gate(self, first_token: bool, now: float) -> Fault | None:
        """Faults of the connection as a whole: expired token, secondary limit."""
        with self._lock:
            self.requests += 1
            if self.spec.expire_after and first_token and self.requests > self.spec.expire_after:
                return Fault.EXPIRED
            every = self.spec.secondary_after
            if every and self.requests % every == 0:
                self._blocked_until = now + self.spec.retry_after
            return Fault.SECONDARY if now < self._blocked_until else None

    def strike(self, digest: bytes, pulls: int) -> Fault | None:
        """Faults of this very request."""
        if self.spec.max_page and pulls > self.spec.max_page:
            return Fault.BAD_GATEWAY
        return self.draw(digest)
