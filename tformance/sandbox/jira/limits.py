"""What Jira refuses for a while: bursts at one endpoint, and an hour's points of an app."""

import time
from collections import Counter
from dataclasses import dataclass
from threading import Lock

from tformance.sandbox.faults import Chances


@dataclass(frozen=True)
class Spec(Chances):
    """What may go wrong at Jira."""

    burst_after: int = 0  # every so many requests to an endpoint it is refused with 429 for `retry_after` seconds
    quota: int = 0  # points per window for tokens from consent: one a request and one per object in the answer
    forbid: str = ""  # key of a project the API user may not browse
    gone_field: str = ""  # id of a field that is neither listed nor answered
    malformed: str = ""  # key of an issue whose fields are not what they should be
    fetch_error: str = ""  # key of an issue that a bulk fetch cannot read
    repeat_token: int = 0  # 1: the last page of a search names itself as the next one
    index_seconds: int = 0  # so long a search does not find an issue that was changed


class Limits:
    """Counts requests by endpoint and points in all."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._lock = Lock()
        self._requests: Counter[str] = Counter()
        self._blocked: dict[str, float] = {}
        self._points, self._reset_at = 0, 0.0

    def burst(self, endpoint: str) -> dict[str, str] | None:
        """Headers of the refusal, None where the endpoint may be asked."""
        if not self.spec.burst_after:
            return None
        now = time.time()
        with self._lock:
            if now >= self._blocked.get(endpoint, 0.0):
                self._requests[endpoint] += 1
                if self._requests[endpoint] % self.spec.burst_after:
                    return None
                self._blocked[endpoint] = now + self.spec.retry_after
            left = self._blocked[endpoint] - now
        return _refusal("jira-burst-based", left)

    def quota(self) -> dict[str, str] | None:
        """Headers of the refusal, None while there are points."""
        now = time.time()
        with self._lock:
            if now >= self._reset_at:
                self._points, self._reset_at = 0, now + self.spec.window
            if not self.spec.quota or self._points < self.spec.quota:
                return None
            left = self._reset_at - now
        return _refusal("jira-quota-tenant-based", left)

    def spend(self, points: int) -> None:
        with self._lock:
            self._points += points

    def headers(self) -> dict[str, str]:
        """The state of the quota beside an answer."""
        if not self.spec.quota:
            return {}
        with self._lock:
            left, seconds = max(0, self.spec.quota - self._points), max(0, int(self._reset_at - time.time()))
        return {
            "X-RateLimit-Limit": str(self.spec.quota),
            "X-RateLimit-Remaining": str(left),
            "Beta-RateLimit-Policy": f'"tenant-app-quota";q={self.spec.quota};w={self.spec.window}',
            "Beta-RateLimit": f'"tenant-app-quota";r={left};t={seconds}',
        }


def _refusal(reason: str, seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, int(seconds + 0.999))), "RateLimit-Reason": reason}
